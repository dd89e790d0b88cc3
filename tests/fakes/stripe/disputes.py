"""A cardholder's bank takes a payment back, or asks about it: how that begins and ends, and where the money is."""

from typing import TYPE_CHECKING, Final

from tests.fakes.stripe import objects
from tests.fakes.stripe.lists import listed
from tests.fakes.stripe.objects import Json, invalid

if TYPE_CHECKING:
    from tests.fakes.stripe.book import Book

FEE: Final = 2_000  # which Stripe keeps, whoever wins


def begin(
    book: "Book", intent: str, *, amount: int | None = None, reason: str = "fraudulent", asks: bool = False
) -> Json:
    """The bank takes the money of an intent back, all or `amount` of it; or it `asks` about it first."""
    with book.lock:
        charge = book.charges[book.intent(intent)["latest_charge"]]
        charge["disputed"] = True
        made = objects.dispute(
            charge,
            amount=amount or charge["amount_captured"],
            reason=reason,
            status="warning_needs_response" if asks else "needs_response",
        )
        book.disputes[made["id"]] = made
        book.emit("charge.dispute.created", made)
        return _move_money(book, made)


def go_on(book: "Book", name: str, *, status: str, money_follows: bool = True) -> Json:
    """The merchant hands in evidence, or the bank decides: it is `status` now, and its money follows, or will."""
    with book.lock:
        dispute = book.disputes[name]
        dispute["status"] = status
        ends = status in ("won", "lost", "warning_closed")
        book.emit("charge.dispute.closed" if ends else "charge.dispute.updated", dispute)
        return _move_money(book, dispute) if money_follows else dispute


def listed_of(book: "Book", given: Json) -> Json:
    """A page of them. Errors: Refused where an intent is named that is nobody's."""
    if "payment_intent" in given:
        book.intent(given["payment_intent"])
    return listed(book.disputes, given, url="/v1/disputes")


def require_none(book: "Book", charge: str) -> None:
    """Whether the charge may be given back. Errors: Refused while a bank holds its money."""
    if any(
        dispute["charge"] == charge and not dispute["is_charge_refundable"]
        for dispute in book.disputes.values()
    ):
        raise invalid(f"Charge {charge} has been charged back.", code="charge_disputed")


def _move_money(book: "Book", dispute: Json) -> Json:
    moves, status = dispute["balance_transactions"], dispute["status"]
    if not moves and not status.startswith("warning_"):
        moves.append(objects.dispute_move(dispute, amount=-dispute["amount"], fee=FEE))
        dispute["is_charge_refundable"] = False
        book.emit("charge.dispute.funds_withdrawn", dispute)
    if len(moves) == 1 and status == "won":
        moves.append(objects.dispute_move(dispute, amount=dispute["amount"], fee=0))
        dispute["is_charge_refundable"] = True
        book.emit("charge.dispute.funds_reinstated", dispute)
    return dispute
