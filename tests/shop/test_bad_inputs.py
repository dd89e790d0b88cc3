"""What clients send by mistake or by malice, over the real routes: `reliability.md` 3, cases 1-13, 17 and 25-28.

Each is answered as named, and nothing happened.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest

from config.kernel.actors import system
from config.kernel.dispatcher import run_pending
from pim.publishing.services import withdraw_product
from shop.pricing.services import change_price
from tests.callers import Caller, etag, problem, refusal
from tests.factories.goods import CHANNEL, CUSHION, DELIVERY_PRICE, ELSEWHERE, LIST, SAND, UNPUBLISHED
from tests.factories.world import (
    Basket,
    World,
    delivered_order,
    empty_cart,
    filled_cart,
    hand_over,
    nobodys_id,
    place,
    ready_cart,
)
from tests.unchanged import nothing_happens
from tests.wire import ON_INVOICE

LINE = {"sku": SAND, "quantity": 1}


@dataclass
class Door:
    """A route that takes a body: who knocks, where, and what he would rightly say."""

    caller: Caller
    method: str
    path: str
    body: dict[str, Any]
    headers: dict[str, str]

    def knock(self, raw: bytes, **headers: str) -> Any:
        return self.caller.sends(self.method, self.path, raw, **(self.headers | headers))


def _cart_door(method: str, tail: str, body: dict[str, Any]) -> Callable[[World], Door]:
    def door(world: World) -> Door:
        cart = ready_cart(world.guest())
        return Door(cart.shopper, method, f"{cart.path}{tail}", body, {"If_Match": etag(cart.version)})

    return door


def _line_door(world: World) -> Door:
    cart = filled_cart(world.guest())
    return Door(cart.shopper, "PATCH", f"{cart.path}/lines/{cart.line(SAND)['id']}", {"quantity": 2}, {})


def _staff_line_door(world: World) -> Door:
    cart, clerk = filled_cart(world.guest()), world.person("clerk_x")
    hand_over(cart, clerk)
    return Door(clerk, "POST", f"{cart.staff_path}/lines", LINE, {})


def _publish_door(world: World) -> Door:
    merchandiser, path = world.person("merchandiser"), f"/pim/v1/products/{world.products['sofa']}"
    version = merchandiser.says("GET", path)["version"]
    return Door(merchandiser, "POST", f"{path}/publish", {"channel": CHANNEL}, {"If_Match": etag(version)})


def _return_door(world: World) -> Door:
    bought = delivered_order(world.guest(), world.person("clerk_x"))
    line = bought.shopper.says("GET", bought.path)["lines"][0]
    body = {"lines": [{"line_id": line["id"], "quantity": 1}]}
    return Door(bought.shopper, "POST", f"{bought.path}/returns", body, {})


DOORS = {
    "carts": lambda world: Door(world.guest(), "POST", "/store/v1/carts", {}, {}),
    "cart": _cart_door("PATCH", "", {"city": "Espoo"}),
    "lines": _cart_door("POST", "/lines", LINE),
    "line": _line_door,
    "delivery": _cart_door("PUT", "/deliveries/main", {"option": "parcel"}),
    "place": _cart_door("POST", "/place", ON_INVOICE),
    "open by code": lambda world: Door(
        world.person("clerk_x"), "POST", "/staff/v1/carts/open", {"code": "1"}, {}
    ),
    "staff's lines": _staff_line_door,
    "publish": _publish_door,
    "returns": _return_door,
}


@pytest.fixture(scope="module")
def doors(_standing_world: World) -> dict[str, Door]:
    """Every door once; what a test does there is undone, as with everything of the world."""
    return {name: make(_standing_world) for name, make in DOORS.items()}


@pytest.fixture(params=DOORS)
def door(request: pytest.FixtureRequest, doors: dict[str, Door], world: World) -> Door:
    return doors[request.param]


MALFORMED = {
    "no JSON": (b"sku=SOFA", 0),
    "a byte order mark": (b'\xef\xbb\xbf{"sku": "A"}', 0),
    "truncated": (b'{"sku": "A"', 11),
    "two documents": (b'{}{"sku": "A"}', 2),
    "single quotes": (b"{'sku': 'A'}", 1),
    "a comma too many": (b'{"sku": "A",}', 12),
    "not UTF-8": (b'{"sku": "\xff"}', 9),
}


@pytest.mark.parametrize("kind", MALFORMED)
def test_case_1_what_is_no_json_is_refused_with_the_byte_where_it_shows(door: Door, kind: str) -> None:
    raw, byte = MALFORMED[kind]

    with nothing_happens():
        answer = problem(door.knock(raw))

    assert (answer["status"], answer["code"]) == (400, "malformed_json")
    assert abs(answer["byte"] - byte) <= 1


def test_case_2_a_body_of_more_than_a_megabyte_is_refused_with_the_limit(door: Door) -> None:
    with nothing_happens():
        answer = problem(door.knock(b'{"sku": "' + b"A" * 1_000_000 + b'"}'))

    assert (answer["status"], answer["code"], answer["limit_bytes"]) == (413, "body_too_large", 1_000_000)


@pytest.mark.parametrize("bracket", [b"[", b'{"a":'], ids=["arrays", "objects"])
def test_case_3_ten_thousand_levels_are_too_deep(door: Door, bracket: bytes) -> None:
    closing = {b"[": b"]"}.get(bracket, b"}")

    with nothing_happens():
        answer = problem(door.knock(b'{"sku": ' + bracket * 10_000 + b"1" + closing * 10_000 + b"}"))

    assert (answer["status"], answer["code"], answer["limit"]) == (400, "json_too_deep", 32)


@pytest.mark.parametrize(
    "raw", [b'{"quantity": 1, "quantity": 99}', b'{"lines": [{"quantity": 1, "quantity": 99}]}']
)
def test_case_4_a_key_that_occurs_twice_is_refused(door: Door, raw: bytes) -> None:
    with nothing_happens():
        answer = problem(door.knock(raw))

    assert (answer["status"], answer["code"], answer["key"]) == (400, "duplicate_key", "quantity")


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400", "1" * 400])
def test_case_5_a_number_that_is_not_finite_is_refused(door: Door, number: str) -> None:
    with nothing_happens():
        assert refusal(door.knock(f'{{"quantity": {number}}}'.encode())) == (400, "not_a_finite_number")


@pytest.mark.parametrize("text", [r"A\u0000B", r"\ud800", r"\udfff\ud800"], ids=["NUL", "half", "halves"])
@pytest.mark.parametrize(
    "shape", ['{"sku": "%s"}', '{"%s": 1}', '{"lines": [{"sku": "%s"}]}'], ids=["value", "key", "deep"]
)
def test_case_6_a_character_that_cannot_be_kept_is_refused(door: Door, shape: str, text: str) -> None:
    with nothing_happens():
        assert refusal(door.knock((shape % text).encode())) == (400, "invalid_character")


WRONG_MEDIA = {
    "plain text": {"Content_Type": "text/plain"},
    "a form": {"Content_Type": "application/x-www-form-urlencoded"},
    "a form with files": {"Content_Type": "multipart/form-data; boundary=x"},
    "another charset": {"Content_Type": "application/json; charset=utf-16"},
    "compressed": {"Content_Encoding": "gzip"},
    "compressed twice": {"Content_Encoding": "gzip, br"},
}


@pytest.mark.parametrize("kind", WRONG_MEDIA)
def test_case_7_a_body_that_is_not_plain_json_is_refused(door: Door, kind: str) -> None:
    raw = json.dumps(door.body).encode()

    with nothing_happens():
        assert refusal(door.knock(raw, **WRONG_MEDIA[kind])) == (415, "unsupported_media_type")


@pytest.mark.parametrize("name", ["unit_price", "is_staff", "discount", "store_id", "owner_ref", "__proto__"])
def test_case_8_a_field_that_is_not_known_is_refused_by_name(door: Door, name: str) -> None:
    with nothing_happens():
        answer = problem(door.knock(json.dumps(door.body | {name: 1}).encode()))

    assert (answer["status"], answer["code"]) == (400, "unknown_field")
    assert answer["field"] == name
    assert [error["pointer"] for error in answer["errors"]] == [f"/{name}"]


def test_a_body_that_is_no_object_is_refused(door: Door) -> None:
    for raw in (b"[]", b'"SOFA"', b"1", b"null", b"true"):
        with nothing_happens():
            assert refusal(door.knock(raw)) == (400, "not_an_object")


LISTS = {
    "products": ("guest", "/store/v1/products"),
    "PIM's products": ("merchandiser", "/pim/v1/products"),
    "events": ("system", "/system/v1/events"),
}
ANY_LIST = [
    *(f"limit={limit}" for limit in ("1000000000", "0", "-1", "1.5", "ten", "", "１２")),
    "offset=-1",
    "page_size=1000000000",
]
NUMBERED = ["page=0", "page=-1", "page=1e9", "page=99999999999999999999"]
ENDLESS = ["after=-1", "after=%00", "after=x", "after=99999999999999999999999", "cursor=x"]


@pytest.mark.parametrize(
    ("wanted", "query"),
    [
        *((wanted, query) for wanted in LISTS for query in ANY_LIST),
        *(("products", query) for query in NUMBERED),
        *(
            (wanted, query)
            for wanted in ("PIM's products", "events")
            for query in ENDLESS
            if "%" not in query
        ),
    ],
)
def test_case_9_a_page_that_cannot_be_is_refused(world: World, wanted: str, query: str) -> None:
    who, path = LISTS[wanted]
    reader = world.guest() if who == "guest" else world.person(who)

    with nothing_happens():
        assert reader.is_refused("GET", f"{path}?{query}") == (400, "invalid_page")


def test_case_9_a_cursor_that_is_edited_or_another_ones_is_refused(world: World) -> None:
    reader = world.person("merchandiser")
    cursor = reader.says("GET", "/pim/v1/products?limit=1")["next_after"]
    other = world.other_merchandiser()

    assert reader.tries("GET", f"/pim/v1/products?limit=1&after={cursor}").status_code == 200
    for caller, edited in ((reader, cursor[:-1] + "x"), (reader, cursor[1:]), (other, cursor)):
        assert caller.is_refused("GET", f"/pim/v1/products?after={edited}") == (400, "invalid_page")


@pytest.mark.parametrize("wanted", LISTS)
@pytest.mark.parametrize(
    "query",
    [
        "ordering=user__password",
        "is_staff=1",
        "limit=1&limit=2",
        "filter[color]=red",
        "id__gt=1",
        "format=csv",
    ],
)
def test_case_10_a_filter_that_is_not_known_is_refused(world: World, wanted: str, query: str) -> None:
    who, path = LISTS[wanted]
    reader = world.guest() if who == "guest" else world.person(who)

    with nothing_happens():
        assert reader.is_refused("GET", f"{path}?{query}") == (400, "unknown_filter")


@pytest.mark.parametrize("sort", ["user__password", "-rank; DROP TABLE shop_cart", "price,", "", "PRICE"])
def test_case_10_a_sort_that_is_not_known_is_refused(world: World, sort: str) -> None:
    assert world.guest().is_refused("GET", f"/store/v1/products?sort={sort}") == (400, "unknown_filter")


BAD_IDS = [
    "..%2F..%2Fetc%2Fpasswd",
    "%2e%2e",
    str(10**30),
    "1",
    "0x10",
    "not-a-uuid",
    "00000000-0000-0000-0000-00000000000g",
    "01a20147-fc7e-7bd2-af28-0c02261f8cf2-",
    "{01a20147-fc7e-7bd2-af28-0c02261f8cf2}",
    "'; DROP TABLE shop_cart; --",
    "01A20147-FC7E-7BD2-AF28-0C02261F8CF2%20",
]


@pytest.mark.parametrize("bad", [*BAD_IDS, "<nobody's>"])
def test_case_11_an_id_that_is_none_is_not_found(world: World, bad: str) -> None:
    bad = str(nobodys_id()) if bad == "<nobody's>" else bad
    cart = filled_cart(world.guest())
    shopper, clerk = cart.shopper, world.person("clerk_x")
    merchandiser, system_key = world.person("merchandiser"), world.person("system")
    seen = {"If_Match": etag(cart.version)}
    asked: list[tuple[Caller, str, str, Any]] = [
        (shopper, "GET", f"/store/v1/carts/{bad}", None),
        (shopper, "POST", f"/store/v1/carts/{bad}/lines", LINE),
        (shopper, "PATCH", f"{cart.path}/lines/{bad}", {"quantity": 1}),
        (shopper, "DELETE", f"{cart.path}/lines/{bad}", None),
        (shopper, "POST", f"/store/v1/carts/{bad}/place", ON_INVOICE),
        (shopper, "GET", f"/store/v1/orders/{bad}", None),
        (shopper, "GET", f"/store/v1/products/{bad}", None),
        (clerk, "GET", f"/staff/v1/carts/{bad}", None),
        (clerk, "GET", f"/staff/v1/orders/{bad}", None),
        (clerk, "POST", f"/staff/v1/returns/{bad}/receive", {}),
        (merchandiser, "GET", f"/pim/v1/products/{bad}", None),
        (merchandiser, "POST", f"/pim/v1/products/{bad}/publish", {"channel": CHANNEL}),
        (system_key, "GET", f"/system/v1/customers/{bad}", None),
    ]
    with nothing_happens():
        for caller, method, path, body in asked:
            answer = caller.tries(method, path, body, **seen)
            assert refusal(answer) == (404, "not_found"), f"{method} {path}"


def test_case_11_an_id_of_another_kind_is_not_found(world: World) -> None:
    bought = place(ready_cart(world.person("shopper_a")))
    line = bought.shopper.says("GET", bought.path)["lines"][0]["id"]
    sofa = world.products["sofa"]

    for path in (
        f"/store/v1/carts/{bought.order_id}",
        f"/store/v1/orders/{bought.cart.cart_id}",
        f"/store/v1/orders/{line}",
        f"/store/v1/products/{sofa}",
    ):
        assert bought.shopper.is_refused("GET", path) == (404, "not_found"), path
    assert world.person("clerk_x").is_refused("POST", f"/staff/v1/returns/{bought.order_id}/receive") == (
        404,
        "not_found",
    )
    assert world.person("merchandiser").is_refused("GET", f"/pim/v1/products/{bought.order_id}") == (
        404,
        "not_found",
    )
    assert world.person("system").is_refused("GET", f"/system/v1/customers/{bought.order_id}") == (
        404,
        "not_found",
    )


QUANTITIES = [
    *(
        "0",
        "-1",
        "1.5",
        "1.0",
        "1e2",
        '"2"',
        "true",
        "1000000000",
        "1000",
        '"１２"',
        "[1]",
        '{"n": 1}',
        "1" * 40,
    ),
]


@pytest.mark.parametrize("quantity", QUANTITIES)
@pytest.mark.parametrize("where", ["lines", "line", "staff's lines"])
def test_case_12_a_quantity_is_an_integer_from_1_to_999(
    world: World, doors: dict[str, Door], where: str, quantity: str
) -> None:
    door = doors[where]
    others = "".join(
        f'"{name}": {json.dumps(value)}, ' for name, value in door.body.items() if name != "quantity"
    )

    with nothing_happens():
        answer = problem(door.knock(f'{{{others}"quantity": {quantity}}}'.encode()))

    assert (answer["status"], answer["code"]) == (400, "invalid_quantity")
    assert answer["errors"][0]["params"] == {"min_value": 1, "max_value": 999}


@pytest.mark.parametrize("where", ["lines", "line", "staff's lines"])
def test_case_12_a_quantity_cannot_be_null_or_missing(
    world: World, doors: dict[str, Door], where: str
) -> None:
    door = doors[where]
    others = {name: value for name, value in door.body.items() if name != "quantity"}

    with nothing_happens():
        assert refusal(door.knock(json.dumps(others | {"quantity": None}).encode())) == (400, "null")
        assert refusal(door.knock(json.dumps(others).encode())) == (400, "required")


@pytest.mark.parametrize(
    "sku", [UNPUBLISHED, ELSEWHERE, "NO-SUCH-SKU", "%", "SOFA%", "sofa_sand", "' OR 1=1 --"]
)
@pytest.mark.parametrize("where", ["lines", "staff's lines"])
def test_case_13_what_is_not_sold_here_is_not_available(
    world: World, doors: dict[str, Door], where: str, sku: str
) -> None:
    door = doors[where]

    with nothing_happens():
        answer = problem(door.knock(json.dumps({"sku": sku, "quantity": 1}).encode()))

    assert (answer["status"], answer["code"], answer["sku"]) == (409, "not_available", sku)


def test_case_13_what_was_withdrawn_is_not_available(world: World, now: datetime) -> None:
    cart = filled_cart(world.guest())
    withdraw_product(
        product_id=world.products["cushion"],
        channel=CHANNEL,
        version=None,
        by=system("tests"),
        now=now,
    )
    run_pending(now=now)

    with nothing_happens():
        answer = cart.shopper.is_refused("POST", f"{cart.path}/lines", {"sku": CUSHION, "quantity": 1})

    assert answer == (409, "not_available")


@pytest.mark.parametrize("secret", ["", "polku_cart_", "x" * 8000, "another's", "of an order"])
def test_case_17_a_foreign_cart_is_not_found(world: World, secret: str) -> None:
    cart, another = filled_cart(world.guest()), empty_cart(world.guest())
    bought = place(ready_cart(world.guest()))
    secret = {
        "another's": another.shopper.headers["X_Cart_Secret"],
        "of an order": bought.shopper.headers["X_Order_Secret"],
    }.get(secret, secret)
    stranger = world.guest(X_Cart_Secret=secret)

    with nothing_happens():
        assert stranger.is_refused("GET", cart.path) == (404, "not_found")
        assert stranger.is_refused("PATCH", cart.path, {}) == (404, "not_found")
        assert stranger.is_refused("POST", f"{cart.path}/lines", LINE) == (404, "not_found")
        assert stranger.is_refused("POST", f"{cart.path}/hand-over-codes", {}) == (404, "not_found")


def _placing(cart: Basket) -> tuple[str, str, dict[str, str]]:
    return "POST", f"{cart.path}/place", ON_INVOICE


WITH_A_KEY = ["lines", "line", "delivery", "place", "staff's lines", "returns"]


@pytest.mark.parametrize("where", WITH_A_KEY)
def test_case_25_a_promise_needs_an_idempotency_key(world: World, doors: dict[str, Door], where: str) -> None:
    door = doors[where]

    with nothing_happens():
        answer = refusal(door.knock(json.dumps(door.body).encode(), Idempotency_Key=""))

    assert answer == (400, "idempotency_key_required")


@pytest.mark.parametrize(
    "key", ["k" * 256, "k" * 300, "käyttäjä", "a\tb"], ids=["256", "300", "no ASCII", "a tab"]
)
@pytest.mark.parametrize("where", WITH_A_KEY)
def test_case_25_a_key_has_255_printable_characters_at_most(
    world: World, doors: dict[str, Door], where: str, key: str
) -> None:
    door = doors[where]

    with nothing_happens():
        answer = refusal(door.knock(json.dumps(door.body).encode(), Idempotency_Key=key))

    assert answer == (400, "invalid_idempotency_key")


@pytest.mark.parametrize("where", WITH_A_KEY)
def test_case_25_a_key_is_not_used_for_something_else(
    world: World, doors: dict[str, Door], where: str
) -> None:
    door = doors[where]
    assert door.knock(json.dumps(door.body).encode(), Idempotency_Key="k").status_code < 300

    with nothing_happens():
        answer = refusal(door.knock(json.dumps(door.body).encode() + b" ", Idempotency_Key="k"))

    assert answer == (422, "idempotency_key_reuse")


def test_case_26_a_price_that_changed_since_she_saw_it_is_told(world: World, now: datetime) -> None:
    cart = ready_cart(world.guest())
    change_price(price_list=LIST, sku=SAND, minor=149_900, by=system("tests"), now=now)
    run_pending(now=now)
    version = cart.version

    with nothing_happens():
        answer = problem(cart.shopper.tries(*_placing(cart), If_Match=etag(version)))

    assert (answer["status"], answer["code"]) == (409, "price_changed")
    (change,) = answer["changes"]
    assert change["sku"] == SAND
    assert change["old"] == {"amount": "1299.00", "currency": "EUR"}
    assert change["new"] == {"amount": "1499.00", "currency": "EUR"}

    accepted = cart.shopper.says("PATCH", cart.path, {}, If_Match=etag(version))
    assert accepted["changes"] == []
    order = cart.shopper.says(*_placing(cart), If_Match=etag(accepted["version"]))
    assert order["total"] == {"amount": f"{(149_900 + DELIVERY_PRICE) / 100:.2f}", "currency": "EUR"}


def test_case_27_an_empty_cart_says_what_it_lacks(world: World) -> None:
    cart = empty_cart(world.guest())

    with nothing_happens():
        answer = problem(cart.shopper.tries(*_placing(cart), If_Match=etag(1)))

    assert (answer["status"], answer["code"]) == (422, "requirements_missing")
    assert [requirement["code"] for requirement in answer["requirements"]] == [
        "cart_empty",
        "email_missing",
        "name_missing",
        "street_missing",
        "postcode_missing",
        "city_missing",
        "delivery_missing",
    ]


@pytest.mark.parametrize("owner", ["guest", "shopper_a"])
@pytest.mark.parametrize("version", ["", '"v1"', '"v999"', 'W/"v1"'])
def test_case_27_a_cart_that_was_ordered_names_its_order_to_its_owner(
    world: World, owner: str, version: str
) -> None:
    bought = place(ready_cart(world.guest() if owner == "guest" else world.person(owner)))

    with nothing_happens():
        response = bought.cart.shopper.tries(*_placing(bought.cart), If_Match=version)

    answer = problem(response)
    assert (answer["status"], answer["code"], answer["order_id"]) == (
        409,
        "cart_consumed",
        str(bought.order_id),
    )
    assert response["Location"] == bought.path
    assert world.guest().is_refused(*_placing(bought.cart), If_Match=etag(1)) == (404, "not_found")


@pytest.mark.parametrize("option", ["drone", "PARCEL ", "parcel'", "0"])
def test_case_28_a_delivery_that_was_not_offered_is_not_available(world: World, option: str) -> None:
    cart = filled_cart(world.guest())

    with nothing_happens():
        answer = cart.shopper.is_refused("PUT", f"{cart.path}/deliveries/main", {"option": option})

    assert answer == (422, "shipping_not_available")


def test_case_28_a_group_that_the_cart_does_not_have_cannot_be_delivered(world: World) -> None:
    cart = filled_cart(world.guest())

    with nothing_happens():
        answer = cart.shopper.is_refused("PUT", f"{cart.path}/deliveries/other", {"option": "parcel"})

    assert answer == (422, "shipping_not_available")


STRANGE_HEADERS = {
    "Accept_Language": ["*", "x" * 5000, "fi;q=2", "fi;q=nan", ";;;,,,", "sv-FI-u-co-phonebk", "zz", "日本"],
    "Range": ["bytes=0-0", "bytes=-1", "lines=1-2", "bytes=99999999999999999999-"],
    "X_Forwarded_For": ["", "unknown", "1.2.3.4, evil", "::1%eth0", "," * 500, "999.999.999.999", "[::1]:80"],
    "X_Forwarded_Proto": ["https", "javascript", "https, http"],
    "X_Forwarded_Host": ["evil.example", "localhost, evil.example"],
    "X_Request_ID": ["\x7f", "a" * 500, "../../etc", "id\tid"],
    "Accept": ["text/html", "application/xml", "*/*;q=0", "nonsense", "application/json; version=2"],
    "If_None_Match": ["*", "W/", '"', "v17", '"x"' * 500],
    "Authorization": [""],
}


EACH_STRANGE = [(name, value) for name, values in STRANGE_HEADERS.items() for value in values]


@pytest.mark.parametrize(("name", "value"), EACH_STRANGE)
def test_strange_headers_break_nothing(world: World, name: str, value: str) -> None:
    cart = filled_cart(world.guest())
    for path in ("/store/v1/products", cart.path):
        response = cart.shopper.tries("GET", path, **{name: value})

        assert response.status_code in {200, 304}, response.content


NO_TOKENS = ["Bearer", "Basic dXNlcjpwYXNz", "Bearer a b", "Bearer é", "bearer " + "x" * 9000, "Bearer null"]


@pytest.mark.parametrize("token", NO_TOKENS)
def test_a_credential_that_is_none_is_refused(world: World, token: str) -> None:
    for path in ("/store/v1/products", "/staff/v1/carts/open", "/pim/v1/products", "/system/v1/events"):
        assert refusal(world.guest().tries("GET", path, Authorization=token)) == (401, "not_authenticated")


def test_a_host_that_is_not_ours_is_refused(world: World) -> None:
    for host in ("evil.example", "localhost:99999x", "testserver@evil.example", "-"):
        assert refusal(world.guest().tries("GET", "/store/v1/products", Host=host)) == (
            400,
            "malformed_request",
        )


@pytest.mark.parametrize("query", ["category=%00", "category=%ff", "category=%zz", "locale=%ED%A0%80"])
def test_parameters_that_are_no_text_are_refused(world: World, query: str) -> None:
    response = world.guest().tries("GET", f"/store/v1/products?{query}")

    assert response.status_code == 400
    assert problem(response)["code"] in {"invalid_character", "malformed_request"}
