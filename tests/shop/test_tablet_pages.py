"""The tablet's screens over HTTP: in the language of their address, empty for everybody, nothing foreign in them."""

import re
from pathlib import Path
from uuid import uuid4

import pytest

from tests.callers import Caller
from tests.factories.world import World

TEMPLATES = Path(__file__).parents[2] / "shop" / "templates" / "tablet"
SCRIPTS = Path(__file__).parents[2] / "shop" / "static" / "shop"
SCREENS = ("", "carts", f"carts/{uuid4()}", "pick-ups", "returns")


@pytest.fixture
def tablet(world: World) -> Caller:
    """A device that nobody has registered."""
    return world.guest()


def read(tablet: Caller, path: str, status: int = 200) -> str:
    response = tablet.tries("GET", path)
    assert response.status_code == status
    return response.content.decode()


def test_the_tablet_leads_to_the_language_that_it_is_set_to(tablet: Caller) -> None:
    response = tablet.tries("GET", "/tablet/", Accept_Language="sv-FI,sv;q=0.9")

    assert (response.status_code, response["Location"]) == (302, "/tablet/sv/")
    assert "Accept-Language" in response["Vary"]


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize(("language", "word"), [("fi", "Lukitse"), ("sv", "Lås"), ("en", "Lock")])
def test_a_screen_is_in_the_language_of_its_address(
    tablet: Caller, language: str, word: str, screen: str
) -> None:
    page = read(tablet, f"/tablet/{language}/{screen}")

    assert f">{word}</button>" in page
    assert re.search(rf'<html lang="{language}[^"]*"', page)


def test_a_language_that_the_market_does_not_speak_has_no_screens(tablet: Caller) -> None:
    read(tablet, "/tablet/de/", 404)


@pytest.mark.parametrize("screen", SCREENS)
def test_a_screen_shows_the_same_to_a_clerk_and_to_a_stranger(
    tablet: Caller, world: World, screen: str
) -> None:
    def plain(caller: Caller) -> str:
        return re.sub(r'nonce="[^"]*"', "", read(caller, f"/tablet/fi/{screen}"))

    assert plain(tablet) == plain(world.person("clerk_x"))


@pytest.mark.parametrize("screen", SCREENS)
def test_a_screen_loads_ours_only_and_runs_nothing_inline(tablet: Caller, screen: str) -> None:
    response = tablet.tries("GET", f"/tablet/en/{screen}")
    policy, page = response["Content-Security-Policy"], response.content.decode()

    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<script(?![^>]*\bsrc=)", page)
    assert not re.search(r'\son[a-z]+="|\sstyle="', page)
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page)
    assert response["X-Robots-Tag"] == "noindex"
    assert "public" not in response["Cache-Control"]


def test_screens_cost_no_statement(tablet: Caller, django_assert_num_queries: object) -> None:
    read(tablet, "/tablet/fi/")
    with django_assert_num_queries(0):  # type: ignore[operator]
        read(tablet, "/tablet/fi/")


@pytest.mark.parametrize("script", sorted(SCRIPTS.glob("tablet*.js")), ids=lambda path: path.name)
def test_every_word_that_a_script_says_stands_in_its_screen(script: Path) -> None:
    said = {word for word in re.findall(r'\bword\(\s*"(\w+)"', script.read_text()) if not word.endswith("_")}
    screen = TEMPLATES / f"{script.stem.removeprefix('tablet-').replace('-', '_')}.html"
    written = (TEMPLATES / "parts" / "words.html").read_text()
    written += screen.read_text() if screen.exists() else ""

    assert said - set(re.findall(r'data-word="(\w+)"', written)) == set()


@pytest.mark.parametrize("script", sorted(SCRIPTS.glob("tablet*.js")), ids=lambda path: path.name)
def test_no_script_writes_markup_from_what_it_was_told(script: Path) -> None:
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b", script.read_text()
    )
