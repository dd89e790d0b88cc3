"""She lets a clerk into her live cart: by a code on her phone, for a while, and for the goods alone."""

import json
import re
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from config.kernel.actors import Actor, ActorKind
from config.kernel.models import Audience, StoredEvent
from config.kernel.rest.authentication import digest_of
from shop.cart.models import CartOpening, HandOverCode, LineTouch
from shop.cart.queries import CartKey
from shop.cart.services import give_hand_over_code, open_by_code
from tests.callers import Caller, etag, problem
from tests.factories.accounts import sign_in
from tests.factories.goods import CUSHION, HELSINKI, SAND, TAMPERE
from tests.factories.world import (
    ADDRESS,
    Basket,
    World,
    empty_cart,
    filled_cart,
    hand_over,
    place,
    ready_cart,
)
from tests.unchanged import nothing_happens
from tests.wire import ON_INVOICE

NOT_VALID = (422, "hand_over_code_not_valid")


@pytest.fixture
def cart(world: World) -> Basket:
    """A guest's cart with one sofa, an address and a delivery."""
    return ready_cart(world.guest())


@pytest.fixture
def clerk(world: World) -> Caller:
    """Works in Helsinki."""
    return world.person("clerk_x")


def code_of(cart: Basket) -> str:
    return str(cart.shopper.says("POST", f"{cart.path}/hand-over-codes", {})["code"])


def opens(clerk: Caller, code: str) -> Any:
    return clerk.tries("POST", "/staff/v1/carts/open", {"code": code})


# --- The code ------------------------------------------------------------------------------------------------


def test_a_code_can_be_read_out_and_is_good_for_five_minutes(cart: Basket, now: datetime) -> None:
    given = cart.shopper.says("POST", f"{cart.path}/hand-over-codes", {})

    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}", given["code"])
    left = datetime.fromisoformat(given["expires_at"]) - now
    assert timedelta(minutes=4, seconds=50) < left < timedelta(minutes=5, seconds=10)
    assert given["code"].encode() not in bytes(HandOverCode.objects.get().digest)


@pytest.mark.parametrize(
    "typed",
    [
        lambda code: code,
        lambda code: code.lower(),
        lambda code: code.replace("-", ""),
        lambda code: f" {code.replace('-', ' ')} ",
        lambda code: code.replace("0", "O").replace("1", "l"),
    ],
    ids=["as shown", "small letters", "without the dash", "with blanks", "with letters that look alike"],
)
def test_a_clerk_opens_the_live_cart_however_he_types_the_code(
    cart: Basket, clerk: Caller, typed: Any
) -> None:
    response = opens(clerk, typed(code_of(cart)))

    assert response.status_code == 200
    assert (response.json()["id"], response["ETag"]) == (str(cart.cart_id), etag(cart.version))


def test_a_code_that_was_used_opens_nothing_to_another(world: World, cart: Basket, clerk: Caller) -> None:
    code = code_of(cart)
    assert opens(clerk, code).status_code == 200
    other_device = Caller(token=_token(world, "clerk_x", HELSINKI, "another tablet"))
    other_store = Caller(token=_token(world, "clerk_x", TAMPERE, "tablet helsinki"))

    for other in (world.person("clerk_y"), other_device, other_store):
        with nothing_happens():
            assert other.is_refused("POST", "/staff/v1/carts/open", {"code": code}) == NOT_VALID


def test_a_code_shown_again_on_the_same_device_opens_the_same_cart(cart: Basket, clerk: Caller) -> None:
    code = code_of(cart)
    first = opens(clerk, code)

    again = opens(clerk, code)

    assert (again.status_code, again.content) == (200, first.content)
    assert CartOpening.objects.count() == 1


def test_a_code_of_five_minutes_ago_opens_nothing(
    world: World, cart: Basket, clerk: Caller, now: datetime
) -> None:
    old = _given(cart, now - timedelta(minutes=5, seconds=1))
    assert clerk.is_refused("POST", "/staff/v1/carts/open", {"code": old}) == NOT_VALID

    fresh = _given(cart, now - timedelta(minutes=4, seconds=50))
    assert opens(clerk, fresh).status_code == 200


def test_a_new_code_ends_the_one_that_was_not_used(cart: Basket, clerk: Caller) -> None:
    first, second = code_of(cart), code_of(cart)

    assert clerk.is_refused("POST", "/staff/v1/carts/open", {"code": first}) == NOT_VALID
    assert opens(clerk, second).status_code == 200


def test_codes_that_are_wrong_used_old_or_of_an_ordered_cart_look_alike(
    world: World, cart: Basket, clerk: Caller, now: datetime
) -> None:
    used, ordered = code_of(cart), ready_cart(world.guest())
    opens(world.person("clerk_y"), used)
    of_ordered = code_of(ordered)
    place(ordered)
    old = _given(filled_cart(world.guest()), now - timedelta(hours=1))

    answers = [problem(opens(clerk, code)) for code in ("0000-0000", used, old, of_ordered)]

    for answer in answers:
        assert (answer["status"], answer["code"]) == NOT_VALID
        del answer["request_id"], answer["instance"]
    assert all(answer == answers[0] for answer in answers)


def test_codes_cannot_be_tried_out(clerk: Caller) -> None:
    for _ in range(10):
        assert clerk.is_refused("POST", "/staff/v1/carts/open", {"code": "0000-0000"}) == NOT_VALID

    response = opens(clerk, "0000-0000")

    assert (response.status_code, problem(response)["code"]) == (429, "too_many_requests")
    assert 0 < int(response["Retry-After"]) <= 60


def test_an_ordered_cart_gets_no_code(cart: Basket) -> None:
    bought = place(cart)

    with nothing_happens():
        answer = problem(cart.shopper.tries("POST", f"{cart.path}/hand-over-codes", {}))

    assert (answer["status"], answer["code"], answer["order_id"]) == (
        409,
        "cart_consumed",
        str(bought.order_id),
    )


# --- What the clerk sees and does ----------------------------------------------------------------------------


def test_a_clerk_sees_the_goods_and_not_the_person(cart: Basket, clerk: Caller) -> None:
    hand_over(cart, clerk)
    bodies = [
        clerk.tries("GET", cart.staff_path),
        clerk.tries("POST", f"{cart.staff_path}/lines", {"sku": CUSHION, "quantity": 1}),
        clerk.tries(
            "PATCH",
            f"{cart.staff_path}/lines/{cart.line(SAND)['id']}",
            {"quantity": 2},
            If_Match=etag(cart.version),
        ),
        clerk.tries(
            "DELETE", f"{cart.staff_path}/lines/{cart.line(SAND)['id']}", If_Match=etag(cart.version)
        ),
        opens(clerk, code_of(cart)),
    ]

    hers = cart.shopper.says("GET", cart.path)
    for response in bodies:
        assert response.status_code < 300, response.content
        assert set(response.json()) == set(hers) - {"contact", "address", "order_id", "handed_back"} | {
            "recent"
        }
        text = json.dumps(response.json(), ensure_ascii=False)
        assert [value for value in ADDRESS.values() if value in text] == []


def test_what_a_clerk_adds_says_who_added_it(cart: Basket, clerk: Caller) -> None:
    hand_over(cart, clerk)
    clerk.says("POST", f"{cart.staff_path}/lines", {"sku": CUSHION, "quantity": 2})

    sofa, cushion = cart.shopper.says("GET", cart.path)["lines"]

    assert sofa["added_by"]["kind"] == "guest"
    assert {name: cushion["added_by"][name] for name in ("kind", "label", "store")} == {
        "kind": "clerk",
        "label": "Clerk X",
        "store": HELSINKI,
    }


def test_units_a_clerk_adds_to_her_line_leave_it_hers_and_stand_in_its_history(
    world: World, cart: Basket, clerk: Caller
) -> None:
    hand_over(cart, clerk)
    clerk.says("POST", f"{cart.staff_path}/lines", {"sku": SAND, "quantity": 1})

    (line,) = cart.shopper.says("GET", cart.path)["lines"]
    assert (line["quantity"], line["added_by"]["kind"]) == (2, "guest")
    touch = LineTouch.objects.order_by("id").last()
    assert touch is not None
    assert (touch.quantity_before, touch.quantity_after, touch.actor_kind) == (1, 2, "clerk")
    assert (touch.actor_label, touch.actor_store, touch.actor_device) == (
        "Clerk X",
        HELSINKI,
        "tablet helsinki",
    )
    assert touch.actor_ref == str(world.users["clerk_x"].public_id)


def test_she_sees_who_may_open_her_cart_and_until_when(cart: Basket, clerk: Caller, now: datetime) -> None:
    assert cart.shopper.says("GET", cart.path)["actors"] == []
    hand_over(cart, clerk)

    (actor,) = cart.shopper.says("GET", cart.path)["actors"]

    assert (actor["kind"], actor["label"], actor["store"]) == ("clerk", "Clerk X", HELSINKI)
    assert abs(datetime.fromisoformat(actor["until"]) - now - timedelta(hours=8)) < timedelta(minutes=1)


def test_two_who_edit_one_cart_do_not_overwrite_each_other(cart: Basket, clerk: Caller) -> None:
    hand_over(cart, clerk)
    seen, line = cart.version, cart.line(SAND)["id"]
    cart.shopper.says("PATCH", f"{cart.path}/lines/{line}", {"quantity": 2})

    with nothing_happens():
        answer = problem(
            clerk.tries("PATCH", f"{cart.staff_path}/lines/{line}", {"quantity": 5}, If_Match=etag(seen))
        )

    assert (answer["status"], answer["code"], answer["current_version"]) == (
        412,
        "version_conflict",
        seen + 1,
    )


@pytest.mark.parametrize(("method", "body"), [("PATCH", {"quantity": 2}), ("DELETE", None)])
def test_a_clerk_must_have_seen_what_he_changes(cart: Basket, clerk: Caller, method: str, body: Any) -> None:
    hand_over(cart, clerk)

    with nothing_happens():
        answer = clerk.is_refused(method, f"{cart.staff_path}/lines/{cart.line(SAND)['id']}", body)

    assert answer == (428, "precondition_required")


def test_adding_commutes_and_needs_no_version(cart: Basket, clerk: Caller) -> None:
    hand_over(cart, clerk)

    assert clerk.tries("POST", f"{cart.staff_path}/lines", {"sku": CUSHION, "quantity": 1}).status_code == 201


def test_a_clerk_adds_to_the_cart_he_opened_and_to_no_other_of_hers(world: World, clerk: Caller) -> None:
    hers = world.person("shopper_a")
    opened, other = filled_cart(hers), filled_cart(hers)
    hand_over(opened, clerk)

    with nothing_happens():
        answer = clerk.is_refused("POST", f"{other.staff_path}/lines", {"sku": CUSHION, "quantity": 1})

    assert answer == (404, "not_found")


def test_a_clerk_cannot_place_her_order(cart: Basket, clerk: Caller) -> None:
    hand_over(cart, clerk)

    with nothing_happens():
        wish = ON_INVOICE
        assert (
            clerk.tries("POST", f"{cart.staff_path}/place", wish, If_Match=etag(cart.version)).status_code
            == 404
        )
        answer = clerk.is_refused("POST", f"{cart.path}/place", wish, If_Match=etag(cart.version))

    assert answer == (401, "not_authenticated")


# --- The end -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ago", "status"), [(timedelta(hours=7, minutes=59), 200), (timedelta(hours=8, seconds=1), 404)]
)
def test_a_clerks_right_ends_after_eight_hours(
    world: World, cart: Basket, now: datetime, ago: timedelta, status: int
) -> None:
    user, clerk = world.users["clerk_x"], world.person("clerk_x")
    by = Actor(
        kind=ActorKind.CLERK,
        ref=str(user.public_id),
        label=user.name,
        store=HELSINKI,
        device="tablet helsinki",
    )
    open_by_code(code=_given(cart, now - ago), clerk_ref=user.public_id, by=by, now=now - ago)

    assert clerk.tries("GET", cart.staff_path).status_code == status
    assert len(cart.shopper.says("GET", cart.path)["actors"]) == (status == 200)


def test_she_takes_her_cart_back(world: World, cart: Basket, clerk: Caller) -> None:
    hand_over(cart, clerk)
    hand_over(cart, world.person("clerk_y"))
    unused = code_of(cart)

    body = cart.shopper.says("POST", f"{cart.path}/take-back", {})

    assert body["actors"] == []
    for one in (clerk, world.person("clerk_y")):
        with nothing_happens():
            assert one.is_refused("GET", cart.staff_path) == (404, "not_found")
            wish = {"sku": CUSHION, "quantity": 1}
            assert one.is_refused("POST", f"{cart.staff_path}/lines", wish) == (404, "not_found")
    assert clerk.is_refused("POST", "/staff/v1/carts/open", {"code": unused}) == NOT_VALID


def test_a_used_code_does_not_bring_back_what_she_took_away(cart: Basket, clerk: Caller) -> None:
    code = code_of(cart)
    opens(clerk, code)
    cart.shopper.says("POST", f"{cart.path}/take-back", {})

    with nothing_happens():
        assert clerk.is_refused("POST", "/staff/v1/carts/open", {"code": code}) == NOT_VALID


def test_a_clerk_who_closes_a_cart_closes_it_for_himself(world: World, cart: Basket, clerk: Caller) -> None:
    colleague = world.person("clerk_y")
    hand_over(cart, clerk)
    hand_over(cart, colleague)

    response = clerk.tries("POST", f"{cart.staff_path}/close", {})

    assert (response.status_code, response.content) == (204, b"")
    assert clerk.is_refused("GET", cart.staff_path) == (404, "not_found")
    assert clerk.is_refused("POST", f"{cart.staff_path}/close", {}) == (404, "not_found")
    assert [actor["store"] for actor in colleague.says("GET", cart.staff_path)["actors"]] == [TAMPERE]


def test_an_ordered_cart_is_open_to_nobody(cart: Basket, clerk: Caller) -> None:
    hand_over(cart, clerk)
    bought = place(cart)

    with nothing_happens():
        answer = problem(clerk.tries("POST", f"{cart.staff_path}/lines", {"sku": CUSHION, "quantity": 1}))

    assert (answer["status"], answer["code"]) == (409, "cart_consumed")
    after = clerk.says("GET", cart.staff_path)
    assert (after["state"], after["actors"]) == ("consumed", [])
    assert str(bought.order_id) not in json.dumps([answer, after]), "it is named to its owner"


def test_opening_closing_and_taking_back_are_told_to_whoever_watches(cart: Basket, clerk: Caller) -> None:
    events, version = StoredEvent.objects.filter(name="shop.cart_changed", about=cart.cart_id), cart.version
    told = [events.count()]
    for step in (
        lambda: hand_over(cart, clerk),
        lambda: clerk.tries("POST", f"{cart.staff_path}/close", {}),
        lambda: cart.shopper.says("POST", f"{cart.path}/take-back", {}),
    ):
        step()
        told.append(events.count())

    assert told == [told[0], told[0] + 1, told[0] + 2, told[0] + 3]
    assert cart.version == version, "the goods are what they were"


def _given(cart: Basket, moment: datetime) -> str:
    """A code that she was given at `moment`."""
    secret = cart.shopper.headers["X_Cart_Secret"]
    key = CartKey(secret_digest=digest_of(secret))
    guest = Actor(kind=ActorKind.GUEST)
    return give_hand_over_code(cart_id=UUID(str(cart.cart_id)), key=key, by=guest, now=moment).code


def _token(world: World, name: str, store: str, device: str) -> str:
    return sign_in(world.users[name], Audience.STAFF, now=world.now, store=store, device=device)


def test_a_cart_that_was_never_handed_over_is_open_to_no_clerk(world: World, clerk: Caller) -> None:
    assert clerk.is_refused("GET", empty_cart(world.guest()).staff_path) == (404, "not_found")
