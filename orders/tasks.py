"""The orders' jobs: what is asked of other companies, and what time alone brings about."""

from datetime import datetime
from uuid import UUID

from django.utils import timezone

from config.kernel.actors import system
from config.kernel.jobs import every, job
from orders.parcels import services as parcels
from orders.payment import settling
from orders.placing import recovering


@job()
def run_payment_operation(*, operation_id: str) -> None:
    """Let the payment provider capture, refund or release."""
    settling.run_operation(
        operation_id=UUID(operation_id), by=system("run_payment_operation"), now=timezone.now()
    )


@job()
def fold_provider_message(*, message_id: str) -> None:
    """Find out what a provider's message is about."""
    recovering.fold_message(
        message_id=UUID(message_id), by=system("fold_provider_message"), now=timezone.now()
    )


@every("* * * * *")
def recover_payments(*, now: datetime) -> None:
    """Take up what was left in the air about money."""
    recovering.recover_payments(by=system("recover_payments"), now=now)


@every("* * * * *")
def expire_orders(*, now: datetime) -> None:
    """End the orders that were not paid in time."""
    recovering.expire_orders(by=system("expire_orders"), now=now)


@every("* * * * *")
def send_packed_parcels(*, now: datetime) -> None:
    """Let parcels leave whose request ended half-way."""
    parcels.send_packed_parcels(by=system("send_packed_parcels"), now=now)


@every("* * * * *")
def reread_carrier_messages(*, now: datetime) -> None:
    """Read carriers' messages that nobody read, or that came before their parcel had its tracking code."""
    parcels.reread_messages(by=system("reread_carrier_messages"), now=now)
