"""Reading how complete products are."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, JSONField, OuterRef, QuerySet, Value
from django.db.models.fields.json import KeyTransform

from pim.catalogue.models import Product
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
    return _told(Completeness.objects.filter(variant__product__in=product_ids))


def list_completeness_of(*, product_id: UUID) -> tuple[CompletenessValue, ...]:
    """How the variants of one product stand, in their order, by channel and locale."""
    return _told(Completeness.objects.filter(variant__product__public_id=product_id))


def only_incomplete(*, products: QuerySet[Product], channel: str, locale: str) -> QuerySet[Product]:
    """Those of which a variant lacks something in that locale of that channel; codes as they are defined."""
    lacking = Completeness.objects.filter(
        variant__product=OuterRef("pk"), variant__archived_at=None, channels__has_key=channel
    ).annotate(lacks=KeyTransform("missing", KeyTransform(locale, KeyTransform(channel, "channels"))))
    return products.filter(
        Exists(lacking.filter(lacks__isnull=False).exclude(lacks=Value([], output_field=JSONField())))
    )


def _told(rows: QuerySet[Completeness]) -> tuple[CompletenessValue, ...]:
    return tuple(
        value
        for row in rows.select_related("variant").order_by("variant__product", "variant__position")
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
