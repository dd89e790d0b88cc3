"""An order is paid by card or MobilePay: asked for, answered, captured, given back; and nothing is lost on the way."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from orders.agreement.models import OrderState
from orders.matters.models import Matter
from orders.payment.models import AttemptState, PaymentEntry, PaymentOperation
from orders.placing.recovering import expire_order, expire_orders, recover_payments
from orders.stock.models import StockLevel
from tests.callers import etag, problem
from tests.factories.goods import CUSHION, SAND
from tests.factories.world import Basket, World, ready_cart
from tests.orders.paying import BY, Till, buyer_of, order_of
from tests.wire import BY_CARD

pytestmark = pytest.mark.django_db


@pytest.fixture
def cart(world: World, till: Till) -> Basket:
    return ready_cart(world.guest(), **{SAND.replace("-", "_"): 1, CUSHION.replace("-", "_"): 2})


def reserved() -> int:
    return sum(StockLevel.objects.values_list("reserved", flat=True))


def status_of(cart: Basket, receipt: dict[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = buyer_of(cart, receipt).says("GET", f"/store/v1/orders/{receipt['id']}")
    return body


def test_a_card_payment_is_gone_on_with_by_the_providers_library(cart: Basket, till: Till) -> None:
    receipt = till.places(cart)

    assert receipt["state"] == "pending_payment"
    action = receipt["payment"]["next_action"]
    intent = till.intent_of(receipt["id"])
    assert (receipt["payment"]["method"], receipt["payment"]["status"]) == ("card", "requires_action")
    assert (action["type"], action["client_secret"]) == ("sdk", intent["client_secret"])
    assert action["publishable_key"] == "pk_test_of_the_fake"
    assert action["url"].startswith(f"{till.stripe.url}/pay/{intent['id']}")
    assert (intent["capture_method"], intent["amount"]) == ("manual", order_of(receipt).total_gross_minor)
    assert reserved() == 3


def test_the_order_is_confirmed_when_the_whole_sum_is_authorised(cart: Basket, till: Till) -> None:
    receipt = till.places(cart)
    till.pays(receipt["id"], "pm_card_authenticationRequired")

    till.tells_everything()

    order = order_of(receipt)
    assert (order.state, order.attempts.get().state) == (OrderState.CONFIRMED, AttemptState.SECURED)
    assert PaymentEntry.objects.count() == 0  # nothing is taken before something leaves
    assert status_of(cart, receipt)["payment"]["status"] == "secured"


def test_a_repeated_place_shows_the_same_order_and_the_payment_as_it_is_now(cart: Basket, till: Till) -> None:
    version = cart.version
    first = cart.shopper.says(
        "POST", f"{cart.path}/place", BY_CARD, If_Match=etag(version), Idempotency_Key="once"
    )
    till.pays(first["id"])

    again = cart.shopper.says(
        "POST", f"{cart.path}/place", BY_CARD, If_Match=etag(version), Idempotency_Key="once"
    )

    assert (again["id"], again["payment"]["attempt_id"]) == (first["id"], first["payment"]["attempt_id"])
    assert (again["state"], again["payment"]["status"]) == ("confirmed", "secured")
    assert again["payment"]["next_action"] == {"type": "none"}
    assert (
        len([each for each in till.stripe.control.intents() if each["metadata"]["order_id"] == first["id"]])
        == 1
    )


def test_mobilepay_leads_to_the_app_and_back(cart: Basket, till: Till) -> None:
    receipt = till.places(cart, "mobilepay")

    assert receipt["payment"]["next_action"]["type"] == "redirect"
    assert receipt["payment"]["next_action"]["url"].startswith(f"{till.stripe.url}/pay/")
    till.pays(receipt["id"])
    till.tells_everything()
    assert order_of(receipt).state == OrderState.CONFIRMED


def test_a_declined_card_leaves_the_order_for_another_try(cart: Basket, till: Till) -> None:
    receipt = till.places(cart)
    buyer, path = buyer_of(cart, receipt), f"/store/v1/orders/{receipt['id']}"
    till.pays(receipt["id"], "pm_card_chargeDeclinedInsufficientFunds")
    till.tells_everything()

    body = status_of(cart, receipt)
    assert (body["state"], body["payment"]["status"]) == ("pending_payment", "failed")
    assert body["payment"]["failure"] == "insufficient_funds"
    again = buyer.says("POST", f"{path}/payments", {"payment_method": "mobilepay"})
    assert (again["payment"]["method"], again["payment"]["next_action"]["type"]) == ("mobilepay", "redirect")
    till.pays(receipt["id"])
    till.tells_everything()

    assert order_of(receipt).state == OrderState.CONFIRMED
    states = {each["payment_method_types"][0]: each["status"] for each in till.stripe.control.intents()[-2:]}
    assert states == {"card": "canceled", "mobilepay": "requires_capture"}


def test_an_order_can_change_to_invoice(cart: Basket, till: Till) -> None:
    receipt = till.places(cart)

    paid = buyer_of(cart, receipt).says(
        "POST", f"/store/v1/orders/{receipt['id']}/payments", {"payment_method": "invoice"}
    )
    till.works()

    assert (paid["order_state"], paid["payment"]["status"]) == ("confirmed", "secured")
    assert till.intent_of(receipt["id"])["status"] == "canceled"
    assert status_of(cart, receipt)["invoices"][0]["kind"] == "invoice"


def test_a_confirmed_order_takes_no_second_payment(cart: Basket, till: Till) -> None:
    receipt = till.places(cart)
    till.pays(receipt["id"])
    till.tells_everything()

    answer = problem(
        buyer_of(cart, receipt).tries(
            "POST", f"/store/v1/orders/{receipt['id']}/payments", {"payment_method": "card"}
        )
    )

    assert (answer["status"], answer["code"], answer["state"]) == (409, "order_not_payable", "confirmed")


def test_after_three_failures_no_other_payment_is_begun(cart: Basket, till: Till) -> None:
    receipt = till.places(cart)
    buyer, path = buyer_of(cart, receipt), f"/store/v1/orders/{receipt['id']}/payments"
    for _ in range(2):
        till.pays(receipt["id"], "pm_card_chargeDeclined")
        till.tells_everything()
        buyer.says("POST", path, {"payment_method": "card"})
    till.pays(receipt["id"], "pm_card_chargeDeclined")
    till.tells_everything()

    assert buyer.is_refused("POST", path, {"payment_method": "card"}) == (409, "too_many_payment_failures")


def test_a_second_payment_that_succeeds_goes_back(cart: Basket, till: Till) -> None:
    receipt = till.places(cart)
    first = till.intent_of(receipt["id"])["id"]
    till.stripe.control.fail_next(fault="unavailable", where=".*cancel", times=1)
    buyer_of(cart, receipt).says(
        "POST", f"/store/v1/orders/{receipt['id']}/payments", {"payment_method": "invoice"}
    )
    till.stripe.control.pay(intent=first)  # her other tab

    till.stripe.control.set_faults()
    till.tells_everything()

    order = order_of(receipt)
    assert order.state == OrderState.CONFIRMED
    assert order.attempts.get(method="card").state == AttemptState.CANCELLED
    assert till.intent_of(receipt["id"])["status"] == "canceled"
    assert till.stripe.control.money()["captured"] == till.stripe.control.money()["refunded"]


@pytest.mark.parametrize("fault", ["reply_lost", "error_after", "unavailable", "rate_limited"])
def test_an_answer_that_never_came_leaves_the_buyer_waiting_and_is_found_out(
    fault: str, cart: Basket, till: Till, now: datetime
) -> None:
    till.stripe.control.fail_next(fault=fault, where="POST /v1/payment_intents$")
    receipt = till.places(cart)

    assert receipt["payment"]["next_action"] == {"type": "wait"}
    recover_payments(by=BY, now=now + timedelta(minutes=3))

    order = order_of(receipt)
    intents = [
        each for each in till.stripe.control.intents() if each["metadata"]["order_id"] == receipt["id"]
    ]
    assert (len(intents), order.attempts.get().provider_ref) == (1, intents[0]["id"])
    assert order.attempts.get().state == AttemptState.REQUIRES_ACTION
    till.pays(receipt["id"])
    till.tells_everything()
    assert order_of(receipt).state == OrderState.CONFIRMED


def test_a_lost_webhook_is_made_up_for(cart: Basket, till: Till, now: datetime) -> None:
    receipt = till.places(cart)
    till.pays(receipt["id"])

    recover_payments(by=BY, now=now + timedelta(minutes=3))

    assert order_of(receipt).state == OrderState.CONFIRMED


def test_an_unpaid_order_ends_with_its_hold(cart: Basket, till: Till, now: datetime) -> None:
    receipt = till.places(cart)

    expire_orders(by=BY, now=now + timedelta(minutes=29))
    assert order_of(receipt).state == OrderState.PENDING_PAYMENT
    expire_orders(by=BY, now=now + timedelta(minutes=31))

    order = order_of(receipt)
    assert (order.state, order.cancel_reason, reserved()) == (OrderState.CANCELLED, "expired", 0)
    assert till.intent_of(receipt["id"])["status"] == "canceled"
    buyer = buyer_of(cart, receipt)
    path = f"/store/v1/orders/{receipt['id']}/payments"
    assert buyer.is_refused("POST", path, {"payment_method": "card"}) == (409, "order_not_payable")


def test_who_paid_before_the_end_was_written_gets_the_goods(cart: Basket, till: Till, now: datetime) -> None:
    receipt = till.places(cart)
    till.pays(receipt["id"])  # the webhook is still under way when the hold ends

    expire_order(order_id=order_of(receipt).public_id, by=BY, now=now + timedelta(minutes=31))
    till.tells_everything()

    assert (order_of(receipt).state, reserved()) == (OrderState.CONFIRMED, 3)


def test_money_that_comes_after_the_end_goes_back(cart: Basket, till: Till, now: datetime) -> None:
    receipt = till.places(cart)
    till.stripe.control.set_faults(seed=1, unavailable=1.0)
    expire_orders(by=BY, now=now + timedelta(minutes=35))
    assert order_of(receipt).state == OrderState.PENDING_PAYMENT  # the provider is waited for, ten minutes
    expire_orders(by=BY, now=now + timedelta(minutes=41))
    till.stripe.control.set_faults()
    till.pays(receipt["id"])

    till.tells_everything()

    order = order_of(receipt)
    assert (order.state, reserved()) == (OrderState.CANCELLED, 0)
    assert till.intent_of(receipt["id"])["status"] == "canceled"


def test_an_order_ends_though_the_provider_knows_nothing_of_its_payment(
    cart: Basket, till: Till, now: datetime
) -> None:
    receipt = till.places(cart)
    del till.stripe.control._server.book.intents[till.intent_of(receipt["id"])["id"]]  # no door offers this

    expire_orders(by=BY, now=now + timedelta(minutes=35))
    assert (
        order_of(receipt).state == OrderState.PENDING_PAYMENT
    )  # it may be our settings: ten minutes are waited
    expire_orders(by=BY, now=now + timedelta(minutes=41))
    till.works()

    order = order_of(receipt)
    assert (order.state, order.cancel_reason, reserved()) == (OrderState.CANCELLED, "expired", 0)
    asked = PaymentOperation.objects.get(order=order)
    assert (asked.kind, asked.state, asked.failure) == ("release", "failed", "resource_missing")
    assert Matter.objects.get().kind == "payment_refused"  # somebody looks at it


def test_a_buyer_calls_her_order_off(cart: Basket, till: Till) -> None:
    receipt = till.places(cart)
    till.pays(receipt["id"])
    till.tells_everything()
    buyer, path = buyer_of(cart, receipt), f"/store/v1/orders/{receipt['id']}/cancel"

    assert buyer.says("POST", path, {})["state"] == "cancelled"
    till.works()

    assert (reserved(), till.intent_of(receipt["id"])["status"]) == (0, "canceled")
    assert buyer.is_refused("POST", path, {}) == (409, "illegal_state")


def test_money_of_another_sum_does_not_confirm_an_order(cart: Basket, till: Till) -> None:
    receipt = till.places(cart)
    intent = till.intent_of(receipt["id"])["id"]
    till.stripe.control._server.book.intents[intent]["amount"] = 100  # nobody's door offers this
    till.pays(receipt["id"])
    till.tells_everything()

    assert order_of(receipt).state == OrderState.PENDING_PAYMENT
    again = buyer_of(cart, receipt).tries(
        "POST", f"/store/v1/orders/{receipt['id']}/payments", {"payment_method": "card"}
    )
    assert (again.status_code, problem(again)["code"]) == (409, "payment_mismatch")


def test_an_order_needs_the_legal_notices(cart: Basket, till: Till) -> None:
    for wish, missing in (
        ({"payment_method": "card"}, ["terms", "withdrawal"]),
        ({"payment_method": "card", "acknowledgements": ["terms"]}, ["withdrawal"]),
    ):
        answer = problem(cart.shopper.tries("POST", f"{cart.path}/place", wish, If_Match=etag(cart.version)))
        assert (answer["status"], answer["code"]) == (422, "legal_notice_required")
        assert answer["missing"] == missing


def test_ways_to_pay_say_why_they_cannot_be_taken(cart: Basket, till: Till, settings: Any) -> None:
    def reasons() -> dict[str, str | None]:
        methods = cart.shopper.says("GET", f"{cart.path}/payment-methods")["methods"]
        return {method["code"]: method["reason"] for method in methods}

    assert reasons() == {"card": None, "mobilepay": None, "invoice": None}
    settings.STRIPE_API_KEY = ""
    assert reasons() == {"card": "not_set_up", "mobilepay": "not_set_up", "invoice": None}
