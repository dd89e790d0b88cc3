"""The tablet's screens over HTTP: in the language of their address, empty for everybody, nothing foreign in them."""

import re
from datetime import datetime
from pathlib import Path
from uuid import UUID

import pytest

from config.kernel.db import open_transaction
from orders.api import invite_device, set_pin
from tests.browsers import Tablet
from tests.callers import Caller, etag, refusal
from tests.factories.goods import CUSHION, HELSINKI, SAND
from tests.factories.world import World, filled_cart

TEMPLATES = Path(__file__).parents[2] / "shop" / "templates" / "tablet"
SCRIPTS = Path(__file__).parents[2] / "shop" / "static" / "shop"
SCREENS = ("", "carts", f"carts/{UUID(int=7)}", "pick-ups", "returns")


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
    said = {
        word
        for first in re.findall(r"\bword\(([^,)]*)", script.read_text())
        for word in re.findall(r'"(\w+)"', first)
    }
    screen = TEMPLATES / f"{script.stem.removeprefix('tablet-').replace('-', '_')}.html"
    written = (TEMPLATES / "parts" / "words.html").read_text()
    written += screen.read_text() if screen.exists() else ""

    assert said - set(re.findall(r'data-word="(\w+)"', written)) == set()


@pytest.mark.parametrize("script", sorted(SCRIPTS.glob("tablet*.js")), ids=lambda path: path.name)
def test_no_script_writes_markup_from_what_it_was_told(script: Path) -> None:
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b", script.read_text()
    )


# --- What a screen's scripts send -----------------------------------------------------------------------------


@pytest.fixture
def unlocked(world: World, now: datetime) -> Tablet:
    """A registered tablet in Helsinki that its clerk has unlocked, as the screens know it: by cookies alone."""
    with open_transaction():
        code = invite_device(location=HELSINKI, name="tablet 7", now=now)
        set_pin(user_ref=world.users["clerk_x"].public_id, pin="2468", now=now)
    tablet = Tablet(Accept_Language="en")
    tablet.arrives()
    tablet.says("POST", "/staff/v1/devices", {"code": code})
    (clerk,) = tablet.arrives()["clerks"]
    tablet.says("POST", "/staff/v1/unlock", {"clerk_id": clerk["id"], "pin": "2468"})
    return tablet


def test_a_clerk_serves_a_shopper_from_the_code_to_her_own_phone(unlocked: Tablet, world: World) -> None:
    cart = filled_cart(world.guest())
    code = cart.shopper.says("POST", f"{cart.path}/hand-over-codes", {})["code"]

    opened = unlocked.says("POST", "/staff/v1/carts/open", {"code": code})
    (found,) = unlocked.says("GET", f"/staff/v1/products?sku={CUSHION}")["items"]
    added = unlocked.says(
        "POST", f"{cart.staff_path}/lines", {"sku": found["variants"][0]["sku"], "quantity": 2}
    )
    unlocked.says("POST", f"{cart.staff_path}/close", {"to_pay": True})

    assert opened["recent"][0]["sku"] == SAND
    assert added["recent"][0]["by"]["label"] == "Clerk X"
    hers = cart.shopper.says("GET", cart.path)
    assert hers["lines"][1]["added_by"]["label"] == "Clerk X"
    assert hers["handed_back"]["label"] == "Clerk X"
    assert unlocked.says("GET", "/staff/v1/carts") == {"items": []}


def test_who_was_overtaken_is_told_the_present_version_and_nothing_is_lost(
    unlocked: Tablet, world: World
) -> None:
    cart = filled_cart(world.guest())
    code = cart.shopper.says("POST", f"{cart.path}/hand-over-codes", {})["code"]
    seen = unlocked.says("POST", "/staff/v1/carts/open", {"code": code})
    line = f"{cart.staff_path}/lines/{seen['lines'][0]['id']}"
    cart.shopper.says("PATCH", f"{cart.path}/lines/{seen['lines'][0]['id']}", {"quantity": 3})

    response = unlocked.tries("PATCH", line, {"quantity": 2}, If_Match=etag(seen["version"]))

    assert refusal(response) == (412, "version_conflict")
    fresh = unlocked.says("GET", cart.staff_path)
    assert [(each["before"], each["after"]) for each in fresh["recent"]] == [(1, 3), (0, 1)]
    assert (
        unlocked.says("PATCH", line, {"quantity": 2}, If_Match=etag(fresh["version"]))["lines"][0]["quantity"]
        == 2
    )


def test_a_foreign_page_writes_nothing_with_the_tablets_cookies(unlocked: Tablet, world: World) -> None:
    cart = filled_cart(world.guest())
    code = cart.shopper.says("POST", f"{cart.path}/hand-over-codes", {})["code"]

    foreign = unlocked.without_token()

    assert foreign.is_refused("POST", "/staff/v1/carts/open", {"code": code}) == (403, "csrf_failed")


def test_a_locked_tablet_finds_nothing(unlocked: Tablet) -> None:
    unlocked.says("POST", "/staff/v1/lock", {})

    assert unlocked.is_refused("GET", "/staff/v1/products?q=sofa") == (401, "not_authenticated")
