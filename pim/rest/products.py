"""/pim/v1/products: what merchandisers see of a product, and the button that publishes it."""

import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from config.kernel.errors import NotFound, invalid
from config.kernel.rest import inputs
from config.kernel.rest.access import PimView, caller_of
from config.kernel.rest.headers import IF_MATCH
from config.kernel.rest.pagination import CursorQuery, page_after
from config.kernel.rest.preconditions import etag_of, if_match
from config.kernel.versions import VersionConflict
from pim.catalogue import queries as catalogue
from pim.catalogue.editing import edit_product
from pim.catalogue.models import Product as ProductRow
from pim.catalogue.writing import IdentifierTaken
from pim.enrichment import queries as enrichment
from pim.publishing import queries as publishing
from pim.publishing import services
from pim.publishing.models import Publication

_GAP: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,49}:[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}", re.ASCII)


class ProductItem(serializers.Serializer[Any]):
    """A product in the list: `name` is `{locale: text}`, the same in every channel."""

    id = serializers.UUIDField()
    code = serializers.CharField()
    name = serializers.DictField(child=serializers.CharField())
    skus = serializers.ListField(child=serializers.CharField())
    version = serializers.IntegerField()
    changed_at = serializers.DateTimeField()


class ProductPage(serializers.Serializer[Any]):
    """Some products, in the order in which they came, and the cursor that goes on after them."""

    items = ProductItem(many=True)
    next_after = serializers.CharField(allow_null=True)


class VariantData(serializers.Serializer[Any]):
    """A variant with its own values."""

    id = serializers.UUIDField()
    sku = serializers.CharField()
    values = serializers.JSONField()


class PublicationData(serializers.Serializer[Any]):
    """The publication that holds in a channel; `locales` is `{locale: "published" or "fallback"}`."""

    channel = serializers.CharField()
    number = serializers.IntegerField()
    withdrawn = serializers.BooleanField()
    locales = serializers.DictField(child=serializers.CharField())
    published_at = serializers.DateTimeField()


class CompletenessData(serializers.Serializer[Any]):
    """How much of what its family requires a variant says, with all that it inherits, in one locale of one channel.

    `missing` are attributes' codes. `percent` is rounded down: 100 means that nothing is missing.
    """

    sku = serializers.CharField()
    channel = serializers.CharField()
    locale = serializers.CharField()
    required_count = serializers.IntegerField()
    missing = serializers.ListField(child=serializers.CharField())
    percent = serializers.IntegerField()


class ProductData(serializers.Serializer[Any]):
    """A product as it stands in the master data. `values` are `{attribute: {channel or *: {locale or *: value}}}`.

    `completeness` is empty where no family asks for anything.
    """

    id = serializers.UUIDField()
    code = serializers.CharField()
    family = serializers.CharField(allow_null=True)
    version = serializers.IntegerField()
    tax_class = serializers.CharField()
    values = serializers.JSONField()
    axes = serializers.ListField(child=serializers.CharField())
    categories = serializers.DictField(child=serializers.IntegerField())
    variants = VariantData(many=True)
    completeness = CompletenessData(many=True)
    publications = PublicationData(many=True)
    archived = serializers.BooleanField()
    changed_at = serializers.DateTimeField()


class PublishedData(serializers.Serializer[Any]):
    """Under which number a product now stands in a channel."""

    product_id = serializers.UUIDField()
    channel = serializers.CharField()
    number = serializers.IntegerField()
    withdrawn = serializers.BooleanField()


class GapField(inputs.PatternField):
    """Where something may be missing: a channel and one of its locales, `fi-web:sv-FI`."""

    wrong = "unknown_filter"
    absent = frozenset()
    described = {"pattern": f"^{_GAP.pattern}$"}
    default_error_messages = {"unknown_filter": "This is not a channel and a locale."}

    def matches(self, value: str) -> bool:
        return _GAP.fullmatch(value) is not None


class Products(PimView):
    """Every product that is not archived."""

    class Query(CursorQuery):
        """`incomplete=fi-web:sv-FI`: only products that lack something there."""

        incomplete = GapField(required=False)

    @extend_schema(parameters=[Query], responses=ProductPage)
    def get(self, request: Request) -> Response:
        """Products by age, oldest first; go on with `next_after`."""
        wanted = self.Query.of(request)
        rows, gap = catalogue.list_products(), wanted.get("incomplete", "")
        if gap:
            channel, locale = _gap(gap)
            rows = enrichment.only_incomplete(products=rows, channel=channel, locale=locale)
        found = page_after(
            rows,
            key="public_id",
            wanted=wanted,
            scope=f"pim.products:{gap}:{caller_of(request).ref}",
        )
        return Response({"items": [_item(row) for row in found.rows], "next_after": found.next_after})


class Product(PimView):
    """One product."""

    request_headers = (IF_MATCH,)
    refusals = (NotFound, VersionConflict, IdentifierTaken)

    class Input(inputs.Input):
        """What to change; what is not named stays, and null takes away. `categories` are `{code: rank}`."""

        values = serializers.DictField(required=False, default=dict)
        categories = serializers.DictField(required=False, default=dict)

    @extend_schema(responses=ProductData)
    def get(self, request: Request, product_id: UUID) -> Response:
        """The product with its own values, nothing inherited; its ETag is what a write asks for."""
        inputs.NoQuery.of(request)
        return self._answer(product_id)

    @extend_schema(request=Input, responses=ProductData)
    def patch(self, request: Request, product_id: UUID) -> Response:
        """Change values that the product itself says, and where it stands. Shoppers see it when it is published.

        What is wrong with a value is told by its attribute, channel and locale; then nothing is changed.
        """
        wish = self.Input.of(request)
        edit_product(
            product_id=product_id,
            version=if_match(request),
            values=wish["values"],
            categories=wish["categories"],
            by=caller_of(request).actor,
            now=timezone.now(),
        )
        return self._answer(product_id)

    def _answer(self, product_id: UUID) -> Response:
        product = catalogue.get_product(product_id=product_id)
        publications = publishing.list_publications_of(product_id=product_id)
        body = _body(product, [_publication(row) for row in publications])
        body["completeness"] = [
            _standing(each) for each in enrichment.list_completeness_of(product_id=product_id)
        ]
        return Response(body, headers={"ETag": etag_of(product.version)})


class PublishProduct(PimView):
    """Publish a product."""

    scope = "products:publish"
    request_headers = (IF_MATCH,)
    refusals = (
        NotFound,
        VersionConflict,
        services.UnknownChannel,
        services.ProductArchived,
        services.NotPublishable,
    )

    class Input(inputs.Input):
        """Where to."""

        channel = inputs.CodeField(max_length=50)

    @extend_schema(request=Input, responses=PublishedData)
    def post(self, request: Request, product_id: UUID) -> Response:
        """Publish the version that `If-Match` names to a channel, under the channel's next number."""
        wish = self.Input.of(request)
        published = services.publish_product(
            product_id=product_id,
            channel=wish["channel"],
            version=if_match(request),
            by=caller_of(request).actor,
            now=timezone.now(),
        )
        body = asdict(published)
        del body["changed"]
        return Response(body)


def _item(row: ProductRow) -> dict[str, Any]:
    return {
        "id": row.public_id,
        "code": row.code,
        "name": row.values.get("name", {}).get("*", {}),
        "skus": [variant.sku for variant in row.kept_variants],  # type: ignore[attr-defined]
        "version": row.version,
        "changed_at": row.changed_at,
    }


def _body(product: catalogue.ProductValue, publications: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": product.ref,
        "code": product.code,
        "family": product.family,
        "version": product.version,
        "tax_class": product.tax_class,
        "values": product.values,
        "axes": product.axes,
        "categories": product.categories,
        "variants": [
            {"id": variant.ref, "sku": variant.sku, "values": variant.values} for variant in product.variants
        ],
        "publications": publications,
        "archived": product.archived,
        "changed_at": product.changed_at,
    }


def _gap(written: str) -> tuple[str, str]:
    """The channel's code as it is defined, and its locale. Errors: InvalidInput with `unknown_filter`."""
    code, _, locale = written.rpartition(":")
    channel = catalogue.find_channel(code=code)
    if channel is None or locale not in channel.locales:
        raise invalid("?incomplete", "unknown_filter", "There is no such channel, or it does not speak that.")
    return channel.code, locale


def _standing(value: enrichment.CompletenessValue) -> dict[str, Any]:
    return {
        "sku": value.sku,
        "channel": value.channel,
        "locale": value.locale,
        "required_count": value.required,
        "missing": value.missing,
        "percent": value.percent,
    }


def _publication(row: Publication) -> dict[str, Any]:
    locales: Mapping[str, Mapping[str, str]] = row.document.get("locales", {})
    return {
        "channel": row.channel.code,
        "number": row.number,
        "withdrawn": row.withdrawn,
        "locales": {locale: reading["state"] for locale, reading in locales.items()},
        "published_at": row.published_at,
    }
