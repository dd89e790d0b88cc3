"""Orders and returns as their readers get them: `orders.rest.shapes`, filled."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from config.kernel.money import Money
from orders.agreement.models import Order, OrderDelivery, OrderLine, OrderState
from orders.parcels.models import Parcel
from orders.payment.models import LIVE_ATTEMPTS, AttemptState, Dispute, Invoice, OperationKind
from orders.payment.rules import CARD, MOBILEPAY, NextAction
from orders.payment.services import status_of
from orders.rest.parcel_bodies import parcel_body, pickup_place
from orders.rest.returned import return_body, staff_return_body
from orders.returns.queries import card_of, get_terms
from orders.returns.rules import last_day_on


def order_body(*, order: Order) -> dict[str, Any]:
    """What the buyer reads. The order comes with its rows prefetched, so nothing is queried here."""
    lines, deliveries = list(order.lines.all()), list(order.deliveries.all())
    shipped, delivered, back = _shipped(order), _delivered(order), _coming_back(order)
    return {
        "id": order.public_id,
        "number": order.number,
        "state": order.state,
        "channel": order.channel,
        "locale": order.locale,
        "placed_at": order.placed_at,
        "contact": {"email": order.email, "name": order.name, "phone": order.phone},
        "lines": [
            {
                **_line_names(line),
                "unit_price": Money(line.unit_gross_minor, order.currency).wire(),
                **_sums(line, order.currency),
                "tax_rate": _rate(line.tax_rate),
                "added_by": line.added_by,
                "shipped": shipped[line.pk],
                "delivered": delivered[line.pk],
                "returnable": 0 if line.withdrawal_excluded else delivered[line.pk] - back[line.pk],
                "withdrawal_excluded": line.withdrawal_excluded or None,
            }
            for line in lines
        ],
        "deliveries": [
            {
                "id": delivery.public_id,
                "option": delivery.option,
                "label": delivery.label,
                "price": Money(delivery.gross_minor, order.currency).wire(),
                "pickup_at": pickup_place(delivery.pickup_at),
                **_destination(delivery),
            }
            for delivery in deliveries
        ],
        "totals": _totals(order, lines, deliveries),
        "pay_by": order.pay_by if order.state == OrderState.PENDING_PAYMENT else None,
        "cancel_reason": order.cancel_reason or None,
        "payment": _payment(order),
        "refunds": _refunds(order),
        "invoices": [
            _invoice(invoice) for invoice in sorted(order.invoices.all(), key=lambda row: row.sequence)
        ],
        "parcels": _parcels(order),
        "terms": _terms(order),
        "returns": [return_body(card=card_of(goods_return=row)) for row in order.returns.all()],
        "history": [
            {"state": step.state, "at": step.moved_at}
            for step in sorted(order.steps.all(), key=lambda row: row.pk)
        ],
    }


def staff_order_body(*, order: Order) -> dict[str, Any]:
    """What the location's staff reads. The order comes with its rows prefetched."""
    packed = _packed(order)
    return {
        "id": order.public_id,
        "number": order.number,
        "state": order.state,
        "placed_at": order.placed_at,
        "lines": [
            {**_line_names(line), "open": line.quantity - packed[line.pk]} for line in order.lines.all()
        ],
        "deliveries": [
            {
                "id": delivery.public_id,
                "location": delivery.location.code,
                "option": delivery.option,
                **_destination(delivery),
            }
            for delivery in order.deliveries.all()
        ],
        "parcels": _parcels(order),
        "returns": [staff_return_body(card=card_of(goods_return=row)) for row in order.returns.all()],
        "disputes": [_dispute(dispute) for dispute in order.disputes.all()],
    }


def _line_names(line: OrderLine) -> dict[str, Any]:
    return {
        "id": line.public_id,
        "sku": line.sku,
        "name": line.name,
        "options": [{"label": label, "value": value} for label, value in line.options],
        "quantity": line.quantity,
    }


def _sums(part: OrderLine | OrderDelivery, currency: str) -> dict[str, Any]:
    return {
        "gross": Money(part.gross_minor, currency).wire(),
        "net": Money(part.net_minor, currency).wire(),
        "tax": Money(part.tax_minor, currency).wire(),
    }


def _rate(rate: Decimal) -> str:
    return f"{rate.normalize():f}"


def _destination(delivery: OrderDelivery) -> dict[str, Any]:
    return {
        "promise": {"earliest_on": delivery.promised_from_on, "latest_on": delivery.promised_until_on},
        "address": delivery.address,
    }


def _totals(order: Order, lines: list[OrderLine], deliveries: list[OrderDelivery]) -> dict[str, Any]:
    """Sums of what is stored; no tax is computed again."""
    gross: Counter[Decimal] = Counter()
    tax: Counter[Decimal] = Counter()
    parts: list[OrderLine | OrderDelivery] = [*lines, *deliveries]
    for part in parts:
        gross[part.tax_rate] += part.gross_minor
        tax[part.tax_rate] += part.tax_minor
    currency = order.currency
    return {
        "goods": Money(sum(line.gross_minor for line in lines), currency).wire(),
        "delivery": Money(sum(delivery.gross_minor for delivery in deliveries), currency).wire(),
        "total": Money(order.total_gross_minor, currency).wire(),
        "tax": Money(order.total_tax_minor, currency).wire(),
        "taxes": [
            {
                "rate": _rate(rate),
                "gross": Money(gross[rate], currency).wire(),
                "net": Money(gross[rate] - tax[rate], currency).wire(),
                "tax": Money(tax[rate], currency).wire(),
            }
            for rate in sorted(gross, reverse=True)
        ],
    }


def _payment(order: Order) -> dict[str, Any] | None:
    """The attempt that counts: the live one, else the last."""
    attempts = sorted(order.attempts.all(), key=lambda row: (row.state in LIVE_ATTEMPTS, row.pk))
    if not attempts:
        return None
    attempt = attempts[-1]
    waiting = {CARD: "sdk", MOBILEPAY: "redirect"}.get(attempt.method, "none")
    types = {AttemptState.PENDING: "wait", AttemptState.REQUIRES_ACTION: waiting}
    action = NextAction(type=types.get(AttemptState(attempt.state), "none"))
    failure = {"failure": attempt.failure} if attempt.failure else {}
    return status_of(attempt=attempt, next_action=action).wire() | failure


def _refunds(order: Order) -> list[dict[str, Any]]:
    refunds = (row for row in order.operations.all() if row.kind == OperationKind.REFUND)
    return [
        {
            "id": refund.public_id,
            "amount": Money(refund.amount_minor, order.currency).wire(),
            "status": refund.state,
            "asked_at": refund.asked_at,
        }
        for refund in refunds
    ]


def _invoice(invoice: Invoice) -> dict[str, Any]:
    return {
        "number": invoice.number,
        "kind": invoice.kind,
        "total": Money(invoice.gross_minor, invoice.currency).wire(),
        "issued_on": invoice.issued_on,
        "due_on": invoice.due_on,
    }


def _dispute(dispute: Dispute) -> dict[str, Any]:
    return {
        "ref": dispute.provider_ref,
        "state": dispute.state,
        "amount": Money(dispute.amount_minor, dispute.currency).wire(),
        "taken": Money(dispute.taken_minor - dispute.returned_minor, dispute.currency).wire(),
        "reason": dispute.reason,
        "evidence_due_at": dispute.evidence_due_at,
        "opened_at": dispute.opened_at,
    }


def _parcels(order: Order) -> list[dict[str, Any]]:
    return [parcel_body(parcel=parcel) for parcel in order.parcels.all()]


def _packed(order: Order) -> Counter[int]:
    return _units_in(order.parcels.all())


def _shipped(order: Order) -> Counter[int]:
    return _units_in(parcel for parcel in order.parcels.all() if parcel.dispatched_at is not None)


def _units_in(parcels: Iterable[Parcel]) -> Counter[int]:
    units: Counter[int] = Counter()
    for parcel in parcels:
        for line in parcel.lines.all():
            units[line.order_line_id] += line.quantity
    return units


def _delivered(order: Order) -> Counter[int]:
    return _units_in(parcel for parcel in order.parcels.all() if parcel.delivered_at is not None)


def _coming_back(order: Order) -> Counter[int]:
    units: Counter[int] = Counter()
    for goods_return in order.returns.all():
        for line in goods_return.lines.all():
            units[line.order_line_id] += line.accepted
    return units


def _terms(order: Order) -> dict[str, Any]:
    terms = get_terms(order=order)

    def last_day(ends_at: datetime | None) -> date | None:
        return None if ends_at is None else last_day_on(ends_at=ends_at, country=order.country)

    return {
        "withdrawal_ends_at": terms.withdrawal_ends_at,
        "withdrawal_last_day_on": last_day(terms.withdrawal_ends_at),
        "return_ends_at": terms.policy_ends_at,
        "return_last_day_on": last_day(terms.policy_ends_at),
    }
