"""Returns as their readers get them: the shapes, and how they are filled."""

from typing import Any

from rest_framework import serializers

from config.kernel.money import Money
from config.kernel.rest.bodies import MoneyBody
from orders.returns.queries import ReturnCard, ReturnedUnits


class ReturnAddressBody(serializers.Serializer[Any]):
    """Where the box goes."""

    name = serializers.CharField()
    street = serializers.CharField()
    postcode = serializers.CharField()
    city = serializers.CharField()
    country = serializers.CharField()


class ReturnedLineBody(serializers.Serializer[Any]):
    """Units of one line of the order. `sellable` and `damaged` are null until somebody looked into the box."""

    line_id = serializers.UUIDField()
    quantity = serializers.IntegerField()
    reason = serializers.CharField(allow_blank=True)
    comment = serializers.CharField(allow_blank=True)
    sellable = serializers.IntegerField(allow_null=True)
    damaged = serializers.IntegerField(allow_null=True)


class StaffReturnedLineBody(ReturnedLineBody):
    """The same for whoever looks into the box: what it should be, and what was noted."""

    sku = serializers.CharField()
    name = serializers.CharField()
    note = serializers.CharField(allow_blank=True)


class DeductionBody(serializers.Serializer[Any]):
    """What was not given back, because the goods had lost value, and why."""

    amount = MoneyBody()
    reason = serializers.CharField()


class ReturnBody(serializers.Serializer[Any]):
    """Goods on their way back. `credit` is what is given back for them, once that is decided."""

    id = serializers.UUIDField()
    order_id = serializers.UUIDField()
    state = serializers.CharField(help_text="announced, received or credited")
    right = serializers.CharField(help_text="withdrawal: the law's, within its term; policy: ours, after it")
    label_code = serializers.CharField(
        help_text="Write it on the box, or print it as a QR code: PR-7Q2MX-0K4TD-A."
    )
    send_to = ReturnAddressBody()
    lines = ReturnedLineBody(many=True)
    credit = MoneyBody(allow_null=True)
    deduction = DeductionBody(allow_null=True)
    refunded = serializers.BooleanField(help_text="The money is on its way.")


class StaffReturnBody(ReturnBody):
    """The same for the staff of the location that takes it back."""

    lines = StaffReturnedLineBody(many=True)


def return_body(*, card: ReturnCard) -> dict[str, Any]:
    """A return as its buyer reads it."""
    return {**_head(card), "lines": [_line(line) for line in card.lines]}


def staff_return_body(*, card: ReturnCard) -> dict[str, Any]:
    """A return as the staff reads it."""
    lines = [{**_line(line), "sku": line.sku, "name": line.name, "note": line.note} for line in card.lines]
    return {**_head(card), "lines": lines}


def _head(card: ReturnCard) -> dict[str, Any]:
    place = card.sent_to
    deducted = Money(card.deducted_minor, card.currency).wire()
    return {
        "id": card.return_id,
        "order_id": card.order_id,
        "state": card.state,
        "right": card.by_right,
        "label_code": card.label_code,
        "send_to": {
            "name": place.name,
            "street": place.street,
            "postcode": place.postcode,
            "city": place.city,
            "country": place.country,
        },
        "credit": None if card.credited_minor is None else Money(card.credited_minor, card.currency).wire(),
        "deduction": {"amount": deducted, "reason": card.deduction_reason} if card.deducted_minor else None,
        "refunded": card.refunded,
    }


def _line(line: ReturnedUnits) -> dict[str, Any]:
    return {
        "line_id": line.line_id,
        "quantity": line.quantity,
        "reason": line.reason,
        "comment": line.comment,
        "sellable": line.sellable,
        "damaged": line.damaged,
    }
