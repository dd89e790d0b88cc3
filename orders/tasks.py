"""The orders' jobs: what is asked of other companies, and what time alone brings about."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from config.kernel.actors import system
from config.kernel.jobs import MAIL_QUEUE, every, job
from orders.notices import services as notices
from orders.notices.queries import list_waiting_notices
from orders.parcels import recovering as parcels
from orders.payment import settling
from orders.placing import recovering

_MAIL_IS_DOWN_AFTER: Final = timedelta(minutes=30)  # by then a notice's own job has been given up


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


@every("23 * * * *")
def recover_disputes(*, now: datetime) -> None:
    """Look for what buyers' banks take back, and for what became of it."""
    if settings.STRIPE_API_KEY:
        recovering.recover_disputes(by=system("recover_disputes"), now=now)


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


@job(queue=MAIL_QUEUE)
def send_notices(*, notice_ids: list[str]) -> None:
    """Tell buyers; again after a growing wait those whom the mail server did not take."""
    notices.send_notices(
        notice_ids=[UUID(notice_id) for notice_id in notice_ids],
        by=system("send_notices"),
        now=timezone.now(),
    )


@every("*/10 * * * *")
def send_waiting_notices(*, now: datetime) -> None:
    """Take up what could not be sent while the mail server was down for long. A round ends where it is still down."""
    waiting = list_waiting_notices(now=now, silent_for=_MAIL_IS_DOWN_AFTER)
    notices.send_notices(notice_ids=waiting, by=system("send_waiting_notices"), now=now)
