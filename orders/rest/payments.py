"""Paying, calling off and giving back: /store/v1/orders/{id}/payments and /cancel, /staff/v1/orders/{id}/refunds."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from config.kernel.money import Money, exponent
from config.kernel.rest import inputs
from config.kernel.rest.access import StaffView, StoreView, caller_of
from config.kernel.rest.bodies import MoneyBody
from config.kernel.rest.headers import IDEMPOTENCY_KEY, ORDER_SECRET
from config.kernel.rest.once import answered, once_from
from config.kernel.states import IllegalMove
from orders.agreement.queries import get_currency_for_staff
from orders.payment.services import RefundExceedsCaptured
from orders.placing.paying import (
    OrderNotPayable,
    PaymentMismatch,
    TooManyFailures,
    cancel_by_buyer,
    pay_order,
    refund_by_staff,
)
from orders.placing.services import GoodsHaveLeft, PaymentMethodUnavailable
from orders.rest.money import BadMinorUnits
from orders.rest.shapes import OrderPaymentBody
from orders.rest.store import secret_of

_SUM: Final = re.compile(r"-?[0-9]{1,12}(?:\.[0-9]{1,6})?")


class OrderPayments(StoreView):
    """Pay an order that waits for its money."""

    is_about_paying = True
    write_rate = "store.checkout"
    request_headers = (ORDER_SECRET, IDEMPOTENCY_KEY)
    refusals = (OrderNotPayable, PaymentMethodUnavailable, TooManyFailures, PaymentMismatch)

    class Input(inputs.Input):
        """How it shall be paid."""

        payment_method = inputs.CodeField(max_length=30)

    class Output(serializers.Serializer[Any]):
        """The order's state and how the payment stands."""

        order_id = serializers.UUIDField()
        order_state = serializers.CharField()
        payment = OrderPaymentBody()

    @extend_schema(request=Input, responses={201: Output})
    def post(self, request: Request, order_id: UUID) -> Response:
        """Another try or another method; with the same method as before the payment is gone on with."""
        wish, once = self.Input.of(request), once_from(request)
        paid = pay_order(
            once=once,
            order_id=order_id,
            secret=secret_of(request),
            payment_method=wish["payment_method"],
            by=caller_of(request).actor,
            now=timezone.now(),
        )
        body = {"order_id": order_id, "order_state": paid.order_state, "payment": paid.payment.wire()}
        return answered(once, body)


class OrderCancel(StoreView):
    """Call an order off."""

    request_headers = (ORDER_SECRET, IDEMPOTENCY_KEY)
    refusals = (GoodsHaveLeft, IllegalMove)

    class Output(serializers.Serializer[Any]):
        """An order of which nothing will happen."""

        id = serializers.UUIDField()
        number = serializers.CharField()
        state = serializers.CharField()

    @extend_schema(request=inputs.NoInput, responses=Output)
    def post(self, request: Request, order_id: UUID) -> Response:
        """While nothing of it has left: its goods are free again and its money goes back."""
        inputs.NoInput.of(request)
        once = once_from(request, status=200)
        cancelled = cancel_by_buyer.once(
            once,
            order_id=order_id,
            secret=secret_of(request),
            by=caller_of(request).actor,
            now=timezone.now(),
        )
        body = {"id": cancelled.order_id, "number": cancelled.number, "state": cancelled.state}
        return answered(once, body)


class SumField(inputs.PatternField):
    """A sum in major units; whether it is one of this order is the use case's question."""

    wrong = "invalid_amount"
    described = {"pattern": f"^{_SUM.pattern}$"}
    default_error_messages = {"invalid_amount": "This is not an amount, such as 10.00."}

    def matches(self, value: str) -> bool:
        return _SUM.fullmatch(value) is not None


class OrderRefunds(StaffView):
    """Give a part of an order's money back."""

    request_headers = (IDEMPOTENCY_KEY,)
    refusals = (RefundExceedsCaptured, BadMinorUnits)

    class Input(inputs.Input):
        """How much goes back, in the order's currency."""

        class Sum(inputs.Input):
            """A sum and its currency."""

            amount = SumField()
            currency = inputs.CodeField(max_length=3)

        amount = Sum()

    class Output(serializers.Serializer[Any]):
        """The refund; the order tells when it is done."""

        id = serializers.UUIDField()
        order_id = serializers.UUIDField()
        amount = MoneyBody()

    @extend_schema(request=Input, responses={201: Output})
    def post(self, request: Request, order_id: UUID) -> Response:
        """Not more than was taken and not given back yet; what is under way counts."""
        wish, once = self.Input.of(request), once_from(request)
        actor = caller_of(request).actor
        currency = get_currency_for_staff(order_id=order_id, by=actor)
        refund = refund_by_staff.once(
            once,
            order_id=order_id,
            amount_minor=_minor(wish["amount"], currency),
            by=actor,
            now=timezone.now(),
        )
        body = {
            "id": refund.refund_id,
            "order_id": order_id,
            "amount": Money(refund.amount_minor, refund.currency).wire(),
        }
        return answered(once, body)


def _minor(given: Mapping[str, Any], currency: str) -> int | None:
    """The sum in minor units, or None when it is none of this order's.

    A sum that its own currency cannot have (JPY with decimals, KWD with two) is told apart from one that the order
    cannot have (`reliability.md` 3, cases 36 and 37). Errors: BadMinorUnits.
    """
    amount = Decimal(given["amount"])
    decimals = -int(amount.as_tuple().exponent)
    if given["currency"] != currency:
        if decimals and decimals != _decimals_of(given["currency"]):
            raise BadMinorUnits(currency=currency, decimals=exponent(currency))
        return None
    if decimals > exponent(currency):
        if exponent(currency) == 0:
            raise BadMinorUnits(currency=currency, decimals=0)
        return None
    return int(amount.scaleb(exponent(currency)))


def _decimals_of(currency: str) -> int:
    try:
        return exponent(currency)
    except ValueError:
        return -1
