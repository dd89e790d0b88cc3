"""What `GET /metrics` says of the orders' inbox: a provider that suddenly says nothing to us is seen there first."""

from datetime import timedelta
from typing import Final

from django.db.models import Count
from django.utils import timezone

from config.kernel.metrics import Readings, gauge
from orders.payment.models import ProviderMessage

_COUNTED_FOR: Final = timedelta(days=1)
_COUNTED_AT_MOST: Final = 20_000  # found by their key, so that asking costs the same after years


@gauge(
    "polku_provider_messages",
    "Messages of payment providers and carriers of the last 24 hours (the newest 20,000), by what became of them.",
    labels=("provider", "state"),
)
def provider_messages() -> Readings:
    """By sender and state; what nobody sent is not there."""
    newest = ProviderMessage.objects.order_by("-pk").values("pk")[:_COUNTED_AT_MOST]
    rows = ProviderMessage.objects.filter(pk__in=newest, received_at__gt=timezone.now() - _COUNTED_FOR)
    counted = rows.values_list("provider", "state").annotate(number=Count("pk"))
    return [((provider, state), number) for provider, state, number in counted.order_by("provider", "state")]
