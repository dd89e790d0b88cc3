"""How delivery options come to be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time

from config.kernel.db import transaction_required
from orders.delivery.models import DeliveryOption


@dataclass(frozen=True, kw_only=True)
class DeliveryTerms:
    """What a delivery option promises and costs. `labels` is per locale; the days are working days."""

    labels: Mapping[str, str]
    countries: Sequence[str]
    gross_minor: int
    currency: str
    tax_class: str
    cut_off: time
    time_zone: str
    earliest_days: int
    latest_days: int
    position: int = 0


@transaction_required
def set_delivery_option(*, code: str, terms: DeliveryTerms) -> None:
    """Create the option, or give it new terms; what was promised before stands in the orders."""
    DeliveryOption.objects.update_or_create(
        code=code,
        defaults={
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
