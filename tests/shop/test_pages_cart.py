"""The cart's and the checkout's page over HTTP: what stands on them, for whom, and what never does."""

import re
from html import unescape

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext

from config.kernel.actors import system
from config.kernel.dispatcher import run_pending
from shop.pricing.services import change_price
from tests.browsers import Browser
from tests.callers import Caller
from tests.factories.goods import CUSHION, LIST, SAND, named
from tests.factories.world import ADDRESS, World, filled_cart, hand_over, ready_cart
from tests.shop.conftest import Shop

pytestmark = pytest.mark.django_db

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(1)>"


@pytest.fixture
def page(world: World) -> Browser:
    browser = Browser(Accept_Language="fi")
    browser.arrives()
    return browser


def read(caller: Caller, path: str, /, status: int = 200, **headers: str) -> str:
    return unescape(seen(caller, path, status, **headers).content.decode())


def seen(caller: Caller, path: str, /, status: int = 200, **headers: str) -> HttpResponse:
    response = caller.tries("GET", path, **headers)
    assert response.status_code == status, f"{path}: {response.status_code} {response.content!r}"
    return response


def test_an_empty_cart_leads_back_into_the_shop(page: Browser) -> None:
    for path in ("/fi/cart", "/fi/checkout"):
        assert "Ostoskori on vielä tyhjä." in read(page, path)


def test_the_cart_shows_what_the_api_says_of_it(page: Browser) -> None:
    filled_cart(page, **{SAND: 1, CUSHION: 2})

    shown = read(page, "/fi/cart")

    assert "Sohva Aava" in shown
    assert "Kangas: Hiekka" in shown
    assert re.search(r'value="2" inputmode="numeric" data-act="units"', shown)
    assert "1\N{NO-BREAK SPACE}299\N{NO-BREAK SPACE}€" in shown
    assert f"/fi/p/sohva-aava?sku={SAND}" in shown


def test_the_cart_is_read_without_a_script_and_says_what_needs_one(page: Browser) -> None:
    filled_cart(page)

    assert "<noscript>" in read(page, "/fi/cart")
    assert "Tilaaminen tarvitsee JavaScriptiä." in read(page, "/fi/checkout")


@pytest.mark.parametrize(("code", "heading"), [("fi", "Ostoskori"), ("sv", "Varukorg"), ("en", "Cart")])
def test_the_cart_is_in_the_language_of_its_address(page: Browser, code: str, heading: str) -> None:
    filled_cart(page)

    shown = read(page, f"/{code}/cart")

    assert f"<h1>{heading}</h1>" in shown
    assert {"fi": "Kangas: Hiekka", "sv": "Tyg: ", "en": "Fabric: Sand"}[code] in shown


@pytest.mark.parametrize("path", ["/fi/cart", "/fi/checkout", "/fi/orders", "/fi/account", "/fi/sign-in"])
def test_what_is_hers_is_kept_by_nobody(page: Browser, path: str) -> None:
    response = seen(page, path)

    assert response["Cache-Control"] == "no-store"
    assert response["X-Robots-Tag"] == "noindex"


def test_somebody_elses_browser_sees_nothing_of_it(page: Browser, world: World) -> None:
    cart = filled_cart(page)

    other = Browser()
    other.arrives()
    other.client.cookies["cart"] = f"{cart.cart_id}.polku_cart_guessed"

    assert "Ostoskori on vielä tyhjä." in read(other, "/fi/cart")


def test_no_secret_stands_in_a_page_or_its_addresses(page: Browser) -> None:
    filled_cart(page)
    secret = page.client.cookies["cart"].value.partition(".")[2]

    for path in ("/fi/cart", "/fi/checkout"):
        assert secret not in read(page, path)


def test_who_added_a_line_and_who_sees_the_cart_is_said(page: Browser, world: World) -> None:
    cart = filled_cart(page)
    clerk = world.person("clerk_x")
    hand_over(cart, clerk)
    clerk.says("POST", f"{cart.staff_path}/lines", {"sku": CUSHION, "quantity": 1})

    shown = read(page, "/fi/cart")

    clerk_name = page.says("GET", cart.path)["actors"][0]["label"]
    assert re.search(rf"Lisännyt {clerk_name}, Polku Helsinki", shown)
    assert f"{clerk_name}, Polku Helsinki, näkee ostoskorisi" in shown
    assert 'data-act="take-back"' in shown


def test_what_has_changed_since_is_explained_and_can_be_accepted(page: Browser, world: World) -> None:
    cart = filled_cart(page)
    change_price(price_list=LIST, sku=SAND, minor=139_900, by=system("tests"), now=world.now)
    run_pending(now=world.now)

    shown = read(page, "/fi/cart").replace("\N{NO-BREAK SPACE}", " ")
    assert "Sohva Aava maksaa nyt 1 399 € eikä enää 1 299 €." in shown
    assert 'data-act="accept"' in shown

    page.says("PATCH", cart.path, {})
    assert "Viime käyntisi jälkeen" not in read(page, "/fi/cart")


def test_what_is_short_is_said_and_cannot_be_accepted_away(page: Browser) -> None:
    cart = filled_cart(page, **{CUSHION: 1})
    page.says("PATCH", f"{cart.path}/lines/{cart.line(CUSHION)['id']}", {"quantity": 999})

    shown = read(page, "/fi/cart")

    assert re.search(r": saatavilla vain \d+\.", shown)
    assert 'data-act="accept"' not in shown


def test_only_the_part_that_changes_is_fetched_by_a_script(page: Browser) -> None:
    filled_cart(page)

    for path, part in (("/fi/cart", "basket-lines"), ("/fi/checkout", "step-delivery")):
        shown = read(page, path, HX_Request="true")
        assert "<html" not in shown
        assert part in shown


def test_a_checkout_that_has_become_empty_has_no_part_to_show(page: Browser) -> None:
    assert seen(page, "/fi/checkout", 204, HX_Request="true").content == b""


def test_the_checkout_asks_for_little_and_browsers_can_fill_it_in(page: Browser) -> None:
    filled_cart(page)

    shown = read(page, "/fi/checkout")

    fields = dict(re.findall(r'name="(\w+)" type="\w+" autocomplete="([\w-]+)"', shown))
    assert fields == {
        "email": "email",
        "name": "name",
        "phone": "tel",
        "street": "street-address",
        "postcode": "postal-code",
        "city": "address-level2",
    }


def test_the_checkout_shows_ways_days_prices_and_why_one_cannot_be_chosen(page: Browser) -> None:
    cart = ready_cart(page)
    said = page.says("GET", f"{cart.path}/delivery-options")["groups"][0]["options"]

    shown = read(page, "/fi/checkout")

    for option in said:
        assert f'id="delivery-{option["option"]}-{option["store"] or ""}"' in shown
        assert option["label"] in shown
    assert re.search(r'id="delivery-parcel-"[^>]*checked', shown)
    assert ADDRESS["street"] in shown
    assert shown.count("disabled") >= sum(not option["available"] for option in said)


def test_a_payment_that_is_not_available_says_why(page: Browser) -> None:
    ready_cart(page)

    shown = read(page, "/fi/checkout")

    assert re.search(r'value="card" disabled>.*?Ei juuri nyt käytettävissä\.', shown, re.DOTALL)
    assert re.search(r'value="invoice">', shown)


def test_stored_text_never_runs_in_cart_and_checkout(shop: Shop, page: Browser) -> None:
    change_price(price_list=LIST, sku="HOSTILE-1", minor=5_000, by=system("tests"), now=shop.now)
    shop.publishes("hostile", named(fi=HOSTILE), {"HOSTILE-1": {}})
    cart = filled_cart(page, HOSTILE_1=1)
    page.says("PATCH", cart.path, {"name": HOSTILE, "street": '"><svg onload=alert(1)>'})

    for path in ("/fi/cart", "/fi/checkout"):
        raw = seen(page, path).content.decode()
        assert "<script>alert" not in raw
        assert "<img src=x" not in raw
        assert "<svg onload" not in raw


@pytest.mark.parametrize("path", ["/fi/cart", "/fi/checkout"])
def test_a_page_runs_no_inline_script_and_loads_ours_only(page: Browser, path: str) -> None:
    ready_cart(page)
    response = seen(page, path)
    policy, raw = response["Content-Security-Policy"], response.content.decode()

    assert "script-src 'self';" in f"{policy};"
    assert "stripe" not in policy
    assert "unsafe" not in policy
    assert re.findall(r"<script(?![^>]*\bsrc=)", raw) == []
    assert re.findall(r'\s(?:on[a-z]+|style)="', raw) == []


@pytest.mark.parametrize(("path", "most"), [("/fi/cart", 7), ("/fi/checkout", 15)])
def test_pages_cost_the_same_however_much_is_in_the_cart(page: Browser, path: str, most: int) -> None:
    cart = ready_cart(page)
    read(page, path)
    with CaptureQueriesContext(connection) as few:
        read(page, path)
    page.says("POST", f"{cart.path}/lines", {"sku": CUSHION, "quantity": 3})

    with CaptureQueriesContext(connection) as more:
        read(page, path)

    assert len(more) == len(few) <= most


def test_a_code_for_the_clerk_comes_as_a_picture_too(page: Browser) -> None:
    cart = filled_cart(page)

    given = page.says("POST", f"{cart.path}/hand-over-codes")

    assert given["qr"].startswith("data:image/svg+xml")
    assert given["code"] not in given["qr"], "it is drawn, not written"


def test_a_promise_is_made_for_a_postcode_before_there_is_a_cart(world: World) -> None:
    shown = read(world.guest(), f"/fi/p/sohva-aava?sku={SAND}&postal_code=00100", HX_Request="true")

    assert "<html" not in shown
    assert "promise-days" in shown


def test_what_is_no_postcode_is_said_so(world: World) -> None:
    assert "Tällaista postinumeroa ei ole." in read(world.guest(), "/fi/p/sohva-aava?postal_code=@@@")


def test_an_own_page_answers_no_header_of_an_api_client(world: World) -> None:
    cart = ready_cart(world.guest())

    assert "Ostoskori on vielä tyhjä." in read(cart.shopper, "/fi/cart")
