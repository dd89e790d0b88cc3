"""Money is taken as parcels leave, and given back in parts; what the provider made of it stands in the ledger."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from config.kernel.models import StoredEvent
from orders.payment.models import OperationState, PaymentAttempt, PaymentOperation
from orders.placing.recovering import recover_payments
from tests.callers import Caller, problem
from tests.factories.goods import CUSHION, SAND
from tests.factories.world import Basket, World, ready_cart
from tests.orders.paying import BY, Till, buyer_of, entries, order_of, secured

pytestmark = pytest.mark.django_db


@dataclass
class Scene:
    """A guest's cart with a sofa and two cushions, a clerk who sends it, and the provider."""

    cart: Basket
    till: Till
    clerk: Caller

    def ships(self, receipt: dict[str, Any], **units: int) -> None:
        """So many units leave, all that are open when none are named; then our jobs run."""
        self.sends(receipt, **units)
        self.till.works()

    def sends(self, receipt: dict[str, Any], **units: int) -> None:
        """The same, and no job runs."""
        path = f"/staff/v1/orders/{receipt['id']}"
        lines = {line["sku"]: line["id"] for line in self.clerk.says("GET", path)["lines"]}
        wanted = [{"line_id": lines[sku.replace("_", "-")], "quantity": n} for sku, n in units.items()]
        self.clerk.says("POST", f"{path}/parcels", {"lines": wanted} if units else {})

    def refunds(self, receipt: dict[str, Any], amount: str, currency: str = "EUR") -> Any:
        """The clerk gives something back, or tries to."""
        wish = {"amount": {"amount": amount, "currency": currency}}
        return self.clerk.tries("POST", f"/staff/v1/orders/{receipt['id']}/refunds", wish)

    def secured(self, method: str = "card") -> dict[str, Any]:
        """The cart as an order whose sum is authorised."""
        return secured(self.cart, self.till, method)


@pytest.fixture
def scene(world: World, till: Till) -> Scene:
    cart = ready_cart(world.guest(), **{SAND.replace("-", "_"): 1, CUSHION.replace("-", "_"): 2})
    return Scene(cart=cart, till=till, clerk=world.person("clerk_x"))


def told(receipt: dict[str, Any], name: str) -> int:
    return StoredEvent.objects.filter(name=name, data__order_id=receipt["id"]).count()


def test_the_whole_sum_is_taken_when_all_leaves_at_once(scene: Scene) -> None:
    receipt = scene.secured()
    scene.ships(receipt)

    total = order_of(receipt).total_gross_minor
    assert entries(receipt) == [("captured", total)]
    assert scene.till.intent_of(receipt["id"])["amount_received"] == total
    assert told(receipt, "orders.order_paid") == 1


def test_each_parcel_takes_its_part_and_the_last_one_the_rest(scene: Scene) -> None:
    receipt = scene.secured()
    scene.ships(receipt, **{CUSHION.replace("-", "_"): 1})
    first = entries(receipt)
    intent = scene.till.intent_of(receipt["id"])
    assert [kind for kind, _ in first] == ["captured"]
    assert 0 < first[0][1] < intent["amount"]
    assert (intent["status"], intent["amount_received"]) == ("requires_capture", first[0][1])
    assert told(receipt, "orders.order_paid") == 0

    scene.ships(receipt)

    assert sum(amount for _, amount in entries(receipt)) == order_of(receipt).total_gross_minor
    assert scene.till.intent_of(receipt["id"])["status"] == "succeeded"
    assert told(receipt, "orders.order_paid") == 1


def test_where_money_can_be_taken_once_the_first_parcel_takes_it_all(scene: Scene) -> None:
    receipt = scene.secured("mobilepay")
    scene.ships(receipt, **{CUSHION.replace("-", "_"): 1})
    scene.ships(receipt)

    assert entries(receipt) == [("captured", order_of(receipt).total_gross_minor)]


@pytest.mark.parametrize("fault", ["reply_lost", "error_after", "unavailable", "rate_limited"])
@pytest.mark.parametrize("what", ["capture", "refunds"])
def test_what_was_asked_and_not_answered_is_done_once(
    what: str, fault: str, scene: Scene, now: datetime
) -> None:
    receipt = scene.secured()
    ship_first = what == "refunds"
    if ship_first:
        scene.ships(receipt)
    scene.till.stripe.control.fail_next(fault=fault, where=f"POST .*{what}$")
    if ship_first:
        assert scene.refunds(receipt, "10.00").status_code == 201
    else:
        scene.sends(receipt)

    recover_payments(by=BY, now=now + timedelta(minutes=3))
    recover_payments(by=BY, now=now + timedelta(minutes=4))

    total = order_of(receipt).total_gross_minor
    back = [("refunded", -1000)] if ship_first else []
    assert entries(receipt) == [("captured", total), *back]
    assert scene.till.intent_of(receipt["id"])["amount_received"] == total
    intent = scene.till.intent_of(receipt["id"])["id"]
    made = [each for each in scene.till.stripe.control.refunds() if each["payment_intent"] == intent]
    assert [each["amount"] for each in made] == [1000 for _ in back]


def test_a_refund_in_parts_never_exceeds_what_was_taken(scene: Scene) -> None:
    receipt = scene.secured()
    scene.ships(receipt)
    total = order_of(receipt).total_gross_minor
    assert scene.refunds(receipt, "100.00").status_code == 201
    scene.till.works()

    answer = problem(scene.refunds(receipt, f"{(total - 9999) / 100:.2f}"))

    assert (answer["status"], answer["code"]) == (422, "refund_exceeds_captured")
    assert answer["remaining"] == {"amount": f"{(total - 10000) / 100:.2f}", "currency": "EUR"}
    body = buyer_of(scene.cart, receipt).says("GET", f"/store/v1/orders/{receipt['id']}")
    assert [(each["amount"]["amount"], each["status"]) for each in body["refunds"]] == [("100.00", "done")]
    assert told(receipt, "orders.refund_made") == 1


@pytest.mark.parametrize(
    ("amount", "currency", "code"),
    [
        ("0.00", "EUR", "refund_exceeds_captured"),
        ("-1.00", "EUR", "refund_exceeds_captured"),
        ("10.005", "EUR", "refund_exceeds_captured"),
        ("10.00", "SEK", "refund_exceeds_captured"),
        ("999999999.00", "EUR", "refund_exceeds_captured"),
        ("10.50", "JPY", "bad_minor_units"),
        ("10.50", "KWD", "bad_minor_units"),
    ],
)
def test_a_sum_that_is_none_of_the_orders_is_refused(
    amount: str, currency: str, code: str, scene: Scene
) -> None:
    receipt = scene.secured()
    scene.ships(receipt)

    answer = problem(scene.refunds(receipt, amount, currency))

    assert (answer["status"], answer["code"]) == (422, code)
    assert not PaymentOperation.objects.filter(kind="refund").exists()


def test_a_refund_that_takes_its_time_is_done_when_the_provider_says_so(scene: Scene) -> None:
    receipt = scene.till.places(scene.cart)
    scene.till.pays(receipt["id"], "pm_card_pendingRefund")
    scene.till.tells_everything()
    scene.ships(receipt)
    assert scene.refunds(receipt, "10.00").status_code == 201
    scene.till.works()
    pending = PaymentOperation.objects.get(kind="refund", order__public_id=receipt["id"])
    assert (pending.state, told(receipt, "orders.refund_made")) == (OperationState.PENDING, 0)

    assert pending.provider_ref is not None
    scene.till.stripe.control.end_refund(refund=pending.provider_ref)
    scene.till.tells_everything()

    assert entries(receipt)[-1] == ("refunded", -1000)
    assert told(receipt, "orders.refund_made") == 1


def test_an_authorisation_that_ended_is_told_and_takes_nothing(scene: Scene) -> None:
    receipt = scene.secured()
    scene.till.stripe.control.let_authorisation_end(intent=scene.till.intent_of(receipt["id"])["id"])
    scene.till.tells_everything()
    assert PaymentAttempt.objects.get(order__public_id=receipt["id"]).failure == "authorisation_lost"

    scene.ships(receipt)

    assert entries(receipt) == []
    assert PaymentOperation.objects.get(order__public_id=receipt["id"]).state == OperationState.FAILED


def test_what_has_left_cannot_be_called_off(scene: Scene) -> None:
    receipt = scene.secured()
    scene.ships(receipt, **{CUSHION.replace("-", "_"): 1})

    path = f"/store/v1/orders/{receipt['id']}/cancel"
    assert buyer_of(scene.cart, receipt).is_refused("POST", path, {}) == (409, "goods_have_left")
