"""The read model's tables (`decisions.md`, "Read model"). All of them can be dropped and written again.

`Showing` says which publication a channel shows, `Listing` holds the texts as finished JSON, `Placement` what lists
filter and sort by, `Shelf` how much stands in a category. `Offer` and `Availability` change more often than texts, so
they stand apart and are put into the bytes when they are read.
"""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from config.kernel.json_field import LongJSONField


class Showing(models.Model):
    """The publication that a channel shows of a product; also the one row that everything written about it locks.

    `number` outlives a withdrawal, so that an older publication which arrives late is not shown again.
    `listed_at` is when the product was first published to the channel: what "newest" sorts by. `words` are the codes
    whose labels its listings show (`shop.catalog.wording.words_of`): who must be rendered again when one is renamed.
    """

    product_ref = models.UUIDField()
    channel = models.CharField(max_length=50)
    content_scope = models.CharField(max_length=50)
    number = models.IntegerField()
    withdrawn = models.BooleanField(default=False)
    tax_class = models.CharField(max_length=30)
    listed_at = models.DateTimeField()
    words = ArrayField(models.TextField(), default=list)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("product_ref", "channel"), name="showing_unique"),)
        indexes = (GinIndex(fields=("words",), name="showing_words"),)


class Depth(models.IntegerChoices):
    """How much of a product is looked at again. What is quickly done, and dearest to be late with, comes first."""

    FIGURES = 0  # its prices and availability
    PUBLICATIONS = 1  # what was published since it was rendered
    TEXTS = 2  # all of it


class Stale(models.Model):
    """A product to be looked at again, once, however many changes ask for it: the queue of the fan-out.

    Whoever takes it deletes it first and reads its sources afterwards, so a change that comes later finds no row and
    writes one of its own.
    """

    product_ref = models.UUIDField()
    depth = models.SmallIntegerField(choices=Depth.choices)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("product_ref", "depth"), name="stale_once"),
            models.CheckConstraint(condition=Q(depth__in=Depth.values), name="stale_depth"),
        )
        indexes = (models.Index(fields=("depth", "id"), name="stale_in_turn"),)


class Listing(models.Model):
    """A product's texts in one locale, as bytes of JSON with marks where prices go (`shop.catalog.rules`).

    `lines` is `{sku: {"name": …, "options": [[label, value], …]}}`, what a cart line says of a variant. `links` are
    what it points to, `[{"product": ref, "kind": …, "suits": …}]`; the cards are joined when it is read.
    `published_at` tells which of two channels that share the scope spoke last.
    """

    product_ref = models.UUIDField()
    content_scope = models.CharField(max_length=50)
    locale = models.CharField(max_length=20)
    slug = models.CharField(max_length=200)
    card = models.BinaryField()
    detail = models.BinaryField()
    lines = LongJSONField()
    links = LongJSONField(default=list)
    published_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("product_ref", "content_scope", "locale"), name="listing_unique"),
            # The slug first: by the other two alone nothing may be looked up, for that would be a whole language.
            models.UniqueConstraint(fields=("slug", "content_scope", "locale"), name="listing_slug_once"),
        )


class Band(models.TextChoices):
    """How much there is of something, as much of it as a shopper may know."""

    IN_STOCK = "in_stock"
    LOW_STOCK = "low_stock"  # so few that it may be gone tomorrow
    SOLD_OUT = "sold_out"


class Placement(models.Model):
    """A product stands in a category of a channel: in its own ones, in all above them, and in "" (the whole shop).

    `price_minor` is the lowest of its variants in the channel's own list, and null when it has none.
    """

    channel = models.CharField(max_length=50)
    category = models.CharField(max_length=100, blank=True)
    product_ref = models.UUIDField()
    rank = models.IntegerField()
    price_minor = models.BigIntegerField(null=True)
    prices_differ = models.BooleanField(default=False)
    band = models.CharField(max_length=10, choices=Band.choices)
    listed_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("product_ref", "channel", "category"), name="placement_unique"),
            models.CheckConstraint(condition=Q(band__in=Band.values), name="placement_band"),
        )
        indexes = (
            models.Index(fields=("channel", "category", "rank", "product_ref"), name="placement_by_rank"),
            models.Index(
                "channel",
                "category",
                F("price_minor").asc(nulls_last=True),
                "product_ref",
                name="placement_by_price",
            ),
            models.Index(
                "channel",
                "category",
                F("price_minor").desc(nulls_last=True),
                "product_ref",
                name="placement_by_price_desc",
            ),
            models.Index(
                fields=("channel", "category", "-listed_at", "product_ref"), name="placement_by_newest"
            ),
        )


class Shelf(models.Model):
    """How many products stand in a category of a channel: the exact total of its lists."""

    channel = models.CharField(max_length=50)
    category = models.CharField(max_length=100, blank=True)
    total = models.IntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("channel", "category"), name="shelf_unique"),
            models.CheckConstraint(condition=Q(total__gte=0), name="shelf_total"),
        )


class Offer(models.Model):
    """A listed variant's price in one list, as it is now. No row: it has no price there and cannot be sold by it."""

    sku = models.CharField(max_length=64)
    price_list = models.CharField(max_length=50)
    product_ref = models.UUIDField(db_index=True)
    tax_class = models.CharField(max_length=30)
    minor = models.BigIntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("sku", "price_list"), name="offer_unique"),
            models.CheckConstraint(condition=Q(minor__gte=0), name="offer_not_negative"),
        )
        indexes = (models.Index(Lower("sku"), name="offer_sku_ignoring_case"),)


class Availability(models.Model):
    """A variant that a channel lists, and how much there is of it. Written only when a band changes.

    `band` is what can be sent home; `stores` is `{store code: band}`. `facts` are what lists can be narrowed by, each
    `attribute=value` in lower case, the shared ones included; for amounts and days there are marks as well
    (`shop.catalog.ranges`). `gtin` is what stands under the bars on its packing, in 14 digits; empty where nobody says
    it.
    """

    sku = models.CharField(max_length=64)
    channel = models.CharField(max_length=50)
    product_ref = models.UUIDField(db_index=True)
    band = models.CharField(max_length=10, choices=Band.choices)
    stores = models.JSONField(default=dict)
    facts = ArrayField(models.TextField(), default=list)
    gtin = models.CharField(max_length=14, blank=True, db_default="")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("sku", "channel"), name="availability_unique"),
            models.CheckConstraint(condition=Q(band__in=Band.values), name="availability_band"),
        )
        indexes = (models.Index(fields=("gtin",), condition=~Q(gtin=""), name="availability_gtin"),)
