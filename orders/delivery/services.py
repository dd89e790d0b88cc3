"""How delivery options come to be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time

from config.kernel.db import transaction_required
from orders.delivery.models import DeliveryOption, DeliveryRate
from orders.delivery.queries import forget_delivery_options
from orders.delivery.rules import DeliveryKind


@dataclass(frozen=True, kw_only=True)
class DeliveryTerms:
    """What a delivery option promises and costs. `labels` is per locale; the days are working days.

    It costs `gross_minor` wherever it goes, or what `rates` say, as (zone, at most so many grams, price).
    """

    labels: Mapping[str, str]
    countries: Sequence[str]
    gross_minor: int | None
    currency: str
    tax_class: str
    cut_off: time
    time_zone: str
    earliest_days: int
    latest_days: int
    position: int = 0
    kind: DeliveryKind = DeliveryKind.HOME
    rates: Sequence[tuple[str, int, int]] = ()


@transaction_required
def set_delivery_option(*, code: str, terms: DeliveryTerms) -> None:
    """Create the option, or give it new terms; what was promised before stands in the orders."""
    option, _ = DeliveryOption.objects.update_or_create(
        code=code,
        defaults={
            "kind": terms.kind,
            "labels": dict(terms.labels),
            "countries": list(terms.countries),
            "gross_minor": terms.gross_minor,
            "currency": terms.currency,
            "tax_class": terms.tax_class,
            "cut_off": terms.cut_off,
            "time_zone": terms.time_zone,
            "earliest_days": terms.earliest_days,
            "latest_days": terms.latest_days,
            "position": terms.position,
        },
    )
    option.rates.all().delete()
    DeliveryRate.objects.bulk_create(
        DeliveryRate(option=option, zone=zone, up_to_g=up_to_g, gross_minor=minor)
        for zone, up_to_g, minor in terms.rates
    )
    forget_delivery_options()
