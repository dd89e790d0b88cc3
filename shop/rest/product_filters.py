"""Narrowing a list: by price, by what can be had, and by every attribute that the PIM says lists are narrowed by.

What is asked of a variant is asked of one variant: sand *and* in stock finds a sofa of which a sand one is in stock.
"""

import math
import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

import django_filters
from django.db.models import BooleanField, Exists, F, Func, OuterRef, QuerySet, Value

from config.kernel.errors import FieldError, InvalidInput
from config.kernel.money import exponent
from config.kernel.rest import inputs
from pim.api import FilterValue
from shop.catalog.models import Availability, Band, Placement
from shop.catalog.ranges import RANGED, bounds, place_of
from shop.catalog.wording import fact
from shop.pricing.queries import MarketContext, list_filters

PREFIX: Final = "attribute."
HAD: Final[Mapping[str, tuple[str, ...]]] = {
    "in_stock": (Band.IN_STOCK,),
    "available": (Band.IN_STOCK, Band.LOW_STOCK),
}
_MOST_VALUES: Final = 50
_DAY: Final = len("2026-11-22")
_NUMBER: Final = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,6})?", re.ASCII)
_END: Final = re.compile(r"(.+)\.(min|max)", re.IGNORECASE)
_AMOUNT: Final = re.compile(r"[0-9]{1,12}(\.[0-9]{1,4})?", re.ASCII)


class AmountField(inputs.PatternField):
    """A sum in the market's currency, as its prices are written: `99.50`."""

    wrong = "unknown_filter"
    absent = frozenset()
    described = {"pattern": f"^{_AMOUNT.pattern}$"}
    default_error_messages = {"unknown_filter": "This is not an amount."}

    def matches(self, value: str) -> bool:
        return _AMOUNT.fullmatch(value) is not None


class FilterQuery(inputs.Query):
    """Filters of a list by attribute.

    `attribute.fabric=sand,moss` is read into `attributes`, `attribute.width.max=200` into `ranges`: in the usual unit
    of the attribute, and both ends are included.
    """

    price_min = AmountField(required=False)
    price_max = AmountField(required=False)
    availability = inputs.ChoiceField(choices=list(HAD), required=False)

    @classmethod
    def _read(cls, data: Any) -> dict[str, Any]:
        chosen = {name: value for name, value in data.items() if name.startswith(PREFIX)}
        read = super()._read({name: value for name, value in data.items() if name not in chosen})
        known = list_filters()
        errors = []
        read["attributes"], read["ranges"] = {}, {}
        for name, value in chosen.items():
            code, values = name.removeprefix(PREFIX), value.split(",")
            if code.lower() in known and all(values) and len(values) <= _MOST_VALUES:
                read["attributes"][code] = values
            elif (end := _end_of(code, value, known)) is not None:
                attribute, side, place = end
                ranges = read["ranges"].setdefault(attribute, {})
                ranges[side] = place
            else:
                errors.append(
                    FieldError(
                        pointer=f"?{name[:100]}",
                        code="unknown_filter",
                        detail=f"Lists cannot be narrowed by {name[:100]!r} so.",
                    )
                )
        if errors:
            raise InvalidInput(errors)
        return read


def _end_of(name: str, said: str, known: Mapping[str, FilterValue]) -> tuple[str, str, str] | None:
    """(attribute, end of the range, place) of `width.max` and what it says; None when that is no range."""
    found = _END.fullmatch(name)
    attribute = known.get(found[1].lower()) if found else None
    if found is None or attribute is None or attribute.type not in RANGED:
        return None
    side = "lowest" if found[2].lower() == "min" else "highest"
    if attribute.type == "date":
        return (attribute.code, side, said) if _is_day(said) else None
    if not _NUMBER.fullmatch(said):
        return None
    return attribute.code, side, place_of(amount=Decimal(said), scale=attribute.scale)


def _is_day(said: str) -> bool:
    try:
        return len(said) == _DAY and bool(date.fromisoformat(said))
    except ValueError:
        return False


class _FactBetween(Func):
    """Whether one of the facts stands between two others, in the order of their bytes."""

    output_field = BooleanField()
    template = 'EXISTS (SELECT FROM unnest({}) said WHERE said COLLATE "C" BETWEEN {} AND {})'

    def as_sql(self, compiler: Any, connection: Any, *_: Any, **__: Any) -> tuple[str, tuple[Any, ...]]:
        """The three expressions each in its place."""
        parts = [compiler.compile(each) for each in self.get_source_expressions()]
        values = tuple(value for _, values in parts for value in values)
        return self.template.format(*(sql for sql, _ in parts)), values


class ProductFilter(django_filters.FilterSet):
    """The placements that a `FilterQuery` leaves."""

    price_min = django_filters.CharFilter(method="costs_at_least")
    price_max = django_filters.CharFilter(method="costs_at_most")

    class Meta:
        model = Placement
        fields: Sequence[str] = ()

    def __init__(self, *, wanted: Mapping[str, Any], context: MarketContext) -> None:
        self.wanted, self.context = wanted, context
        super().__init__(data=dict(wanted), queryset=Placement.objects.all())

    def costs_at_least(self, rows: QuerySet[Placement], name: str, value: str) -> QuerySet[Placement]:
        """Of variants with several prices the lowest counts."""
        return rows.filter(price_minor__gte=math.ceil(self._minor(value)))

    def costs_at_most(self, rows: QuerySet[Placement], name: str, value: str) -> QuerySet[Placement]:
        """Of variants with several prices the lowest counts."""
        return rows.filter(price_minor__lte=math.floor(self._minor(value)))

    def filter_queryset(self, queryset: QuerySet[Placement]) -> QuerySet[Placement]:
        """As in django-filter; then one variant must have everything that is asked of variants."""
        rows: QuerySet[Placement] = super().filter_queryset(queryset)
        attributes, had = self.wanted["attributes"], HAD.get(self.wanted.get("availability", ""))
        ranges = self.wanted["ranges"]
        if not attributes and not ranges and had is None:
            return rows
        variants = Availability.objects.filter(
            product_ref=OuterRef("product_ref"), channel=self.context.channel
        )
        for code, values in attributes.items():
            variants = variants.filter(facts__overlap=[fact(code, value) for value in values])
        for code, ends in ranges.items():
            price = list_filters()[code.lower()].type == "price"
            low, high = bounds(
                code=code,
                currency=self.context.currency if price else "",
                lowest=ends.get("lowest"),
                highest=ends.get("highest"),
            )
            variants = variants.filter(_FactBetween(F("facts"), Value(low), Value(high)))
        if had is not None:
            variants = variants.filter(band__in=had)
        return rows.filter(Exists(variants))

    def _minor(self, amount: str) -> Decimal:
        return Decimal(amount).scaleb(exponent(self.context.currency))


def narrow(*, wanted: Mapping[str, Any], context: MarketContext) -> QuerySet[Placement] | None:
    """The placements that are left, or None when nothing is narrowed."""
    asked = (
        wanted["attributes"] or wanted["ranges"] or wanted.keys() & {"price_min", "price_max", "availability"}
    )
    return ProductFilter(wanted=wanted, context=context).qs if asked else None
