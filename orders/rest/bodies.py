"""Orders and returns as their readers get them: `orders.rest.shapes`, filled."""

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from config.kernel.money import Money
from orders.agreement.models import Order, OrderDelivery, OrderLine
from orders.agreement.rules import LineUnits
from orders.parcels.models import Parcel
from orders.parcels.services import DISPATCHED, DispatchedParcel
from orders.payment.models import LIVE_ATTEMPTS, Invoice
from orders.returns.models import Return
from orders.returns.services import ReturnReceipt


def order_body(*, order: Order) -> dict[str, Any]:
    """What the buyer reads. The order comes with its rows prefetched, so nothing is queried here."""
    lines, deliveries = list(order.lines.all()), list(order.deliveries.all())
    shipped, announced = _shipped(order), _announced(order)
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
                "returnable": shipped[line.pk] - announced[line.pk],
            }
            for line in lines
        ],
        "deliveries": [
            {
                "id": delivery.public_id,
                "option": delivery.option,
                "label": delivery.label,
                "price": Money(delivery.gross_minor, order.currency).wire(),
                **_destination(delivery),
            }
            for delivery in deliveries
        ],
        "totals": _totals(order, lines, deliveries),
        "payment": _payment(order),
        "invoices": [
            _invoice(invoice) for invoice in sorted(order.invoices.all(), key=lambda row: row.sequence)
        ],
        "parcels": _parcels(order),
        "returns": _returns(order),
        "history": [
            {"state": step.state, "at": step.moved_at}
            for step in sorted(order.steps.all(), key=lambda row: row.pk)
        ],
    }


def staff_order_body(*, order: Order) -> dict[str, Any]:
    """What the location's staff reads. The order comes with its rows prefetched."""
    shipped = _shipped(order)
    return {
        "id": order.public_id,
        "number": order.number,
        "state": order.state,
        "placed_at": order.placed_at,
        "lines": [
            {**_line_names(line), "open": line.quantity - shipped[line.pk]} for line in order.lines.all()
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
        "returns": _returns(order),
    }


def return_body(*, receipt: ReturnReceipt) -> dict[str, Any]:
    """A return as its use cases answer it."""
    credited = receipt.credited_minor
    return {
        "id": receipt.return_id,
        "order_id": receipt.order_id,
        "state": receipt.state,
        "lines": _units(receipt.lines),
        "credit": None if credited is None else Money(credited, receipt.currency).wire(),
    }


def parcel_body(*, parcel: DispatchedParcel) -> dict[str, Any]:
    """A parcel as the use case answers it."""
    return {
        "id": parcel.parcel_id,
        "state": DISPATCHED,
        "dispatched_at": parcel.dispatched_at,
        "lines": _units(parcel.lines),
    }


def _units(lines: Iterable[LineUnits]) -> list[dict[str, Any]]:
    return [{"line_id": line.line_id, "quantity": line.quantity} for line in lines]


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
    live = next((attempt for attempt in order.attempts.all() if attempt.state in LIVE_ATTEMPTS), None)
    if live is None:
        return None
    return {"method": live.method, "status": live.state, "next_action": "none"}


def _invoice(invoice: Invoice) -> dict[str, Any]:
    return {
        "number": invoice.number,
        "kind": invoice.kind,
        "total": Money(invoice.gross_minor, invoice.currency).wire(),
        "issued_on": invoice.issued_on,
        "due_on": invoice.due_on,
    }


def _parcels(order: Order) -> list[dict[str, Any]]:
    names = {line.pk: line.public_id for line in order.lines.all()}

    def body(parcel: Parcel) -> dict[str, Any]:
        return {
            "id": parcel.public_id,
            "state": DISPATCHED,
            "dispatched_at": parcel.dispatched_at,
            "lines": [
                {"line_id": names[line.order_line_id], "quantity": line.quantity}
                for line in parcel.lines.all()
            ],
        }

    return [body(parcel) for parcel in order.parcels.all()]


def _returns(order: Order) -> list[dict[str, Any]]:
    names = {line.pk: line.public_id for line in order.lines.all()}

    def body(goods_return: Return) -> dict[str, Any]:
        credited = goods_return.credited_gross_minor
        return {
            "id": goods_return.public_id,
            "order_id": order.public_id,
            "state": goods_return.state,
            "lines": [
                {"line_id": names[line.order_line_id], "quantity": line.quantity}
                for line in goods_return.lines.all()
            ],
            "credit": None if credited is None else Money(credited, order.currency).wire(),
        }

    return [body(goods_return) for goods_return in order.returns.all()]


def _shipped(order: Order) -> Counter[int]:
    units: Counter[int] = Counter()
    for parcel in order.parcels.all():
        for line in parcel.lines.all():
            units[line.order_line_id] += line.quantity
    return units


def _announced(order: Order) -> Counter[int]:
    units: Counter[int] = Counter()
    for goods_return in order.returns.all():
        for line in goods_return.lines.all():
            units[line.order_line_id] += line.quantity
    return units
