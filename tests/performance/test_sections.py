"""Two commands write one page of figures, and neither spoils what the other found."""

from pathlib import Path

from tests.performance.sections import PEOPLE, put_section, section_of

BEFORE = "# Performance\n\n## Buying\n\nmuch\n\n## Repeat it\n\nso\n"


def test_a_section_is_put_at_the_end_and_then_replaced_where_it_is(tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    page.write_text(BEFORE)

    put_section(page, PEOPLE, f"{PEOPLE}\n\nslow\n")
    page.write_text(page.read_text() + "\n## More\n\nof it\n")
    put_section(page, PEOPLE, f"{PEOPLE}\n\nfast \\1\n")

    assert page.read_text() == f"{BEFORE}\n{PEOPLE}\n\nfast \\1\n\n## More\n\nof it\n"
    assert section_of(page, PEOPLE) == f"{PEOPLE}\n\nfast \\1\n"


def test_a_page_without_the_section_has_none_to_keep(tmp_path: Path) -> None:
    page = tmp_path / "performance.md"

    assert section_of(page, PEOPLE) == ""
    page.write_text(BEFORE)
    assert section_of(page, PEOPLE) == ""
