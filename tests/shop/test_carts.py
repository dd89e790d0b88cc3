"""A cart on whichever device: lines, versions, prices, languages, and who touched what."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from config.kernel.actors import system
from config.kernel.db import open_transaction
from config.kernel.dispatcher import run_pending
from config.kernel.models import StoredEvent
from orders.api import set_stock
from shop.cart.models import Cart, CartLine, LineTouch
from shop.pricing.services import change_price
from tests.callers import Caller, etag, problem
from tests.factories.goods import CUSHION, DELIVERY_PRICE, HELSINKI, LIST, MOSS, OTHER_KEY, PRICES, SAND
from tests.factories.world import ADDRESS, Basket, World, empty_cart, filled_cart, nobodys_id, ready_cart
from tests.shop.conftest import Shop
from tests.unchanged import nothing_happens

BY = system("tests")


@pytest.fixture
def cart(world: World) -> Basket:
    """A guest's cart with one sofa."""
    return filled_cart(world.guest())


def euros(minor: int) -> dict[str, str]:
    return {"amount": f"{Decimal(minor) / 100:.2f}", "currency": "EUR"}


def repriced(sku: str, minor: int, now: datetime) -> None:
    change_price(price_list=LIST, sku=sku, minor=minor, by=BY, now=now)
    run_pending(now=now)


def counted(sku: str, units: int, now: datetime) -> None:
    with open_transaction():
        set_stock(location=HELSINKI, units={sku: units}, by=BY, now=now)
    run_pending(now=now)


# --- A new cart --------------------------------------------------------------------------------------------


def test_a_guests_new_cart_is_empty_and_its_secret_is_told_once(world: World) -> None:
    guest = world.guest()

    response = guest.tries("POST", "/store/v1/carts", {})
    cart = response.json()

    assert response.status_code == 201
    assert (response["Location"], response["ETag"]) == (f"/store/v1/carts/{cart['id']}", '"v1"')
    assert (cart["version"], cart["state"], cart["lines"], cart["changes"]) == (1, "open", [], [])
    assert cart["totals"]["total"] == euros(0)
    again = guest.says("GET", response["Location"], X_Cart_Secret=cart["secret"])
    assert "secret" not in again
    assert again == {name: value for name, value in cart.items() if name != "secret"}


def test_a_secret_is_kept_as_a_digest_only(world: World) -> None:
    secret = empty_cart(world.guest()).shopper.headers["X_Cart_Secret"]

    assert len(secret) > 40
    assert secret.encode() not in bytes(Cart.objects.get().secret_digest or b"")


def test_a_signed_in_shoppers_cart_needs_no_secret_on_any_device(world: World) -> None:
    cart = empty_cart(world.person("shopper_a"))

    assert "secret" not in cart.body
    assert world.person("shopper_a").says("GET", cart.path)["id"] == str(cart.cart_id)


def test_a_cart_is_opened_in_the_market_that_the_key_names(world: World) -> None:
    at_home, abroad = empty_cart(world.guest()), empty_cart(world.guest(X_Api_Key=OTHER_KEY))

    assert (at_home.body["channel"], at_home.body["totals"]["total"]["currency"]) == ("fi-web", "EUR")
    assert (abroad.body["channel"], abroad.body["totals"]["total"]["currency"]) == ("se-web", "SEK")


def test_a_cart_is_opened_in_the_market_that_the_host_names(world: World) -> None:
    assert empty_cart(world.guest(X_Api_Key="")).body["channel"] == "fi-web"


def test_a_key_that_is_unknown_opens_no_cart(world: World) -> None:
    with nothing_happens():
        assert world.guest(X_Api_Key="pk_wrong").is_refused("POST", "/store/v1/carts", {}) == (
            400,
            "unknown_market",
        )


def test_a_cart_stays_in_the_market_it_was_opened_in(cart: Basket) -> None:
    abroad = cart.shopper.carrying(X_Api_Key=OTHER_KEY)

    with nothing_happens():
        answer = problem(abroad.tries("POST", f"{cart.path}/lines", {"sku": CUSHION, "quantity": 1}))

    assert (answer["status"], answer["code"]) == (409, "currency_mismatch")
    assert (answer["cart"], answer["request"]) == ("fi-web", "se-web")
    assert abroad.says("GET", cart.path)["channel"] == "fi-web", "looking at it is not switching"


# --- Lines -------------------------------------------------------------------------------------------------


def test_a_line_says_what_it_is_in_full(cart: Basket) -> None:
    (line,) = cart.shopper.says("GET", cart.path, Accept_Language="fi")["lines"]

    assert line == {
        "id": line["id"],
        "sku": SAND,
        "name": "Sohva Aava",
        "product": "sohva-aava",
        "options": [{"label": "Kangas", "value": "Hiekka"}],
        "image": None,
        "quantity": 1,
        "unit_price": euros(129_900),
        "line_total": euros(129_900),
        "available": True,
        "withdrawal_excluded": None,
        "added_by": {"kind": "guest", "label": "", "store": "", "at": line["added_by"]["at"]},
    }


def test_units_of_one_sku_share_a_line_whatever_its_case(cart: Basket) -> None:
    first = cart.line(SAND)
    cart.shopper.says("POST", f"{cart.path}/lines", {"sku": SAND.lower(), "quantity": 2})
    body = cart.shopper.says("POST", f"{cart.path}/lines", {"sku": MOSS, "quantity": 1})

    assert [(line["sku"], line["quantity"]) for line in body["lines"]] == [(SAND, 3), (MOSS, 1)]
    assert body["lines"][0]["id"] == first["id"]


def test_a_line_holds_999_units_at_most(cart: Basket) -> None:
    cart.shopper.says("PATCH", f"{cart.path}/lines/{cart.line(SAND)['id']}", {"quantity": 999})

    with nothing_happens():
        answer = problem(cart.shopper.tries("POST", f"{cart.path}/lines", {"sku": SAND, "quantity": 1}))

    assert (answer["status"], answer["code"]) == (400, "invalid_quantity")
    assert answer["errors"][0]["params"] == {"in_cart": 999, "limit": 999}


def test_a_cart_holds_200_lines_at_most(cart: Basket, now: datetime) -> None:
    row = Cart.objects.get()
    CartLine.objects.bulk_create(
        CartLine(
            cart=row,
            sku=f"GONE-{number}",
            quantity=1,
            unit_gross_minor=1,
            added_by_kind="guest",
            added_at=now,
        )
        for number in range(199)
    )

    with nothing_happens():
        answer = problem(cart.shopper.tries("POST", f"{cart.path}/lines", {"sku": CUSHION, "quantity": 1}))

    assert (answer["status"], answer["code"]) == (400, "too_many_lines")
    assert answer["errors"][0]["params"] == {"limit": 200}
    assert cart.shopper.tries("POST", f"{cart.path}/lines", {"sku": SAND, "quantity": 1}).status_code == 201


def test_every_write_answers_the_whole_cart(cart: Basket) -> None:
    line = cart.line(SAND)["id"]
    for method, tail, body in (
        ("PATCH", "", {"city": "Espoo"}),
        ("POST", "/lines", {"sku": CUSHION, "quantity": 1}),
        ("PATCH", f"/lines/{line}", {"quantity": 2}),
        ("PUT", "/deliveries/main", {"option": "parcel"}),
        ("DELETE", f"/lines/{line}", None),
        ("POST", "/take-back", {}),
    ):
        assert cart.shopper.says(method, cart.path + tail, body) == cart.shopper.says("GET", cart.path), tail


def test_a_line_that_is_removed_is_gone_and_a_second_removal_finds_none(cart: Basket) -> None:
    path = f"{cart.path}/lines/{cart.line(SAND)['id']}"

    assert cart.shopper.says("DELETE", path)["lines"] == []
    with nothing_happens():
        assert cart.shopper.is_refused("DELETE", path) == (404, "not_found")


def test_who_touched_a_line_is_kept_for_ever(world: World) -> None:
    cart = filled_cart(world.person("shopper_a"))
    line = cart.line(SAND)
    cart.shopper.says("PATCH", f"{cart.path}/lines/{line['id']}", {"quantity": 3})
    cart.shopper.says("DELETE", f"{cart.path}/lines/{line['id']}")

    touches = LineTouch.objects.order_by("id").values(
        "sku", "quantity_before", "quantity_after", "actor_kind", "actor_label"
    )
    by_her = {"sku": SAND, "actor_kind": "shopper", "actor_label": "Shopper A"}
    assert list(touches) == [
        by_her | {"quantity_before": 0, "quantity_after": 1},
        by_her | {"quantity_before": 1, "quantity_after": 3},
        by_her | {"quantity_before": 3, "quantity_after": 0},
    ]


# --- Versions ----------------------------------------------------------------------------------------------


def test_every_write_raises_the_version_and_tells_whoever_watches(cart: Basket) -> None:
    before, told = cart.version, StoredEvent.objects.filter(name="shop.cart_changed").count()

    response = cart.shopper.tries("PATCH", cart.path, {"city": "Espoo"})

    assert response.json()["version"] == before + 1
    assert response["ETag"] == etag(before + 1) == cart.shopper.tries("GET", cart.path)["ETag"]
    events = StoredEvent.objects.filter(name="shop.cart_changed").order_by("id")
    assert events.count() == told + 1
    assert [(event.about, event.data["version"]) for event in events][-1] == (cart.cart_id, before + 1)


@pytest.mark.parametrize("write", ["line", "details", "quantity", "removal", "delivery"])
def test_a_write_for_a_version_that_is_no_longer_is_refused(cart: Basket, write: str) -> None:
    line = cart.line(SAND)["id"]
    method, tail, body = {
        "line": ("POST", "/lines", {"sku": CUSHION, "quantity": 1}),
        "details": ("PATCH", "", {"city": "Espoo"}),
        "quantity": ("PATCH", f"/lines/{line}", {"quantity": 2}),
        "removal": ("DELETE", f"/lines/{line}", None),
        "delivery": ("PUT", "/deliveries/main", {"option": "parcel"}),
    }[write]
    current = cart.version

    with nothing_happens():
        answer = problem(cart.shopper.tries(method, cart.path + tail, body, If_Match=etag(current - 1)))

    assert (answer["status"], answer["code"], answer["current_version"]) == (412, "version_conflict", current)
    assert cart.shopper.tries(method, cart.path + tail, body, If_Match=etag(current)).status_code < 300


@pytest.mark.parametrize("header", ["v2", '"2"', "2", '"v2", "v3"', "*"])
def test_a_version_that_is_none_of_ours_matches_nothing(cart: Basket, header: str) -> None:
    with nothing_happens():
        assert cart.shopper.is_refused("PATCH", cart.path, {}, If_Match=header) == (412, "version_conflict")


def test_a_version_that_a_proxy_weakened_still_counts(cart: Basket) -> None:
    assert cart.shopper.tries("PATCH", cart.path, {}, If_Match=f"W/{etag(cart.version)}").status_code == 200


# --- The same request twice --------------------------------------------------------------------------------


@pytest.mark.parametrize("write", ["line", "quantity", "removal", "delivery"])
def test_a_repeated_request_has_one_effect_and_the_same_answer(cart: Basket, write: str) -> None:
    line = cart.line(SAND)["id"]
    method, tail, body = {
        "line": ("POST", "/lines", {"sku": CUSHION, "quantity": 1}),
        "quantity": ("PATCH", f"/lines/{line}", {"quantity": 2}),
        "removal": ("DELETE", f"/lines/{line}", None),
        "delivery": ("PUT", "/deliveries/main", {"option": "parcel"}),
    }[write]
    first = cart.shopper.tries(method, cart.path + tail, body, Idempotency_Key="once")

    with nothing_happens():
        again = cart.shopper.tries(method, cart.path + tail, body, Idempotency_Key="once")

    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert "Idempotent-Replayed" not in first
    assert again["Idempotent-Replayed"] == "true"


def test_a_repetition_shows_the_cart_as_it_is_now(cart: Basket) -> None:
    wish = ("POST", f"{cart.path}/lines", {"sku": CUSHION, "quantity": 1})
    cart.shopper.says(*wish, Idempotency_Key="once")
    cart.shopper.says(*wish, Idempotency_Key="twice")

    again = cart.shopper.says(*wish, Idempotency_Key="once")

    assert [line["quantity"] for line in again["lines"]] == [1, 2]


def test_one_shoppers_key_says_nothing_of_anothers(world: World) -> None:
    for cart in (empty_cart(world.guest()), empty_cart(world.guest()), empty_cart(world.person("shopper_a"))):
        wish = {"sku": CUSHION, "quantity": 1}
        response = cart.shopper.tries("POST", f"{cart.path}/lines", wish, Idempotency_Key="1")

        assert "Idempotent-Replayed" not in response
        assert len(response.json()["lines"]) == 1


def test_a_refused_request_is_decided_afresh(cart: Basket, now: datetime, shop: Shop) -> None:
    wish = ("POST", f"{cart.path}/lines", {"sku": "LAMP", "quantity": 1})
    assert cart.shopper.is_refused(*wish, Idempotency_Key="k") == (409, "not_available")
    change_price(price_list=LIST, sku="LAMP", minor=5_000, by=BY, now=now)
    shop.publishes("lamp", {"name": {"*": {"fi": "Lamppu"}}}, {"LAMP": {}})

    assert cart.shopper.tries(*wish, Idempotency_Key="k").status_code == 201


# --- Prices, stock, and what has changed meanwhile ---------------------------------------------------------


def test_a_line_keeps_the_price_she_saw_and_says_what_it_is_now(cart: Basket, now: datetime) -> None:
    repriced(SAND, 149_900, now)

    body = cart.shopper.says("GET", cart.path)

    assert body["lines"][0]["unit_price"] == euros(129_900)
    assert body["totals"]["goods"] == euros(129_900)
    assert body["changes"] == [
        {
            "code": "price_changed",
            "line_id": body["lines"][0]["id"],
            "sku": SAND,
            "old": euros(129_900),
            "new": euros(149_900),
        }
    ]


@pytest.mark.parametrize(
    ("method", "tail", "wish"),
    [
        ("PATCH", "", {}),
        ("POST", "/lines", {"sku": CUSHION, "quantity": 1}),
        ("PUT", "/deliveries/main", {"option": "parcel"}),
    ],
)
def test_any_write_accepts_the_current_prices(
    cart: Basket, now: datetime, method: str, tail: str, wish: Any
) -> None:
    repriced(SAND, 149_900, now)

    body = cart.shopper.says(method, cart.path + tail, wish)

    assert body["changes"] == []
    assert body["lines"][0]["unit_price"] == euros(149_900)


def test_what_is_no_longer_sold_stays_in_the_cart_and_is_said(cart: Basket, shop: Shop) -> None:
    shop.withdraws("sofa")

    body = cart.shopper.says("GET", cart.path)

    assert body["changes"] == [{"code": "not_available", "line_id": body["lines"][0]["id"], "sku": SAND}]
    assert (body["lines"][0]["name"], body["lines"][0]["available"]) == (SAND, False)


def test_more_than_there_is_goes_into_the_cart_and_is_said(cart: Basket, now: datetime) -> None:
    counted(SAND, 2, now)

    body = cart.shopper.says("PATCH", f"{cart.path}/lines/{cart.line(SAND)['id']}", {"quantity": 3})

    assert body["changes"] == [
        {"code": "out_of_stock", "line_id": body["lines"][0]["id"], "sku": SAND, "available": 2}
    ]
    assert body["lines"][0]["available"] is False
    assert body["lines"][0]["quantity"] == 3


def test_the_sums_are_those_of_the_lines_and_their_taxes(cart: Basket) -> None:
    cart.shopper.says("POST", f"{cart.path}/lines", {"sku": CUSHION, "quantity": 3})
    body = cart.shopper.says("PUT", f"{cart.path}/deliveries/main", {"option": "parcel"})

    totals = body["totals"]
    goods = PRICES[SAND] + 3 * PRICES[CUSHION]
    assert totals["goods"] == euros(goods)
    assert totals["delivery"] == euros(DELIVERY_PRICE)
    assert totals["total"] == euros(goods + DELIVERY_PRICE)
    (group,) = totals["taxes"]
    assert group["rate"] == "0.255"
    assert group["gross"] == totals["total"]
    assert Decimal(group["net"]["amount"]) + Decimal(group["tax"]["amount"]) == Decimal(
        group["gross"]["amount"]
    )
    assert abs(
        Decimal(group["tax"]["amount"]) - Decimal(group["net"]["amount"]) * Decimal("0.255")
    ) < Decimal("0.01")


# --- Languages ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "accepted", "read"),
    [
        ("", "fi", ("Sohva Aava", "Kangas", "fi")),
        ("", "sv", ("Soffa Aava", "Tyg", "sv-FI")),
        ("", "de, en;q=0.8, fi;q=0.1", ("Aava sofa", "Fabric", "en")),
        ("?locale=en", "fi", ("Aava sofa", "Fabric", "en")),
        ("?locale=sv-fi", "fi", ("Soffa Aava", "Tyg", "sv-FI")),
    ],
)
def test_names_are_in_the_language_that_is_asked_for(
    cart: Basket, query: str, accepted: str, read: tuple[str, str, str]
) -> None:
    response = cart.shopper.tries("GET", cart.path + query, Accept_Language=accepted)
    (line,) = response.json()["lines"]

    assert (line["name"], line["options"][0]["label"], response["Content-Language"]) == read
    assert response.json()["locale"] == read[2]


def test_a_cart_speaks_the_language_it_was_opened_in_until_another_is_asked_for(world: World) -> None:
    cart = filled_cart(world.guest(Accept_Language="sv"))

    assert cart.shopper.says("GET", cart.path, Accept_Language="")["lines"][0]["name"] == "Soffa Aava"
    assert cart.shopper.says("GET", cart.path, Accept_Language="zz")["lines"][0]["name"] == "Soffa Aava"


def test_a_language_that_nobody_speaks_here_is_refused(cart: Basket) -> None:
    answer = problem(cart.shopper.tries("GET", f"{cart.path}?locale=de"))

    assert (answer["status"], answer["code"]) == (400, "unknown_locale")
    assert answer["errors"][0]["params"] == {"choices": ["fi", "sv-FI", "en"]}


# --- Who she is, and how it travels ------------------------------------------------------------------------


def test_what_is_missing_is_said_in_the_order_in_which_it_is_asked(cart: Basket) -> None:
    body = cart.shopper.says("GET", cart.path)
    assert [(missing["step"], missing["field"]) for missing in body["requirements"]] == [
        ("contact", "email"),
        ("address", "name"),
        ("address", "street"),
        ("address", "postcode"),
        ("address", "city"),
        ("delivery", "option"),
    ]

    body = cart.shopper.says("PATCH", cart.path, ADDRESS)
    assert [missing["code"] for missing in body["requirements"]] == ["delivery_missing"]

    body = cart.shopper.says("PUT", f"{cart.path}/deliveries/main", {"option": "parcel"})
    assert body["requirements"] == []


def test_what_she_told_is_what_stands_there(cart: Basket) -> None:
    body = cart.shopper.says("PATCH", cart.path, ADDRESS)

    assert body["contact"] == {name: ADDRESS[name] for name in ("email", "name", "phone")}
    assert body["address"] == {name: ADDRESS[name] for name in ("street", "postcode", "city")} | {
        "country": "FI"
    }


def test_a_field_that_is_left_out_stays_as_it_is(cart: Basket) -> None:
    cart.shopper.says("PATCH", cart.path, ADDRESS)

    body = cart.shopper.says("PATCH", cart.path, {"city": "Espoo"})

    assert body["address"]["city"] == "Espoo"
    assert body["contact"]["email"] == ADDRESS["email"]


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("email", "aino@example.fi\r\nBcc: all@example.fi", "invalid_email"),
        ("email", "aino@@example.fi", "invalid_email"),
        ("email", "aino", "invalid_email"),
        ("email", "a" * 250 + "@example.fi", "invalid_email"),
        ("name", "x" * 10_000, "too_long"),
        ("name", "Aino \u202enitriV", "invalid_character"),
        ("name", "Aino\nVirtanen", "invalid_character"),
        ("name", 7, "not_a_text"),
        ("name", "  ", "blank"),
        ("street", None, "null"),
        ("postcode", "00100; DROP", "invalid_postcode"),
        ("country", "Finland", "invalid_country"),
        ("country", "ZZ", "invalid_country"),
        ("country", "fi", "invalid_country"),
    ],
)
def test_what_cannot_be_is_refused_by_field(cart: Basket, field: str, value: Any, code: str) -> None:
    with nothing_happens():
        answer = problem(cart.shopper.tries("PATCH", cart.path, ADDRESS | {field: value}))

    assert (answer["status"], answer["code"], answer["field"]) == (400, code, field)


@pytest.mark.parametrize("name", ["Aino Virtanen-Åström", "Zoë 🛋️", "李小龙", "أمينة", "O'Brien"])
def test_people_are_called_as_they_are_called(cart: Basket, name: str) -> None:
    assert cart.shopper.says("PATCH", cart.path, {"name": name})["contact"]["name"] == name


def test_a_country_that_is_not_served_is_refused(cart: Basket) -> None:
    with nothing_happens():
        answer = problem(cart.shopper.tries("PATCH", cart.path, {"country": "SE"}))

    assert (answer["status"], answer["code"], answer["served"]) == (422, "country_not_served", ["FI"])


def test_a_delivery_has_a_price_and_a_promise_in_her_language(cart: Basket, now: datetime) -> None:
    response = cart.shopper.says("GET", f"{cart.path}/delivery-options")

    (group,) = response["groups"]
    (offer,) = group["options"]
    assert (group["group"], offer["option"], offer["label"]) == ("main", "parcel", "Kotiinkuljetus")
    assert offer["price"] == euros(DELIVERY_PRICE)
    earliest, latest = (date.fromisoformat(offer["promise"][name]) for name in ("earliest_on", "latest_on"))
    assert now.date() < earliest < latest
    chosen = cart.shopper.says("PUT", f"{cart.path}/deliveries/main", {"option": "parcel"})["deliveries"]
    del offer["available"], offer["reason"]
    assert [(one["group"], one["chosen"], len(one["lines"])) for one in chosen] == [("main", offer, 1)]


def test_deliveries_are_named_in_the_language_she_reads_in_now(cart: Basket) -> None:
    def named(query: str = "", **headers: str) -> str:
        (group,) = cart.shopper.says("GET", f"{cart.path}/delivery-options{query}", **headers)["groups"]
        return str(group["options"][0]["label"])

    assert named(Accept_Language="sv") == named("?locale=sv-FI") == "Hemleverans"
    assert named(Accept_Language="") == "Kotiinkuljetus"


def test_it_can_be_paid_on_invoice(world: World) -> None:
    cart = ready_cart(world.guest())

    methods = cart.shopper.says("GET", f"{cart.path}/payment-methods")["methods"]

    assert {"code": "invoice", "available": True, "reason": None} in methods


def test_a_parameter_that_is_not_known_is_refused(cart: Basket) -> None:
    for path in (cart.path, f"{cart.path}/delivery-options", f"{cart.path}/payment-methods"):
        assert cart.shopper.is_refused("GET", f"{path}?expand=lines") == (400, "unknown_filter")


def test_nobody_may_keep_a_cart(cart: Basket) -> None:
    assert cart.shopper.tries("GET", cart.path)["Cache-Control"] == "no-store"


def test_a_cart_that_is_not_there_looks_like_a_foreign_one(cart: Basket, world: World) -> None:
    def told(caller: Caller, path: str) -> dict[str, Any]:
        body = problem(caller.tries("GET", path))
        return {name: value for name, value in body.items() if name not in {"request_id", "instance"}}

    foreign = told(world.guest(X_Cart_Secret="wrong"), cart.path)

    assert foreign == told(cart.shopper, f"/store/v1/carts/{nobodys_id()}")
    assert foreign == told(world.person("shopper_b"), cart.path)
