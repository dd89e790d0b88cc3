"""/store/v1: withdraw from a contract, in two steps; by the order's account or secret, or by its number and e-mail.

Directive 2011/83/EU, article 11a: the first answer is what the page shows under "withdraw from contract here", the
second request is its button "confirm withdrawal".
"""

from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from config.kernel.rest import inputs
from config.kernel.rest.access import StoreView, caller_of
from config.kernel.rest.headers import IDEMPOTENCY_KEY, ORDER_SECRET
from config.kernel.rest.once import answered, once_from
from orders.rest.returned import ReturnBody, return_body
from orders.rest.store import secret_of
from orders.returns.rules import last_day_on
from orders.withdrawal.queries import Withdrawable, WithdrawalCard, get_withdrawable_of_buyer
from orders.withdrawal.services import (
    NothingToWithdraw,
    WithdrawalTermOver,
    confirm_withdrawal,
    confirm_withdrawal_by_number,
    draft_withdrawal,
    draft_withdrawal_by_number,
)


class CoveredLineBody(serializers.Serializer[Any]):
    """Units of a line that a withdrawal covers."""

    line_id = serializers.UUIDField()
    name = serializers.CharField()
    quantity = serializers.IntegerField()


class ExcludedLineBody(serializers.Serializer[Any]):
    """A line that the law lets nobody withdraw from, and why (directive 2011/83/EU, article 16)."""

    line_id = serializers.UUIDField()
    name = serializers.CharField()
    reason = serializers.CharField()


class WithdrawalBody(serializers.Serializer[Any]):
    """A statement. `receipt_id` and `stated_at` are null in a draft; `effect` says what followed."""

    id = serializers.UUIDField()
    order_number = serializers.CharField()
    state = serializers.CharField(help_text="drafted, confirmed or carried_out")
    statement = serializers.CharField(help_text="What is stated, in the buyer's language.")
    receipt_id = serializers.UUIDField(allow_null=True)
    stated_at = serializers.DateTimeField(allow_null=True)
    effect = serializers.CharField(
        allow_null=True, help_text="cancelled, goods_return, both, nothing or by_hand"
    )
    goods_return = ReturnBody(allow_null=True)


class WithdrawalByNumberBody(serializers.Serializer[Any]):
    """A statement by somebody who need not be the buyer: it is the same whether there is such an order or not."""

    id = serializers.UUIDField()
    order_number = serializers.CharField()
    state = serializers.CharField(help_text="drafted or confirmed")
    statement = serializers.CharField()
    receipt_id = serializers.UUIDField(allow_null=True)
    stated_at = serializers.DateTimeField(allow_null=True)


class WithdrawableBody(serializers.Serializer[Any]):
    """What can be withdrawn from, until when, and what was stated. `ends_at` is null while the term has not begun."""

    covers = CoveredLineBody(many=True)
    excluded = ExcludedLineBody(many=True)
    ends_at = serializers.DateTimeField(allow_null=True)
    last_day_on = serializers.DateField(allow_null=True)
    withdrawals = WithdrawalBody(many=True)


class OrderWithdrawal(StoreView):
    """Withdraw from the contract."""

    rate = "store.lookup"
    write_rate = "store.returns"
    request_headers = (ORDER_SECRET, IDEMPOTENCY_KEY)
    refusals = (WithdrawalTermOver, NothingToWithdraw)

    @extend_schema(responses=WithdrawableBody)
    def get(self, request: Request, order_id: UUID) -> Response:
        """What a withdrawal would cover now, until when it is possible, and what was stated before."""
        inputs.NoQuery.of(request)
        withdrawable, stated = get_withdrawable_of_buyer(
            order_id=order_id, secret=secret_of(request), by=caller_of(request).actor
        )
        return Response({**_covered(withdrawable), "withdrawals": [_full_body(card) for card in stated]})

    @extend_schema(request=inputs.NoInput, responses={201: WithdrawalBody})
    def post(self, request: Request, order_id: UUID) -> Response:
        """The first step: the statement as it would be made. Nothing is stated yet."""
        inputs.NoInput.of(request)
        once = once_from(request)
        card = draft_withdrawal.once(
            once,
            order_id=order_id,
            secret=secret_of(request),
            by=caller_of(request).actor,
            now=timezone.now(),
        )
        return answered(once, _full_body(card))


class ConfirmWithdrawal(StoreView):
    """Confirm the withdrawal."""

    write_rate = "store.returns"
    request_headers = (ORDER_SECRET, IDEMPOTENCY_KEY)
    refusals = (WithdrawalTermOver, NothingToWithdraw)

    @extend_schema(request=inputs.NoInput, responses=WithdrawalBody)
    def post(self, request: Request, order_id: UUID, withdrawal_id: UUID) -> Response:
        """The second step: it is stated. The receipt is in the answer, and in a message to the order's address."""
        inputs.NoInput.of(request)
        once = once_from(request, status=200)
        card = confirm_withdrawal.once(
            once,
            order_id=order_id,
            withdrawal_id=withdrawal_id,
            secret=secret_of(request),
            by=caller_of(request).actor,
            now=timezone.now(),
        )
        return answered(once, _full_body(card))


class Withdrawals(StoreView):
    """Withdraw from a contract without its secret."""

    write_rate = "store.returns"
    request_headers = (IDEMPOTENCY_KEY,)

    class Input(inputs.Input):
        """All that the law lets us ask for: who, which contract, and where the receipt goes."""

        order_number = inputs.TextField(max_length=40)
        name = inputs.TextField(max_length=200)
        email = inputs.EmailField()
        locale = inputs.ChoiceField(choices=["fi", "sv-FI", "en"], required=False, default="en")

    @extend_schema(request=Input, responses={201: WithdrawalByNumberBody})
    def post(self, request: Request) -> Response:
        """The first step. The answer is the same whether there is such an order or not."""
        wish, once = self.Input.of(request), once_from(request)
        card = draft_withdrawal_by_number.once(once, **wish, by=caller_of(request).actor, now=timezone.now())
        return answered(once, _body(card))


class ConfirmWithdrawalByNumber(StoreView):
    """Confirm a withdrawal without the order's secret."""

    write_rate = "store.returns"
    request_headers = (IDEMPOTENCY_KEY,)

    @extend_schema(request=inputs.NoInput, responses=WithdrawalByNumberBody)
    def post(self, request: Request, withdrawal_id: UUID) -> Response:
        """The second step: it is stated. What follows is told to the order's own address."""
        inputs.NoInput.of(request)
        once = once_from(request, status=200)
        card = confirm_withdrawal_by_number.once(
            once, withdrawal_id=withdrawal_id, by=caller_of(request).actor, now=timezone.now()
        )
        return answered(once, _body(card))


def _covered(withdrawable: Withdrawable) -> dict[str, Any]:
    ends_at = withdrawable.terms.withdrawal_ends_at
    return {
        "covers": [
            {"line_id": line.line_id, "name": line.name, "quantity": line.quantity}
            for line in withdrawable.covers
        ],
        "excluded": [
            {"line_id": line.line_id, "name": line.name, "reason": line.reason}
            for line in withdrawable.excluded
        ],
        "ends_at": ends_at,
        "last_day_on": last_day_on(ends_at=ends_at, country=withdrawable.country) if ends_at else None,
    }


def _body(card: WithdrawalCard) -> dict[str, Any]:
    return {
        "id": card.withdrawal_id,
        "order_number": card.order_number,
        "state": card.state,
        "statement": card.statement,
        "receipt_id": card.receipt_id,
        "stated_at": card.stated_at,
    }


def _full_body(card: WithdrawalCard) -> dict[str, Any]:
    back = card.goods_return
    return {
        **_body(card),
        "effect": card.effect or None,
        "goods_return": None if back is None else return_body(card=back),
    }
