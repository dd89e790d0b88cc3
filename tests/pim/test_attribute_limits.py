"""What Akeneo's attributes ask of their values is asked here too; what it cannot be is counted."""

from datetime import datetime
from pathlib import Path

import pytest

from pim.catalogue.models import Product
from tests.pim.sets import bring_in, refused, write_set

pytestmark = pytest.mark.django_db

HEADER = "code;type;localizable;scopable"
SKU = "sku;pim_catalog_identifier;0;0"


def with_limit(
    place: Path, column: str, said: str, value: str, *, kind: str = "text", also: str = ""
) -> Path:
    """A set of one mug that says the value of an attribute with that limit."""
    columns, cells = [column, *also.split("=", 1)[:1]], [said, *also.split("=", 1)[1:]]
    named = [name for name in columns if name]
    definition = ";".join(["thing", f"pim_catalog_{kind}", "0", "0", *cells])
    return write_set(
        place / "mugs",
        attributes=f"{HEADER};{';'.join(named)}\n{SKU}{';' * len(named)}\n{definition}",
        products=f'sku;thing\nmug;"{value}"',
    )


@pytest.mark.parametrize(
    ("kind", "column", "limit", "good", "bad", "reason"),
    [
        ("text", "max_characters", "3", "abc", "abcd", "too_long"),
        ("number", "number_min", "10", "10", "9", "too_small"),
        ("number", "number_max", "10.5", "10.5", "11", "too_large"),
        ("number", "decimals_allowed", "0", "4", "4.5", "not_whole"),
        ("number", "negative_allowed", "0", "0", "-1", "negative"),
        ("date", "date_min", "2026-01-01", "2026-01-01", "2025-12-31", "out_of_range"),
        ("date", "date_max", "2026-01-01", "2026-01-01", "2026-01-02", "out_of_range"),
        ("text", "validation_rule", "email", "a@b.fi", "a@b", "wrong_form"),
        ("text", "validation_rule", "url", "https://b.fi/x", "b.fi", "wrong_form"),
        ("image", "allowed_extensions", "jpg,png", "a.png", "a.gif", "wrong_extension"),
    ],
)
def test_a_limit_holds(
    tmp_path: Path, now: datetime, *, kind: str, column: str, limit: str, good: str, bad: str, reason: str
) -> None:
    done = bring_in(with_limit(tmp_path / "good", column, limit, good, kind=kind), now)
    assert refused(done) == []

    done = bring_in(with_limit(tmp_path / "bad", column, limit, bad, kind=kind), now)
    assert refused(done) == [("products.csv", 2, "thing", reason)]


@pytest.mark.parametrize(
    ("pattern", "good", "bad"),
    [("/^[A-Z]{2}[0-9]+$/", "AB12", "AB12x"), ("/^ab/i", "ABc", "cab"), ("#[0-9]$#", "a1", "1a")],
)
def test_a_regular_expression_holds(tmp_path: Path, now: datetime, pattern: str, good: str, bad: str) -> None:
    regexp = f"validation_regexp={pattern}"

    done = bring_in(with_limit(tmp_path / "good", "validation_rule", "regexp", good, also=regexp), now)
    assert (refused(done), done.left) == ([], {})

    done = bring_in(with_limit(tmp_path / "bad", "validation_rule", "regexp", bad, also=regexp), now)
    assert refused(done) == [("products.csv", 2, "thing", "wrong_pattern")]


@pytest.mark.parametrize("pattern", ["/^(a+)+$/", "/(a|b)\\1/", "/[a/", "^a$", "/^a$/x", "/^(a{1,9}){1,9}$/"])
def test_what_cannot_be_matched_safely_is_counted_and_keeps_nothing_out(
    tmp_path: Path, now: datetime, pattern: str
) -> None:
    regexp = f"validation_regexp={pattern}"

    done = bring_in(with_limit(tmp_path, "validation_rule", "regexp", "a" * 40, also=regexp), now)

    assert (refused(done), done.left) == ([], {"attributes.validation_rule": 1})
    assert Product.objects.filter(code="mug").exists()


def test_what_has_no_use_here_is_counted(tmp_path: Path, now: datetime) -> None:
    done = bring_in(with_limit(tmp_path, "wysiwyg_enabled", "1", "x", also="default_value=y"), now)

    assert done.left == {"attributes.default_value": 1, "attributes.wysiwyg_enabled": 1}


@pytest.mark.parametrize(("column", "said"), [("number_min", "ten"), ("max_characters", "few")])
def test_a_limit_that_is_no_number_keeps_the_attribute_out(
    tmp_path: Path, now: datetime, column: str, said: str
) -> None:
    done = bring_in(with_limit(tmp_path, column, said, "x"), now)

    assert refused(done) == [("attributes.csv", 3, column, "invalid")]
    assert Product.objects.get(code="mug").values == {}
