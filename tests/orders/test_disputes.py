"""What a buyer's bank takes back: seen by staff, entered in the ledger, and ended when the provider says how it ended.

The bank's word is read at the provider; messages only tell when to look, so their order and number mean nothing.
"""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from config.kernel.db import open_transaction
from config.kernel.events import emit
from config.kernel.invariants import check
from config.kernel.models import Delivery, StoredEvent
from orders.events import PaymentDisputed
from orders.payment.models import Dispute, PaymentAttempt
from orders.placing.recovering import recover_disputes
from tests.callers import Caller, problem
from tests.factories.world import World, ready_cart
from tests.orders.paying import BY, Till, entries, order_of, secured

pytestmark = pytest.mark.django_db
LIST = "/staff/v1/open-matters"


@dataclass
class Case:
    """A payment of an order that left, its clerk, and the buyer's bank."""

    till: Till
    clerk: Caller
    receipt: dict[str, Any]

    @property
    def total(self) -> int:
        return order_of(self.receipt).total_gross_minor

    @property
    def bank(self) -> Any:
        return self.till.stripe.control

    def begins(self, **how: Any) -> str:
        """The bank takes it back, or asks about it; the provider's name of it. Nobody has told us yet."""
        return str(self.bank.dispute(intent=self.till.intent_of(self.receipt["id"])["id"], **how)["id"])

    def is_now(self, dispute: str, *states: str) -> None:
        """What the provider says of it, one after the other, each told."""
        for state in states:
            self.bank.move_dispute(dispute=dispute, status=state)
            self.till.tells_everything()

    def refunds(self, amount: int) -> Any:
        """The clerk gives something back, or tries to."""
        wish = {"amount": {"amount": f"{amount / 100:.2f}", "currency": "EUR"}}
        return self.clerk.tries("POST", f"/staff/v1/orders/{self.receipt['id']}/refunds", wish)

    def on_order(self) -> list[dict[str, Any]]:
        """What the clerk reads on the order."""
        shown: list[dict[str, Any]] = self.clerk.says("GET", f"/staff/v1/orders/{self.receipt['id']}")[
            "disputes"
        ]
        return shown

    def waiting(self) -> list[tuple[str, str]]:
        """What waits for a person: its kind, and where it stands."""
        return [(each["kind"], each["facts"]["state"]) for each in self.clerk.says("GET", LIST)["items"]]


@pytest.fixture
def case(world: World, till: Till) -> Case:
    case = Case(till=till, clerk=world.person("clerk_x"), receipt=secured(ready_cart(world.guest()), till))
    case.clerk.says("POST", f"/staff/v1/orders/{case.receipt['id']}/parcels", {})
    till.works()
    return case


def euros(minor: int) -> dict[str, str]:
    return {"amount": f"{minor / 100:.2f}", "currency": "EUR"}


def test_a_payment_that_is_taken_back_is_shown_and_entered(case: Case, now: datetime) -> None:
    dispute = case.begins(reason="product_not_received")
    case.till.tells_everything()

    assert entries(case.receipt) == [("captured", case.total), ("disputed", -case.total)]
    (matter,) = case.clerk.says("GET", LIST)["items"]
    (shown,) = case.on_order()
    assert (matter["kind"], matter["about"]) == ("dispute", dispute)
    facts = {
        "amount": euros(case.total),
        "taken": euros(case.total),
        "reason": "product_not_received",
        "state": "needs_response",
    }
    assert facts.items() <= matter["facts"].items()
    assert facts.items() <= shown.items()
    assert shown["ref"] == dispute
    due_at = datetime.fromisoformat(matter["facts"]["evidence_due_at"])
    assert due_at == datetime.fromisoformat(shown["evidence_due_at"])
    assert due_at - datetime.fromisoformat(shown["opened_at"]) == timedelta(days=7)
    assert check(now=now) == []


def test_won_the_money_is_ours_again_and_nothing_waits(case: Case, now: datetime) -> None:
    dispute = case.begins()
    case.till.tells_everything()
    case.is_now(dispute, "under_review")
    assert case.waiting() == [("dispute", "under_review")]

    case.is_now(dispute, "won")

    total = case.total
    assert entries(case.receipt) == [("captured", total), ("disputed", -total), ("reinstated", total)]
    assert case.waiting() == []
    assert [(each["state"], each["taken"]) for each in case.on_order()] == [("won", euros(0))]
    assert case.refunds(total).status_code == 201
    case.till.works()
    assert sum(amount for _, amount in entries(case.receipt)) == 0
    assert check(now=now) == []


def test_lost_the_money_is_gone_and_is_not_given_back_again(case: Case, now: datetime) -> None:
    dispute = case.begins(amount=5000)
    case.till.tells_everything()
    case.is_now(dispute, "lost")

    assert entries(case.receipt) == [("captured", case.total), ("disputed", -5000)]
    assert case.waiting() == []
    assert [(each["state"], each["taken"]) for each in case.on_order()] == [("lost", euros(5000))]
    answer = problem(case.refunds(case.total))
    assert (answer["status"], answer["code"]) == (422, "refund_exceeds_captured")
    assert answer["remaining"] == euros(case.total - 5000)
    assert check(now=now) == []


def test_an_inquiry_takes_nothing_until_it_becomes_a_dispute(case: Case, now: datetime) -> None:
    dispute = case.begins(asks=True)
    case.till.tells_everything()
    assert case.waiting() == [("inquiry", "inquiry")]
    assert entries(case.receipt) == [("captured", case.total)]

    case.is_now(dispute, "warning_under_review", "needs_response")

    assert case.waiting() == [("dispute", "needs_response")]
    assert entries(case.receipt) == [("captured", case.total), ("disputed", -case.total)]
    assert check(now=now) == []


def test_an_inquiry_that_ends_costs_nothing(case: Case, now: datetime) -> None:
    dispute = case.begins(asks=True)
    case.till.tells_everything()
    case.is_now(dispute, "warning_closed")

    assert case.waiting() == []
    assert entries(case.receipt) == [("captured", case.total)]
    assert [each["state"] for each in case.on_order()] == ["closed"]
    assert case.refunds(case.total).status_code == 201


COURSES = {
    "lost": ("under_review", "lost"),
    "won": ("under_review", "won"),
    "asked, then lost": ("warning_under_review", "needs_response", "lost"),
    "asked, then nothing": ("warning_under_review", "warning_closed"),
}


@pytest.mark.parametrize("course", COURSES)
def test_whatever_order_it_is_told_in_it_ends_alike(course: str, case: Case, now: datetime) -> None:
    """Each message three times, shuffled, some of them while the bank has not decided yet."""
    dispute = case.begins(asks=course.startswith("asked"))
    told: list[dict[str, Any]] = []
    chance = random.Random(course)
    for state in COURSES[course]:
        told += case.bank.events()[case.till.told :]
        case.till.told = len(case.bank.events())
        for event in chance.sample(told * 2, k=len(told)):
            assert case.till.tells(event).status_code == 200
        case.till.works()
        case.bank.move_dispute(dispute=dispute, status=state)
    told += case.bank.events()[case.till.told :]
    for event in chance.sample(told * 3, k=3 * len(told)):
        assert case.till.tells(event).status_code == 200
    case.till.works()

    total, end = case.total, COURSES[course][-1]
    taken = [("disputed", -total)] if end in ("won", "lost") else []
    returned = [("reinstated", total)] if end == "won" else []
    assert entries(case.receipt) == [("captured", total), *taken, *returned]
    assert case.waiting() == []
    assert Dispute.objects.get().state == {"warning_closed": "closed"}.get(end, end)
    assert check(now=now) == []


def test_a_handler_that_hears_of_its_beginning_last_opens_nothing(case: Case) -> None:
    """What waits for a person follows how it stands, not which event came."""
    dispute = case.begins()
    case.till.tells_everything()
    case.is_now(dispute, "lost")
    first = StoredEvent.objects.filter(name="orders.payment_disputed").earliest("pk")
    assert first.data["state"] == "needs_response"

    first.deliveries.update(handled_at=None)
    case.till.works()

    assert case.waiting() == []


def test_what_a_person_settled_stays_settled_while_the_bank_decides(case: Case) -> None:
    dispute = case.begins()
    case.till.tells_everything()
    (matter,) = case.clerk.says("GET", LIST)["items"]
    case.clerk.says(
        "POST", f"{LIST}/{matter['id']}/settle", {"note": "Receipt of the carrier sent to the bank."}
    )

    case.is_now(dispute, "under_review", "won")

    assert case.waiting() == []


@pytest.mark.parametrize("ends", [False, True])
def test_a_dispute_of_which_no_message_came_is_found(ends: bool, case: Case, now: datetime) -> None:
    dispute = case.begins()
    case.till.told = len(case.bank.events())
    recover_disputes(by=BY, now=now)
    case.till.works()
    assert case.waiting() == [("dispute", "needs_response")]

    if ends:
        case.bank.move_dispute(dispute=dispute, status="lost")
    recover_disputes(by=BY, now=now + timedelta(days=5))
    case.till.works()

    assert case.waiting() == ([] if ends else [("dispute", "needs_response")])
    assert entries(case.receipt) == [("captured", case.total), ("disputed", -case.total)]


def test_money_that_follows_the_banks_word_later_is_entered(case: Case, now: datetime) -> None:
    """A message of it may be lost: who was found for is looked at until the money is here."""
    dispute, total = case.begins(), case.total
    case.till.tells_everything()
    case.bank.move_dispute(dispute=dispute, status="won", money_follows=False)
    case.till.tells_everything()
    assert entries(case.receipt) == [("captured", total), ("disputed", -total)]

    case.bank.move_dispute(dispute=dispute, status="won")
    case.till.told = len(case.bank.events())
    recover_disputes(by=BY, now=now + timedelta(days=5))

    assert entries(case.receipt) == [("captured", total), ("disputed", -total), ("reinstated", total)]
    assert check(now=now) == []


def test_a_dispute_that_cannot_be_looked_at_hides_no_other(world: World, case: Case, now: datetime) -> None:
    other = Case(till=case.till, clerk=case.clerk, receipt=secured(ready_cart(world.guest()), case.till))
    case.clerk.says("POST", f"/staff/v1/orders/{other.receipt['id']}/parcels", {})
    case.till.works()
    first, second = case.begins(), other.begins()
    case.till.tells_everything()
    PaymentAttempt.objects.filter(disputes__provider_ref=first).update(provider_ref="pi_of_another_account")
    Dispute.objects.filter(provider_ref=first).update(checked_at=now - timedelta(days=1))
    case.bank.move_dispute(dispute=second, status="lost")

    recover_disputes(by=BY, now=now + timedelta(days=5))

    assert Dispute.objects.get(provider_ref=second).state == "lost"


def test_what_was_told_before_disputes_were_kept_holds_nothing_up(case: Case, now: datetime) -> None:
    order = order_of(case.receipt)
    told = PaymentDisputed(
        order_id=order.public_id,
        number=order.number,
        dispute_ref="dp_of_yore",
        amount_minor=1000,
        currency="EUR",
        reason="fraudulent",
        state="needs_response",
    )
    with open_transaction():
        emit(told, by=BY, now=now)
    case.till.works()

    assert case.waiting() == []
    assert not Delivery.objects.filter(handled_at=None).exists()


def test_a_refund_under_way_when_the_bank_takes_it_back_lies_before_a_person(
    case: Case, now: datetime
) -> None:
    assert case.refunds(1000).status_code == 201
    case.begins()
    case.till.tells_everything()

    refused, disputed = sorted(
        case.clerk.says("GET", LIST)["items"], key=lambda each: each["kind"], reverse=True
    )

    assert (refused["kind"], refused["facts"]["reason"]) == ("payment_refused", "charge_disputed")
    assert disputed["kind"] == "dispute"
    assert entries(case.receipt) == [("captured", case.total), ("disputed", -case.total)]
    assert check(now=now) == []


def test_money_that_was_given_back_and_is_taken_back_too_is_told_as_it_is(case: Case, now: datetime) -> None:
    """Her bank may do so; the refund is the evidence against it."""
    assert case.refunds(case.total).status_code == 201
    case.till.works()
    case.begins()
    case.till.tells_everything()

    assert sum(amount for _, amount in entries(case.receipt)) == -case.total
    assert case.waiting() == [("dispute", "needs_response")]
    assert check(now=now) == []


def test_a_ledger_without_the_disputes_money_is_reported(case: Case, now: datetime) -> None:
    case.begins()
    case.till.tells_everything()
    Dispute.objects.update(taken_minor=1)

    found = {violation.code for violation in check(now=now)}

    Dispute.objects.update(taken_minor=case.total)
    assert found == {"I9"}
    assert check(now=now) == []
