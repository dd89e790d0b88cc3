"""Which deliveries there are for an address at a moment."""

from datetime import datetime

from orders.delivery.models import DeliveryOption
from orders.delivery.rules import OfferedDelivery, add_working_days, is_deliverable, leaves_on


def list_delivery_options(*, country: str, postcode: str, now: datetime) -> tuple[OfferedDelivery, ...]:
    """The deliveries on offer to that address, each with its price and promise; none when there is no way there."""
    if not is_deliverable(country=country, postcode=postcode):
        return ()
    options = DeliveryOption.objects.filter(countries__contains=[country]).order_by("position", "code")
    return tuple(_offer(option, now) for option in options)


def _offer(option: DeliveryOption, now: datetime) -> OfferedDelivery:
    leaves = leaves_on(ordered_at=now, cut_off=option.cut_off, time_zone=option.time_zone)
    return OfferedDelivery(
        code=option.code,
        labels=option.labels,
        gross_minor=option.gross_minor,
        currency=option.currency,
        tax_class=option.tax_class,
        earliest_on=add_working_days(day=leaves, count=option.earliest_days),
        latest_on=add_working_days(day=leaves, count=option.latest_days),
    )
