"""What a buyer says wrongly on her way to the order, over the real routes: `reliability.md` 3, cases 14, 21-24, 30, 31.

The others of the checkout (15, 16, 22, 29) and those of webhooks, refunds, returns and tracking (32-39) stand where the
rest of their matter is tested; docs/reliability.md says where.
"""

from typing import Any

import pytest

from orders.agreement.models import OrderState
from orders.payment.models import PaymentAttempt
from tests.callers import Caller, etag, problem
from tests.factories.goods import CUSHION
from tests.factories.world import ADDRESS, Basket, World, filled_cart, hand_over, ready_cart
from tests.orders.paying import Till, buyer_of, order_of
from tests.unchanged import nothing_happens
from tests.wire import BY_CARD, ON_INVOICE

pytestmark = pytest.mark.django_db


def places(cart: Basket, wish: Any) -> Any:
    return cart.shopper.tries("POST", f"{cart.path}/place", wish, If_Match=etag(cart.version))


def test_case_14_units_of_one_sku_are_checked_together_whoever_added_them(world: World) -> None:
    """There are fifty: forty of hers and twenty of the clerk's are too many, and the line says so before."""
    cart, clerk = ready_cart(world.guest(), **{CUSHION: 40}), world.person("clerk_x")
    hand_over(cart, clerk)
    clerk.says("POST", f"{cart.staff_path}/lines", {"sku": CUSHION.lower(), "quantity": 20})
    seen = cart.shopper.says("GET", cart.path)

    with nothing_happens():
        answer = problem(
            cart.shopper.tries("POST", f"{cart.path}/place", ON_INVOICE, If_Match=etag(seen["version"]))
        )

    assert (answer["status"], answer["code"], answer["short"]) == (409, "out_of_stock", {CUSHION: 10})
    (line,) = seen["lines"]
    (change,) = seen["changes"]
    assert (change["code"], change["line_id"], change["available"]) == ("out_of_stock", line["id"], 50)


@pytest.mark.parametrize("field", ["name", "street", "city"])
@pytest.mark.parametrize(
    ("text", "code"),
    [("x" * 10_000, "too_long"), ("a\u202eb", "invalid_character"), ("a\x07b", "invalid_character")],
    ids=["10,000 characters", "from right to left", "a bell"],
)
def test_case_21_an_address_that_cannot_be_written_is_refused_by_field(
    world: World, field: str, text: str, code: str
) -> None:
    cart = filled_cart(world.guest())

    with nothing_happens():
        answer = problem(cart.shopper.tries("PATCH", cart.path, ADDRESS | {field: text}))

    assert (answer["status"], answer["code"], answer["field"]) == (400, code, field)


@pytest.mark.parametrize("street", ["Kalevankatu 3 🛋️", "شارع الملك 5", "Ääkköstie 1 B"])
def test_case_21_an_address_is_written_as_people_write_it(world: World, street: str) -> None:
    cart = filled_cart(world.guest())

    assert cart.shopper.says("PATCH", cart.path, {"street": street})["address"]["street"] == street


def test_case_21_an_order_needs_a_postcode(world: World) -> None:
    cart = filled_cart(world.guest())
    told = {name: value for name, value in ADDRESS.items() if name != "postcode"}
    version = cart.shopper.says("PATCH", cart.path, told)["version"]

    with nothing_happens():
        answer = problem(cart.shopper.tries("POST", f"{cart.path}/place", ON_INVOICE, If_Match=etag(version)))

    assert (answer["status"], answer["code"]) == (422, "requirements_missing")
    assert "postcode_missing" in [requirement["code"] for requirement in answer["requirements"]]


@pytest.mark.parametrize("email", ["aino@äänekoski.fi", "aino@xn--nekoski-3waa.fi", "aino+sofa@example.fi"])
def test_case_23_an_address_of_any_letters_is_taken(world: World, email: str) -> None:
    cart = filled_cart(world.guest())

    assert cart.shopper.says("PATCH", cart.path, {"email": email})["contact"]["email"] == email


@pytest.mark.parametrize("phone", ["+1e9", "CALL-ME-NOW", "12", "+358 40", "+" + "1" * 40, "040;ext=1"])
def test_case_24_a_telephone_number_that_is_none_is_refused(world: World, phone: str) -> None:
    cart = filled_cart(world.guest())

    with nothing_happens():
        answer = problem(cart.shopper.tries("PATCH", cart.path, {"phone": phone}))

    assert answer["status"] == 400
    assert (answer["code"], answer["field"]) in {("invalid_phone", "phone"), ("too_long", "phone")}


PAID = ({"state": "paid"}, {"status": "succeeded"}, {"payment_intent": "pi_of_another"}, {"amount": "0.01"})


@pytest.mark.parametrize("claim", PAID, ids=[next(iter(claim)) for claim in PAID])
def test_case_30_whoever_says_that_she_has_paid_is_not_believed(
    world: World, till: Till, claim: dict[str, str]
) -> None:
    cart = ready_cart(world.guest())
    receipt = till.places(cart)
    buyer, path = buyer_of(cart, receipt), f"/store/v1/orders/{receipt['id']}/payments"

    answer = problem(buyer.tries("POST", path, {"payment_method": "card", **claim}))

    assert (answer["status"], answer["code"]) == (400, "unknown_field")
    assert order_of(receipt).state == OrderState.PENDING_PAYMENT


def test_case_30_an_order_is_not_paid_by_another_ones_intent(world: World, till: Till) -> None:
    mine, hers = (till.places(ready_cart(world.guest())) for _ in range(2))
    theirs = till.intent_of(hers["id"])["id"]
    for receipt, ref in ((hers, None), (mine, theirs)):  # no door of ours leads there
        PaymentAttempt.objects.filter(order__public_id=receipt["id"]).update(provider_ref=ref)
    till.pays(hers["id"])

    buyer = world.guest(X_Order_Secret=mine["secret"])
    answer = problem(
        buyer.tries("POST", f"/store/v1/orders/{mine['id']}/payments", {"payment_method": "card"})
    )

    assert (answer["status"], answer["code"]) == (409, "payment_mismatch")
    assert order_of(mine).state == OrderState.PENDING_PAYMENT


CARDS = {
    "a Visa": "4242424242424242",
    "in groups": "4242 4242 4242 4242",
    "of no known scheme": "1234567890123452",
    "a number": 4242424242424242,
    "13 digits": "9999999999992",
    "19 digits": "1000000000000000009",
}


@pytest.mark.parametrize("kind", CARDS)
def test_case_31_a_card_number_where_one_pays_is_refused_and_written_nowhere(
    kind: str, world: World, till: Till, capfd: pytest.CaptureFixture[str]
) -> None:
    cart, card = ready_cart(world.guest()), CARDS[kind]
    answers = [
        places(cart, BY_CARD | {"payment_method": card}),
        places(cart, BY_CARD | {"acknowledgements": ["terms", "withdrawal", str(card)]}),
        places(cart, BY_CARD | {"card": {"number": card, "exp": "12/30"}}),
    ]
    receipt = till.places(cart)
    buyer: Caller = buyer_of(cart, receipt)
    answers.append(
        buyer.tries("POST", f"/store/v1/orders/{receipt['id']}/payments", {"payment_method": card})
    )

    refused = [problem(answer) for answer in answers]

    assert {(each["status"], each["code"]) for each in refused} == {(400, "card_data_not_accepted")}
    said = capfd.readouterr()
    assert str(card) not in str(refused) + said.out + said.err
