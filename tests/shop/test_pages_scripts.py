"""The pages' scripts as files: what they import is there, what they say stands in the page, and nothing is inline."""

import re
import shutil
from pathlib import Path

import pytest
from django.conf import settings
from django.test import override_settings

from config.kernel.static_files import StaticFiles

SHOP = Path(settings.BASE_DIR) / "shop"
SCRIPTS = SHOP / "static" / "shop"
TEMPLATES = SHOP / "templates"

_IMPORT = re.compile(r'from "\./([\w.-]+\.js)"')
_LOADED = re.compile(r'{% static "shop/([\w.-]+\.js)" %}')
_INCLUDED = re.compile(r'{% include "([\w/.]+)"')
_FRAMED = re.compile(r"{{ frame\.(\w+) }}")  # rendered once for every page, from a template of that name
_EXTENDED = re.compile(r'{% extends "([\w/.]+)"')


def scripts_of(name: str) -> set[str]:
    """The script and all that it imports."""
    found, waiting = set(), [name]
    while waiting:
        script = waiting.pop()
        if script not in found:
            found.add(script)
            waiting += _IMPORT.findall((SCRIPTS / script).read_text())
    return found


def text_of(template: str) -> str:
    """The template with what it includes and extends, and what stands round every page."""
    text = (TEMPLATES / template).read_text()
    framed = [f"site/frame/{name}.html" for name in _FRAMED.findall(text)]
    return text + "".join(
        text_of(name) for name in (*_INCLUDED.findall(text), *framed, *_EXTENDED.findall(text))
    )


PAGES = sorted(
    str(path.relative_to(TEMPLATES))
    for path in (TEMPLATES / "site").glob("*.html")
    if _LOADED.search(path.read_text())
)


@pytest.mark.parametrize("page", PAGES)
def test_every_word_that_a_pages_scripts_say_stands_in_the_page(page: str) -> None:
    text = text_of(page)
    told = set(re.findall(r'data-word="(\w+)"', text))
    scripts = set().union(*(scripts_of(name) for name in _LOADED.findall(text)))

    said = {word for name in scripts for word in re.findall(r'\bword\("(\w+)"', (SCRIPTS / name).read_text())}

    assert said <= told


def test_what_is_imported_is_there() -> None:
    for script in SCRIPTS.glob("*.js"):
        for name in _IMPORT.findall(script.read_text()):
            assert (SCRIPTS / name).is_file(), f"{script.name} imports {name}"


def test_in_production_scripts_import_each_other_by_their_contents(tmp_path: Path) -> None:
    shutil.copytree(SCRIPTS, tmp_path / "shop")
    with override_settings(DEBUG=False, STATIC_URL="/static/"):
        storage = StaticFiles(location=str(tmp_path), base_url="/static/")
        files = {str(path.relative_to(tmp_path)): path for path in tmp_path.rglob("*.*")}
        problems = [
            done
            for _, _, done in storage.post_process({name: (storage, name) for name in files})
            if done is False
        ]
        named = storage.hashed_files["shop/cart.js"]

    assert not problems
    imports = _IMPORT.findall((tmp_path / named).read_text())
    assert imports
    assert all(re.fullmatch(r"\w+\.[0-9a-f]{12}\.js", name) for name in imports)


def test_the_dark_changes_nothing_but_colours() -> None:
    sheet = re.sub(r"/\*.*?\*/", "", (SCRIPTS / "polku.css").read_text(encoding="utf-8"), flags=re.DOTALL)

    (dark,) = re.findall(r"@media \(prefers-color-scheme: dark\) \{\s*:root \{(.*?)\}\s*\}", sheet, re.DOTALL)

    assert sheet.count("prefers-color-scheme") == 1
    assert "light-dark(" not in sheet
    changed = [each.strip() for each in dark.split(";") if each.strip()]
    assert changed
    assert [each for each in changed if not re.fullmatch(r"--[a-z-]+: #[0-9a-f]{6}", each)] == []
