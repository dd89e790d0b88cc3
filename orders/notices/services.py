"""Promise a notice in the transaction of its handler, and send it afterwards, outside every transaction."""

from collections.abc import Collection
from datetime import date, datetime
from smtplib import SMTPConnectError, SMTPException, SMTPServerDisconnected
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, UUID, uuid5

from django.conf import settings

from config.kernel.actors import Actor
from config.kernel.db import (
    Locking,
    Lookup,
    add_rows,
    lock,
    outside_transaction,
    store_fields,
    transaction,
    transaction_required,
)
from config.kernel.ids import new_id
from config.kernel.mail import Mail, send
from config.kernel.prepared import Prepared
from orders.agreement.models import Order
from orders.notices.models import Notice, NoticeState
from orders.notices.queries import get_facts, last_estimate_told
from orders.notices.rules import OF_PARCEL, NoticeKind, as_text, compose
from orders.notices.wording import as_html
from orders.parcels.models import Parcel

# States in which a new day of delivery is news by itself.
_ON_THE_ROAD = frozenset({"dispatched", "in_transit", "failed"})

_NOTICE: Final = Locking(Notice, where="public_id = %s")
_ORDER_OF: Final = Lookup(Order, where="id = %s")
_ORDER_ID: Final = Prepared("SELECT id FROM orders_order WHERE public_id = %s")
_PROMISE_PLACED: Final = Prepared(
    """
    INSERT INTO orders_notice (public_id, order_id, kind, about_ref, data, state, occurred_at)
    SELECT told.notice_id, placed.id, %(kind)s, told.order_id, '{}', %(state)s, placed.placed_at
    FROM unnest(%(notices)s::uuid[], %(orders)s::uuid[]) AS told (notice_id, order_id)
    LEFT JOIN LATERAL (  -- an order that is not there is a mistake, and refused by the column
        SELECT id, placed_at FROM orders_order WHERE public_id = told.order_id LIMIT 1
    ) AS placed ON true
    ON CONFLICT DO NOTHING
    RETURNING public_id
    """,
    binary=True,
)


@transaction_required
def promise_notice(
    *, order_id: UUID, kind: NoticeKind, about_ref: UUID, now: datetime, data: dict[str, Any] | None = None
) -> UUID | None:
    """The buyer will be told of this step; None when she is told already. Returns the notice's id, for its job.

    `data` is what the step alone knows, JSON-safe.
    """
    (order,) = _ORDER_ID.fetch_all([order_id])
    notice = Notice(order_id=order[0], kind=kind, about_ref=about_ref, data=data or {}, occurred_at=now)
    return notice.public_id if add_rows([notice], unless_there=True) else None


@transaction_required
def promise_placed_notices(*, order_ids: Collection[UUID]) -> list[UUID]:
    """The buyers will be told that we have their orders; the ids of the notices, without those promised before."""
    orders = sorted(order_ids)
    promised = _PROMISE_PLACED.fetch_all(
        {
            "kind": NoticeKind.PLACED,
            "state": NoticeState.WAITING,
            "notices": [new_id() for _ in orders],
            "orders": orders,
        }
    )
    return [notice_id for (notice_id,) in promised]


@transaction_required
def promise_parcel_notice(
    *, order_id: UUID, parcel_id: UUID, state: str, estimated_on: date | None, now: datetime
) -> UUID | None:
    """The buyer will be told where her parcel is, if that state means something to her, or that it comes another day.

    Returns the notice's id, or None when there is nothing new to tell.
    """
    data = {
        "parcel_id": str(parcel_id),
        "estimated_on": estimated_on.isoformat() if estimated_on else None,
    }
    if state in OF_PARCEL:
        told = promise_notice(
            order_id=order_id, kind=OF_PARCEL[state], about_ref=parcel_id, data=data, now=now
        )
        if told is not None:
            return told
    if estimated_on is None or state not in _ON_THE_ROAD:
        return None
    parcel = Parcel.objects.select_related("order", "delivery").get(public_id=parcel_id)
    known = last_estimate_told(order=parcel.order, parcel_id=parcel_id)
    if estimated_on == (known or parcel.delivery.promised_until_on):
        return None
    # each day is told once, however often the carrier changes its mind
    day = uuid5(NAMESPACE_URL, f"parcel:{parcel_id}:{estimated_on.isoformat()}")
    kind = NoticeKind.ESTIMATE_CHANGED
    return promise_notice(order_id=order_id, kind=kind, about_ref=day, data=data, now=now)


@outside_transaction
def send_notices(*, notice_ids: Collection[UUID], by: Actor, now: datetime) -> None:
    """Send those of these notices that were not sent. The mail server is asked outside every transaction.

    One that cannot be sent holds up none of the others; where the mail server is away none of them is tried any more.
    Should this process die between the mail server's yes and our note of it, that notice is sent again: under the same
    Message-ID, by which mailboxes recognise it.
    Errors: what was raised, together; the job repeats those that were not sent.
    """
    failures: list[Exception] = []
    for notice_id in notice_ids:
        try:
            _send_one(notice_id=notice_id, by=by, now=now)
        except Exception as failure:  # noqa: BLE001 - raised below
            failures.append(failure)
            if _is_away(failure):
                break
    if failures:
        raise ExceptionGroup("notices that could not be sent", failures)


def _send_one(*, notice_id: UUID, by: Actor, now: datetime) -> None:
    if not begin_sending(notice_id=notice_id, by=by, now=now):
        return
    notice = _NOTICE.get([notice_id])
    notice.order = _ORDER_OF.get([notice.order_id])
    send(message=mail_of(notice=notice))
    finish_sending(notice_id=notice_id, by=by, now=now)


def _is_away(failure: Exception) -> bool:
    """Whether the mail server did not answer at all: the next letter would wait for it just as long."""
    if isinstance(failure, SMTPException):
        return isinstance(failure, SMTPServerDisconnected | SMTPConnectError)
    return isinstance(failure, OSError)


@transaction
def begin_sending(*, notice_id: UUID, by: Actor, now: datetime) -> bool:
    """Whether the notice still has to be sent; notes that somebody tries. Locks the notice. Errors: Busy."""
    (notice,) = lock(_NOTICE([notice_id]))
    if notice.state == NoticeState.SENT:
        return False
    notice.tried_at = now
    store_fields(notice, "tried_at")
    return True


@transaction
def finish_sending(*, notice_id: UUID, by: Actor, now: datetime) -> None:
    """The mail server has taken the notice. Locks the notice. Errors: Busy."""
    (notice,) = lock(_NOTICE([notice_id]))
    if notice.state != NoticeState.SENT:
        notice.mark_sent(now=now)


def mail_of(*, notice: Notice) -> Mail:
    """The notice as it is sent, whose order is at hand."""
    message = compose(facts=get_facts(notice=notice))
    return Mail(
        to=notice.order.email,
        subject=message.subject,
        text=as_text(message=message),
        html=as_html(message=message),
        language=message.language,
        headers={
            "Message-ID": f"<{notice.public_id}@{urlsplit(settings.PUBLIC_URL).hostname}>",
            "Auto-Submitted": "auto-generated",  # RFC 3834: no out-of-office replies
        },
    )
