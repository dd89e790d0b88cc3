"""What a notice says: the facts of its step, read from the order at the moment it is sent."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any, Final
from urllib.parse import quote
from uuid import UUID

from django.conf import settings

from config.kernel.money import Money
from config.kernel.prepared import Prepared
from orders.agreement.models import Order, OrderState
from orders.agreement.queries import order_link_token
from orders.locations.models import Location
from orders.notices.models import Notice, NoticeState
from orders.notices.rules import Facts, NoticeKind, language_of
from orders.parcels.models import Parcel
from orders.returns.models import Return
from orders.returns.rules import zone_of
from orders.withdrawal.models import Withdrawal

_Rows = list[tuple[str, str | date | datetime | Money]]

# Of every order.
_LINES: Final = Prepared(
    "SELECT quantity, name FROM orders_orderline WHERE order_id = %s ORDER BY position", binary=True
)
_PROMISED: Final = Prepared(
    "SELECT promised_until_on FROM orders_orderdelivery WHERE order_id = %s", binary=True
)


def list_waiting_notices(*, now: datetime, silent_for: timedelta) -> list[UUID]:
    """Notices that nobody has tried to send for that long, the oldest first: their jobs were given up."""
    waiting = Notice.objects.filter(state=NoticeState.WAITING, occurred_at__lte=now - silent_for)
    untried = waiting.exclude(tried_at__gt=now - silent_for)
    return list(untried.order_by("occurred_at", "pk").values_list("public_id", flat=True)[:500])


def last_estimate_told(*, order: Order, parcel_id: UUID) -> date | None:
    """The day of delivery that she was last told for the parcel, by whatever notice; None when she was told none."""
    told = Notice.objects.filter(order=order, data__parcel_id=str(parcel_id)).order_by("-pk")
    day = next((row.data["estimated_on"] for row in told if row.data.get("estimated_on")), None)
    return date.fromisoformat(day) if day else None


def get_facts(*, notice: Notice) -> Facts:
    """The facts of a notice, whose order is at hand."""
    order = notice.order
    about = _About(notice, order)
    about.tell()
    return Facts(
        kind=NoticeKind(notice.kind),
        variant=about.variant,
        language=language_of(locale=order.locale),
        time_zone=str(zone_of(country=order.country)),
        number=order.number,
        name=order.name,
        items=tuple(about.items),
        rows=tuple(about.rows),
        link=order_link(order_id=order.public_id, language=language_of(locale=order.locale)),
        quoted=about.quoted,
        values=about.values,
    )


def order_link(*, order_id: UUID, language: str) -> str:
    """Where the buyer reads her order. The token stands in the fragment, which browsers tell no server."""
    page = settings.ORDER_PAGE_URL.format(language=language)
    return f"{page}#{quote(order_link_token(order_id=order_id), safe=':')}"


class _About:
    """What one notice is about, collected step by step."""

    def __init__(self, notice: Notice, order: Order) -> None:
        self.notice, self.order = notice, order
        self.variant, self.quoted = "", ""
        self.items: list[tuple[Any, ...]] = []
        self.rows: _Rows = []
        self.values: dict[str, str | date | datetime | Money] = {}

    def tell(self) -> None:
        """Collect what the kind of notice says."""
        match NoticeKind(self.notice.kind):
            case NoticeKind.PLACED:
                self._placed()
            case NoticeKind.PAID:
                self.rows.append(("paid", Money(self.order.total_gross_minor, self.order.currency)))
            case NoticeKind.PAYMENT_FAILED:
                self._pay_by()
            case NoticeKind.CANCELLED:
                self.variant = str(self.notice.data["reason"])
                self._all_lines()
            case NoticeKind.RETURN_ANNOUNCED:
                self._return(self._returned(), with_label=True)
            case NoticeKind.RETURN_RECEIVED:
                self._return(self._returned(), with_label=False)
            case NoticeKind.REFUNDED:
                self._refunded()
            case NoticeKind.WITHDRAWAL_RECEIVED:
                self._withdrawal()
            case _:
                self._parcel()

    def _placed(self) -> None:
        unpaid = self.order.state == OrderState.PENDING_PAYMENT
        self.variant = "unpaid" if unpaid else "confirmed"
        self._all_lines()
        self.rows.append(("total", Money(self.order.total_gross_minor, self.order.currency)))
        self._promised(day for (day,) in _PROMISED.fetch_all([self.order.pk]))
        if unpaid:
            self._pay_by()

    def _pay_by(self) -> None:
        if self.order.pay_by is not None:
            self.rows.append(("pay_by", self.order.pay_by))

    def _all_lines(self) -> None:
        self.items += _LINES.fetch_all([self.order.pk])

    def _promised(self, days: Iterable[date]) -> None:
        if last := max(days, default=None):
            self.rows.append(("promised", last))

    def _parcel(self) -> None:
        parcel = Parcel.objects.select_related("delivery__pickup_at").get(
            public_id=self.notice.data["parcel_id"]
        )
        lines = parcel.lines.select_related("order_line").order_by("order_line__position")
        self.items += [(row.quantity, row.order_line.name) for row in lines]
        place = parcel.delivery.pickup_at
        estimated = self.notice.data.get("estimated_on")
        on_its_way = self.notice.kind not in {NoticeKind.DELIVERED, NoticeKind.READY_FOR_PICKUP}
        if on_its_way and estimated:
            self.rows.append(("estimate", date.fromisoformat(estimated)))
        if on_its_way and estimated != parcel.delivery.promised_until_on.isoformat():
            self._promised([parcel.delivery.promised_until_on])
        if parcel.carrier:
            self.rows.append(("carrier", parcel.carrier))
        if parcel.tracking_code:
            self.rows.append(("tracking_code", parcel.tracking_code))
        if place is not None and self.notice.kind != NoticeKind.DELIVERED:
            self.rows.append(("pickup_place", _address(place)))
            if self.notice.kind == NoticeKind.SHIPPED:
                self.variant = "pickup"
        if parcel.pickup_code and self.notice.kind == NoticeKind.READY_FOR_PICKUP:
            self.rows.append(("pickup_code", parcel.pickup_code))

    def _returned(self) -> Return:
        return Return.objects.select_related("location").get(public_id=self.notice.about_ref)

    def _return(self, goods_return: Return, *, with_label: bool) -> None:
        lines = goods_return.lines.select_related("order_line").order_by("order_line__position")
        self.items += [(row.accepted, row.order_line.name) for row in lines if row.accepted]
        if with_label:
            self.rows.append(("label_code", goods_return.label_code))
            self.rows.append(("send_to", _address(goods_return.location)))

    def _refunded(self) -> None:
        amount = Money(self.notice.data["amount_minor"], self.order.currency)
        self.values["amount"] = amount
        self.rows.append(("refund", amount))
        about = self.notice.data.get("about_ref")
        goods_return = Return.objects.filter(public_id=about).first() if about else None
        if goods_return is None:
            return
        self._return(goods_return, with_label=False)
        if goods_return.deducted_minor:
            self.rows.append(("deducted", Money(goods_return.deducted_minor, self.order.currency)))
            self.rows.append(("deduction_reason", goods_return.deduction_reason))

    def _withdrawal(self) -> None:
        withdrawal = Withdrawal.objects.select_related("receipt", "goods_return__location").get(
            public_id=self.notice.about_ref
        )
        self.variant = withdrawal.effect
        self.quoted = withdrawal.receipt.content
        self.rows.append(("receipt", str(withdrawal.receipt.public_id)))
        self.rows.append(("stated_at", withdrawal.receipt.stated_at))
        if withdrawal.goods_return is not None:
            self._return(withdrawal.goods_return, with_label=True)


def _address(place: Location) -> str:
    return f"{place.name}, {place.street}, {place.postcode} {place.city}"
