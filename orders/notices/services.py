"""Promise a notice in the transaction of its handler, and send it afterwards, outside every transaction."""

from datetime import date, datetime
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
def send_notice(*, notice_id: UUID, by: Actor, now: datetime) -> None:
    """Send the notice unless it was sent. The mail server is asked outside every transaction.

    Should this process die between the mail server's yes and our note of it, the notice is sent again: under the same
    Message-ID, by which mailboxes recognise it. Errors: whatever the mail server raises; the job repeats it.
    """
    if not begin_sending(notice_id=notice_id, by=by, now=now):
        return
    notice = _NOTICE.get([notice_id])
    notice.order = _ORDER_OF.get([notice.order_id])
    send(message=mail_of(notice=notice))
    finish_sending(notice_id=notice_id, by=by, now=now)


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
