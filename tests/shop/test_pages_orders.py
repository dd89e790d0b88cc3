"""An order's pages over HTTP: paying, following, sending back and withdrawing, for whom the cookies let in."""

import re

import pytest
from django.conf import settings
from django.test import override_settings

from orders.agreement.queries import order_link_token
from orders.notices.queries import order_link
from orders.payment.models import PaymentAttempt
from tests.browsers import Browser
from tests.factories.goods import CUSHION
from tests.factories.world import (
    World,
    announced_return,
    delivered_order,
    nobodys_id,
    place,
    place_unpaid,
    ready_cart,
    shipped_order,
)
from tests.shop.test_pages_cart import read, seen

pytestmark = pytest.mark.django_db

REAL = {
    "STRIPE_API_KEY": "sk_test_x",
    "STRIPE_PUBLISHABLE_KEY": "pk_test_x",
    "STRIPE_API_BASE": settings.STRIPE_OWN_API_BASE,
}


@pytest.fixture
def page(world: World) -> Browser:
    browser = Browser(Accept_Language="fi")
    browser.arrives()
    return browser


def test_an_order_shows_what_was_agreed(page: Browser) -> None:
    bought = place(ready_cart(page))

    shown = read(page, f"/fi/orders/{bought.order_id}")

    assert f"Tilaus {bought.body['number']}" in shown
    assert "Kiitos. Se on sinun." in shown
    assert "1 × Sohva Aava, Hiekka" in shown
    assert "Lasku, 14 päivää" in shown
    assert 'id="cancel"' in shown


def test_an_order_is_listed_in_the_browser_that_bought_it(page: Browser) -> None:
    bought = place(ready_cart(page))

    assert bought.body["number"] in read(page, "/fi/orders")
    assert bought.body["number"] in read(page, "/fi/account")
    assert "Täällä ei ole vielä tilauksia." in read(Browser(), "/fi/orders")


@pytest.mark.parametrize("tail", ["", "/return", "/withdraw"])
def test_an_order_that_is_not_hers_is_not_there(page: Browser, world: World, tail: str) -> None:
    bought = place(ready_cart(world.guest()))

    for order_id in (bought.order_id, nobodys_id()):
        for browser in (page, Browser()):
            assert "Tämä polku päättyy tähän." in read(browser, f"/fi/orders/{order_id}{tail}", 404)
    read(page, f"/fi/pay/{bought.order_id}", 404)


def test_no_secret_stands_in_the_pages_of_an_order(page: Browser) -> None:
    bought = place(ready_cart(page))
    secret = page.client.cookies["orders"].value.partition(".")[2]

    for tail in ("", "/return", "/withdraw"):
        assert secret not in read(page, f"/fi/orders/{bought.order_id}{tail}")
    assert secret not in read(page, "/fi/orders")


def test_what_a_provider_adds_to_the_address_is_dropped(page: Browser) -> None:
    bought = place(ready_cart(page))
    here = f"/fi/orders/{bought.order_id}"

    back = seen(page, f"{here}?payment_intent=pi_1&payment_intent_client_secret=pi_1_secret_2", 302)

    assert back["Location"] == here
    assert back["Cache-Control"] == "no-store"


def test_an_order_that_waits_for_its_bank_says_so_and_looks_again(page: Browser) -> None:
    bought = place_unpaid(ready_cart(page))

    shown = read(page, f"/fi/orders/{bought.order_id}")

    assert "Odotamme pankkia" in shown
    assert "data-waiting" in shown
    assert f"/fi/pay/{bought.order_id}" in shown


def test_a_payment_that_failed_is_told_and_tried_again(page: Browser) -> None:
    bought = place_unpaid(ready_cart(page))
    PaymentAttempt.objects.update(state="failed", failure="insufficient_funds")

    shown = read(page, f"/fi/orders/{bought.order_id}")
    assert "Ei vielä maksettu" in shown
    assert "Kortilla ei ollut tarpeeksi katetta." in shown
    assert "data-waiting" not in shown

    with override_settings(STRIPE_API_KEY="sk_test_x"):
        pay = read(page, f"/fi/pay/{bought.order_id}")
    assert "Kortilla ei ollut tarpeeksi katetta." in pay
    assert re.search(r'value="card" checked', pay)


def test_what_cannot_pay_an_order_stands_there_with_the_reason(page: Browser) -> None:
    with override_settings(STRIPE_API_KEY="sk_test_x"):
        bought = place_unpaid(ready_cart(page))
        with_provider = read(page, f"/fi/pay/{bought.order_id}")

    without = read(page, f"/fi/pay/{bought.order_id}")

    assert ways_off(with_provider) == {}
    assert ways_off(without) == dict.fromkeys(("card", "mobilepay"), "Ei juuri nyt käytettävissä.")
    refusal = page.is_refused(
        "POST", f"/store/v1/orders/{bought.order_id}/payments", {"payment_method": "card"}
    )
    assert refusal == (422, "payment_method_unavailable")


def ways_off(pay: str) -> dict[str, str]:
    """The payment methods of the page that cannot be chosen, and why."""
    ways = re.findall(r'<label class="way way-off"><input[^>]* value="(\w+)" disabled>.*?</label>', pay)
    reasons = re.findall(r'<label class="way way-off">.*?<span class="muted">([^<]*)</span>', pay)
    return dict(zip(ways, reasons, strict=True))


def test_an_order_that_is_paid_has_nothing_to_pay(page: Browser) -> None:
    bought = place(ready_cart(page))

    assert seen(page, f"/fi/pay/{bought.order_id}", 302)["Location"] == f"/fi/orders/{bought.order_id}"


def test_the_payment_page_alone_may_load_stripe_and_only_with_a_real_account(page: Browser) -> None:
    bought = place_unpaid(ready_cart(page))

    plain = seen(page, f"/fi/pay/{bought.order_id}")
    with override_settings(**REAL):
        real = seen(page, f"/fi/pay/{bought.order_id}")
        elsewhere = seen(page, f"/fi/orders/{bought.order_id}")

    assert "https://js.stripe.com/v3/" in real.content.decode()
    policy = real["Content-Security-Policy"]
    assert re.search(r"script-src 'self' https://js\.stripe\.com", policy)
    assert re.search(r"frame-src https://js\.stripe\.com", policy)
    assert "unsafe" not in policy
    for response in (plain, elsewhere):
        assert "stripe" not in response["Content-Security-Policy"]
        assert "js.stripe.com" not in response.content.decode()


def test_where_a_parcel_is_stands_on_the_orders_page(page: Browser, world: World) -> None:
    bought = shipped_order(page, world.person("clerk_x"))

    shown = read(page, f"/fi/orders/{bought.order_id}")

    assert "Lähetys 1" in shown
    assert "Lähetyksesi on lähtenyt meiltä." in shown
    assert 'class="timeline"' in shown
    assert 'id="cancel"' not in shown


def test_what_was_delivered_can_be_chosen_to_go_back(page: Browser, world: World) -> None:
    bought = delivered_order(page, world.person("clerk_x"), **{CUSHION: 2})

    assert f"/fi/orders/{bought.order_id}/return" in read(page, f"/fi/orders/{bought.order_id}")
    shown = read(page, f"/fi/orders/{bought.order_id}/return")
    assert 'max="2"' in shown
    assert "Muutin mieltäni" in shown


def test_what_is_coming_back_shows_the_code_for_the_box(page: Browser, world: World) -> None:
    bought, return_id = announced_return(page, world.person("clerk_x"))
    code = bought.shopper.says("GET", bought.path)["returns"][0]["label_code"]

    shown = read(page, f"/fi/orders/{bought.order_id}")

    assert f'id="return-{return_id}"' in shown
    assert code in shown
    assert "data:image/svg+xml" in shown


def test_a_withdrawal_shows_what_it_covers_and_then_its_receipt(page: Browser) -> None:
    bought = place(ready_cart(page))
    here = f"/fi/orders/{bought.order_id}/withdraw"

    assert "1 × Sohva Aava" in read(page, here)
    assert "Peruuta sopimus täällä" in read(page, here)
    draft = page.says("POST", f"{bought.path}/withdrawal")
    page.says("POST", f"{bought.path}/withdrawal/{draft['id']}/confirm")

    shown = read(page, here)
    assert "Vastaanotettu" in shown
    assert bought.body["number"] in shown


def test_anybody_can_withdraw_from_the_foot_of_every_page(world: World) -> None:
    guest = world.guest()

    assert 'href="/fi/withdraw"' in read(guest, "/fi/")
    assert 'name="order_number"' in read(guest, "/fi/withdraw")


def test_a_messages_link_leads_to_the_page_that_opens_it_in_her_language(page: Browser) -> None:
    bought = place(ready_cart(page))

    link = order_link(order_id=bought.order_id, language="sv")
    address, _, token = link.partition("#")
    assert address == f"{settings.PUBLIC_URL}/sv/orders/open"
    assert "hash" not in read(Browser(), "/sv/orders/open")

    other = Browser()
    other.arrives()
    other.says("POST", "/store/v1/orders/open", {"token": order_link_token(order_id=bought.order_id)})
    assert token
    assert bought.body["number"] in read(other, f"/sv/orders/{bought.order_id}")


def test_a_browser_that_asks_too_often_gets_a_page_that_says_so(page: Browser) -> None:
    bought = place(ready_cart(page))
    with override_settings(
        RATE_LIMITS={**settings.RATE_LIMITS, "store.lookup": (1, settings.RATE_LIMITS["store.lookup"][1])}
    ):
        read(page, "/fi/withdraw")
        response = seen(page, f"/fi/orders/{bought.order_id}", 429)

    assert "Hetkinen" in response.content.decode()
    assert int(response["Retry-After"]) > 0
    assert response["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("wanted", "leads_to"),
    [
        ("/fi/checkout", "/fi/checkout"),
        ("//evil.example/", "/fi/account"),
        ("https://evil.example/", "/fi/account"),
        ("/\\evil.example", "/fi/account"),
        ("javascript:alert(1)", "/fi/account"),
        ("evil", "/fi/account"),
        ("", "/fi/account"),
    ],
)
def test_nobody_is_led_elsewhere_after_signing_in(page: Browser, wanted: str, leads_to: str) -> None:
    response = page.client.get("/fi/sign-in", {"next": wanted})

    assert f'data-then="{leads_to}"' in response.content.decode()
