"""Reading how complete products are."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from pim.enrichment.models import Completeness
from pim.enrichment.rules import Standing


@dataclass(frozen=True, kw_only=True)
class CompletenessValue:
    """How a variant stands in one locale of one channel."""

    sku: str
    channel: str
    locale: str
    required: int
    missing: tuple[str, ...]

    @property
    def percent(self) -> int:
        """Rounded down: 100 means that nothing is missing."""
        return 100 * (self.required - len(self.missing)) // self.required if self.required else 100


def list_completeness(*, product_ids: Collection[int]) -> tuple[CompletenessValue, ...]:
    """How the variants of these products stand, in their order; a product without a family has no answer."""
    rows = Completeness.objects.filter(variant__product__in=product_ids).select_related("variant")
    return tuple(
        value
        for row in rows.order_by("variant__product", "variant__position")
        for value in _values(row.variant.sku, row.channels)
    )


def _values(sku: str, channels: Mapping[str, Mapping[str, Standing]]) -> list[CompletenessValue]:
    return [
        CompletenessValue(
            sku=sku,
            channel=channel,
            locale=locale,
            required=standing["required"],
            missing=tuple(standing["missing"]),
        )
        for channel, by_locale in channels.items()
        for locale, standing in by_locale.items()
    ]
