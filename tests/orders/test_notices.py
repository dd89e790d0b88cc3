"""The buyer is told of every step, in her language, once each, and later when the mail server was down."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from smtplib import SMTPRecipientsRefused
from typing import Any
from urllib.parse import unquote
from uuid import UUID

import pytest
from django.core import mail
from django.core.mail.backends import locmem
from django.core.mail.backends.base import BaseEmailBackend
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django.fixtures import Settings
from rest_framework.test import APIClient

from config.kernel.actors import Actor, system
from config.kernel.db import open_transaction
from config.kernel.dispatcher import run_pending
from config.kernel.events import emit
from config.kernel.models import AuditEntry
from orders import tasks
from orders.agreement.models import CancelReason, Order
from orders.agreement.queries import LINK_LASTS, order_secret
from orders.agreement.rules import LineUnits
from orders.events import OrderPaid, ParcelMoved, PaymentFailed
from orders.notices.models import Notice, NoticeState
from orders.notices.services import send_notices
from orders.parcels.models import Parcel
from orders.parcels.services import DispatchedParcel
from orders.placing.services import PlacedOrder, cancel_order
from orders.returns.services import announce_return, credit_return, receive_return
from orders.withdrawal.services import confirm_withdrawal, draft_withdrawal
from tests.factories.orders import GUEST, MACHINERY, coming_back, line, placed

pytestmark = pytest.mark.django_db
Units = Callable[..., list[LineUnits]]


def told(now: datetime) -> list[Any]:
    """Let handlers hear and jobs run; the messages that were sent now."""
    run_pending(now=now)
    before = len(mail.outbox)
    for notice_id in Notice.objects.filter(state=NoticeState.WAITING).values_list("public_id", flat=True):
        send_notices(notice_ids=[notice_id], by=system("tests"), now=now)
    return mail.outbox[before:]


def html_of(message: Any) -> str:
    ((html, kind),) = [(part.content, part.mimetype) for part in message.alternatives]
    assert kind == "text/html"
    return str(html)


def happens(event: Any, now: datetime) -> None:
    with open_transaction():
        emit(event, by=MACHINERY, now=now)


def test_the_whole_story_is_told_step_by_step(
    order: PlacedOrder, packer: Actor, units: Units, now: datetime, request: pytest.FixtureRequest
) -> None:
    (thanks,) = told(now)
    assert thanks.to == ["Aino.Virtanen@example.fi"]
    assert thanks.subject == f"Tilauksesi {order.number} on vastaanotettu"
    assert "3 × Thing CUSHION" in thanks.body
    assert "234,50" in thanks.body
    assert "torstai 26. marraskuuta 2026" in thanks.body, "the promised day"
    assert thanks.extra_headers["Content-Language"] == "fi"

    parcel: DispatchedParcel = request.getfixturevalue("arrived")
    left, arrived = told(now)
    assert left.subject == f"Tilauksesi {order.number} on matkalla"
    assert arrived.subject == f"Tilauksesi {order.number} on toimitettu"
    assert str(parcel.parcel_id) not in left.body, "ids are for programs"

    goods_return = announce_return(
        order_id=order.order_id,
        secret=order_secret(order_id=order.order_id),
        lines=coming_back(units(CUSHION=2)),
        reason="",
        by=GUEST,
        now=now,
    )
    (receipt,) = told(now)
    assert goods_return.label_code in receipt.body
    assert "Varastokatu 1" in receipt.body

    receive_return(return_id=goods_return.return_id, by=packer, now=now)
    (here,) = told(now)
    assert here.subject == f"Palautuksesi tilauksesta {order.number} on saapunut"

    credit_return(
        return_id=goods_return.return_id,
        deducted_minor=1000,
        deduction_reason="Tahroja.",
        by=packer,
        now=now,
    )
    (money,) = told(now)
    assert "69,80" in money.body
    assert "Tahroja." in money.body
    assert "Tahroja." in html_of(money)
    assert told(now) == [], "everything is told once"


def test_a_step_that_is_heard_of_twice_is_told_once(order: PlacedOrder, now: datetime) -> None:
    paid = OrderPaid(order_id=order.order_id, number=order.number)
    told(now)

    for _ in range(3):
        happens(paid, now)

    assert [message.subject for message in told(now)] == [f"Tilauksesi {order.number} on maksettu"]
    notice = Notice.objects.get(kind="paid")
    send_notices(notice_ids=[notice.public_id], by=system("tests"), now=now)
    assert len(mail.outbox) == 2, "a job that is repeated sends nothing again"


@pytest.mark.parametrize(
    ("locale", "subject"),
    [
        ("fi", "Tilauksesi {} on vastaanotettu"),
        ("sv-FI", "Vi har tagit emot din beställning {}"),
        ("en", "We have your order {}"),
        ("de", "We have your order {}"),
    ],
)
def test_she_is_told_in_her_language(goods: None, now: datetime, locale: str, subject: str) -> None:
    order = placed(line("SOFA"), now=now, locale=locale)

    (message,) = told(now)

    assert message.subject == subject.format(order.number)


def test_the_other_steps_are_told_as_well(order: PlacedOrder, now: datetime) -> None:
    told(now)
    attempt = Order.objects.get().attempts.get().public_id
    happens(
        PaymentFailed(
            order_id=order.order_id, number=order.number, attempt_id=attempt, reason="card_declined"
        ),
        now,
    )
    with open_transaction():
        cancel_order(order=Order.objects.get(), reason=CancelReason.BY_STAFF, by=MACHINERY, now=now)

    failed, cancelled = told(now)

    assert failed.subject == f"Tilauksen {order.number} maksu ei onnistunut"
    assert "jouduimme perumaan" in cancelled.body


def moved(parcel: Parcel, state: str, expected: date | None) -> ParcelMoved:
    return ParcelMoved(
        order_id=parcel.order.public_id,
        number=parcel.order.number,
        parcel_id=parcel.public_id,
        state=state,
        estimated_on=expected,
    )


def test_a_new_day_of_delivery_is_told_once_for_each_day(
    order: PlacedOrder, parcel: DispatchedParcel, now: datetime
) -> None:
    told(now)
    row = Parcel.objects.select_related("order", "delivery").get()
    promised = row.delivery.promised_until_on
    later = promised + timedelta(days=2)
    for expected in (promised, later, later, promised + timedelta(days=5)):
        happens(moved(row, "in_transit", expected), now)

    first, second = told(now)

    assert first.subject == second.subject == f"Tilauksesi {order.number}: uusi toimituspäivä"
    assert "lauantai 28. marraskuuta 2026" in first.body
    assert "Luvattu viimeistään: torstai 26. marraskuuta 2026" in first.body
    assert "tiistai 1. joulukuuta 2026" in second.body


def test_on_the_way_she_is_told_what_means_something_to_her(
    order: PlacedOrder, parcel: DispatchedParcel, now: datetime
) -> None:
    told(now)
    row = Parcel.objects.select_related("order").get()
    states = ("in_transit", "out_for_delivery", "failed", "ready_for_pickup", "returning", "returned")
    for state in states:
        happens(moved(row, state, None), now)

    subjects = [message.subject for message in told(now)]

    assert subjects == [
        f"Tilauksesi {order.number} saapuu tänään",
        f"Tilaustasi {order.number} ei voitu toimittaa",
        f"Tilauksesi {order.number} on noudettavissa",
    ]


def test_the_receipt_of_a_withdrawal_is_sent_with_its_content(order: PlacedOrder, now: datetime) -> None:
    told(now)
    secret = order_secret(order_id=order.order_id)
    card = draft_withdrawal(order_id=order.order_id, secret=secret, by=GUEST, now=now)
    stated = confirm_withdrawal(
        order_id=order.order_id, withdrawal_id=card.withdrawal_id, secret=secret, by=GUEST, now=now
    )

    subjects = {message.subject: message for message in told(now)}

    receipt = subjects[f"Vahvistus peruuttamisilmoituksestasi, tilaus {order.number}"]
    for row in stated.statement.splitlines():
        assert row in receipt.body
    assert str(stated.receipt_id) in receipt.body
    assert f"Tilauksesi {order.number} on peruttu" in subjects


class DeadMailServer(BaseEmailBackend):
    """It does not answer."""

    def send_messages(self, email_messages: list[EmailMessage]) -> int:
        raise ConnectionRefusedError("no mail server")


def test_what_cannot_be_sent_is_sent_later(order: PlacedOrder, now: datetime, settings: Settings) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.DeadMailServer"
    with pytest.raises(ExceptionGroup, match="could not be sent"):
        told(now)
    notice = Notice.objects.get()
    assert (notice.state, notice.tried_at) == ("waiting", now)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

    tasks.send_waiting_notices(now=now + timedelta(minutes=5))
    assert mail.outbox == [], "its own job is still at it"
    tasks.send_waiting_notices(now=now + timedelta(hours=1))
    tasks.send_waiting_notices(now=now + timedelta(hours=2))

    (message,) = mail.outbox
    assert message.extra_headers["Message-ID"].startswith(f"<{notice.public_id}@")
    assert Notice.objects.get().state == NoticeState.SENT


class OneAddressRefused(BaseEmailBackend):
    """It takes mail to anybody but one."""

    def send_messages(self, email_messages: list[EmailMessage]) -> int:
        for message in email_messages:
            if "refused@example.fi" in message.to:
                raise SMTPRecipientsRefused({"refused@example.fi": (550, b"no such user")})
        return locmem.EmailBackend().send_messages(email_messages)


def test_orders_placed_together_are_confirmed_by_one_job_and_one_refused_address_holds_up_nobody(
    goods: None, now: datetime, settings: Settings
) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.OneAddressRefused"
    addresses = [f"{name}@example.fi" for name in ("first", "refused", "last")]
    for address in addresses:
        placed(line("SOFA"), now=now, email=address)

    run_pending(now=now)

    job = ProcrastinateJob.objects.get(task_name="orders.tasks.send_notices")
    assert len(job.args["notice_ids"]) == 3
    for _ in range(2):
        with pytest.raises(ExceptionGroup) as failed:
            tasks.send_notices(**job.args)
        assert [type(each) for each in failed.value.exceptions] == [SMTPRecipientsRefused]
    assert [message.to for message in mail.outbox] == [["first@example.fi"], ["last@example.fi"]]
    waiting = Notice.objects.get(state=NoticeState.WAITING)
    assert waiting.order.email == "refused@example.fi"
    tried = AuditEntry.objects.filter(action="orders.notices.begin_sending")
    assert [entry.subject for entry in tried].count({"notice_id": str(waiting.public_id)}) == 2


def test_where_the_mail_server_is_away_it_is_asked_once_a_job(
    goods: None, now: datetime, settings: Settings
) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.DeadMailServer"
    for _ in range(3):
        placed(line("SOFA"), now=now)
    run_pending(now=now)
    job = ProcrastinateJob.objects.get(task_name="orders.tasks.send_notices")

    with pytest.raises(ExceptionGroup):
        tasks.send_notices(**job.args)

    assert Notice.objects.exclude(tried_at=None).count() == 1


def test_refused_addresses_hold_up_no_round_of_what_waits(
    goods: None, now: datetime, settings: Settings
) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.OneAddressRefused"
    for address in (*["refused@example.fi"] * 5, "last@example.fi"):
        placed(line("SOFA"), now=now, email=address)
    run_pending(now=now)

    with pytest.raises(ExceptionGroup):
        tasks.send_waiting_notices(now=now + timedelta(hours=1))

    assert [message.to for message in mail.outbox] == [["last@example.fi"]]


def test_a_buyers_name_writes_no_header_and_no_markup(goods: None, now: datetime) -> None:
    address = {"name": "Aino\r\nBcc: all@example.com <script>x</script>"}
    order = placed(line("SOFA", name="Sofa <b>\r\nx"), now=now)
    Order.objects.update(**address)

    (message,) = told(now)

    assert message.subject == f"Tilauksesi {order.number} on vastaanotettu"
    assert list(message.message().get_all("Bcc", [])) == []
    assert "<script>" not in html_of(message)
    assert "<b>" not in html_of(message)
    assert "Sofa <b> x" in message.body


def token_in(message: Any) -> str:
    link = next(row for row in message.body.splitlines() if row.startswith("http"))
    page, _, token = link.partition("#")
    assert page.endswith("/fi/orders/open")
    assert f'href="{link}"' in html_of(message)
    return unquote(token)


def opened(client: APIClient, token: str) -> Any:
    return client.post("/store/v1/orders/open", {"token": token}, format="json")


def test_the_link_opens_the_order_and_nothing_else_does(
    order: PlacedOrder, now: datetime, client: APIClient
) -> None:
    token = token_in(told(now)[0])

    response = opened(client, token)

    assert response.status_code == 200
    body = response.json()
    assert (UUID(body["id"]), body["number"]) == (order.order_id, order.number)
    here = f"/store/v1/orders/{body['id']}"
    assert client.get(here, headers={"X-Order-Secret": body["secret"]}).status_code == 200
    assert client.get(here, headers={"X-Order-Secret": token}).status_code == 404, "for one purpose only"
    for wrong in (token[:-1], token + "x", "x", str(order.order_id), body["secret"]):
        refused = opened(client, wrong)
        assert (refused.status_code, refused.json()["code"]) == (422, "order_link_not_valid")
    assert timedelta(days=60) < LINK_LASTS < timedelta(days=366)
