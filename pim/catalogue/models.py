"""The tables of what is published, and to where.

Codes (and SKUs) are unique whatever their case, and keep the case they came in. `labels` are `{locale: text}`. `values`
are `{attribute: {channel or "*": {locale or "*": value}}}`: what the row itself says, never what it inherits
(`pim.catalogue.rules`). What must be joined or be unique stands in tables of its own beside them.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from config.kernel.ids import new_id
from config.kernel.json_field import LongJSONField
from config.kernel.models import AppendOnly
from pim.structure.models import Attribute, AttributeOption, Family, FamilyVariant


class ChannelKind(models.TextChoices):
    """Where people or machines meet what is published."""

    WEB = "web"
    SCREEN = "screen"  # a display in a store
    TABLET = "tablet"  # in a clerk's hand
    PARTNER = "partner"  # somebody else's shop
    B2B = "b2b"


class Category(models.Model):
    """A place in a tree that products stand in. A category without `parent` is the root of a tree."""

    public_id = models.UUIDField(default=new_id, unique=True, editable=False)
    code = models.CharField(max_length=100)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="children")
    position = models.IntegerField(default=0)
    labels = models.JSONField(default=dict)
    version = models.IntegerField(default=1)
    archived_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(Lower("code"), name="category_code_unique"),
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=F("id")), name="category_is_not_its_own_parent"
            ),
        )

    def __str__(self) -> str:
        return self.code


class Channel(models.Model):
    """What one publishes to. The first locale is the one that texts are expected in; the others may fall back to it.

    `currencies` are those in which products are expected to say their prices. The shop's market of the same code is the
    channel's commercial half.
    """

    public_id = models.UUIDField(default=new_id, unique=True, editable=False)
    code = models.CharField(max_length=50)
    kind = models.CharField(max_length=10, choices=ChannelKind.choices)
    locales = ArrayField(models.CharField(max_length=20), help_text="BCP 47, in order of preference.")
    currencies = ArrayField(models.CharField(max_length=3), default=list, help_text="ISO 4217.")
    tree = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="channels")
    labels = models.JSONField(default=dict)

    class Meta:
        constraints = (
            models.UniqueConstraint(Lower("code"), name="channel_code_unique"),
            models.CheckConstraint(condition=Q(kind__in=ChannelKind.values), name="channel_kind"),
            models.CheckConstraint(condition=Q(locales__len__gt=0), name="channel_has_a_locale"),
        )

    def __str__(self) -> str:
        return self.code


class Product(models.Model):
    """What a shopper recognises as one thing, in one or more variants. `version` grows with every write.

    It may lack a family; a `family_variant` belongs to its family, and products with one have its axes.
    `tax_class` names a row of the shop's dated tax table; the rate is none of the PIM's business.
    """

    public_id = models.UUIDField(default=new_id, unique=True, editable=False)
    code = models.CharField(max_length=100)
    family = models.ForeignKey(Family, on_delete=models.PROTECT, null=True, related_name="products")
    family_variant = models.ForeignKey(
        FamilyVariant, on_delete=models.PROTECT, null=True, related_name="products"
    )
    values = LongJSONField(default=dict)
    tax_class = models.CharField(max_length=30, default="standard")
    version = models.IntegerField(default=1)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    archived_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(Lower("code"), name="product_code_unique"),
            models.CheckConstraint(condition=Q(version__gte=1), name="product_version_counts"),
        )

    def __str__(self) -> str:
        return self.code


class ProductAxis(models.Model):
    """An attribute in which the variants of a product differ, in the order in which a shopper chooses."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="axes", db_index=False)
    attribute = models.ForeignKey(Attribute, on_delete=models.PROTECT, related_name="+")
    position = models.IntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("product", "attribute"), name="productaxis_once"),
            models.UniqueConstraint(fields=("product", "position"), name="productaxis_order"),
        )


class ProductModel(models.Model):
    """The level between a product and its variants: what all its variants of one fabric share.

    `axis_key` is the model's own part of its variants' keys.
    """

    public_id = models.UUIDField(default=new_id, unique=True, editable=False)
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="models")
    code = models.CharField(max_length=100)
    axis_key = models.CharField(max_length=500)
    values = LongJSONField(default=dict)
    position = models.IntegerField(default=0)
    archived_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(Lower("code"), name="productmodel_code_unique"),
            models.UniqueConstraint(
                "product",
                Lower("axis_key"),
                name="productmodel_axes_unique",
                condition=Q(archived_at__isnull=True),
            ),
        )

    def __str__(self) -> str:
        return self.code


class Variant(models.Model):
    """What is sold, priced, stocked and ordered, by its SKU.

    `axis_key` is the variant's option on every axis (`fabric=hiekka`). It is unique within the product, so a product
    without axes has exactly one variant. One that is not `enabled` is kept, and is in no publication.
    """

    public_id = models.UUIDField(default=new_id, unique=True, editable=False)
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="variants")
    model = models.ForeignKey(ProductModel, on_delete=models.CASCADE, null=True, related_name="variants")
    sku = models.CharField(max_length=64)
    enabled = models.BooleanField(default=True)
    axis_key = models.CharField(max_length=500, blank=True)
    values = LongJSONField(default=dict)
    position = models.IntegerField(default=0)
    archived_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(Lower("sku"), name="variant_sku_unique"),
            models.UniqueConstraint(
                "product",
                Lower("axis_key"),
                name="variant_axes_unique",
                condition=Q(archived_at__isnull=True),
            ),
        )

    def __str__(self) -> str:
        return self.sku


class Identifier(models.Model):
    """A value of an attribute whose values are unique: the database's own knowledge that nobody else says it.

    Written with the values. Case is ignored.
    """

    attribute = models.ForeignKey(Attribute, on_delete=models.PROTECT, related_name="+")
    value = models.CharField(max_length=255)
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="identifiers")
    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, null=True, related_name="identifiers")

    class Meta:
        constraints = (models.UniqueConstraint("attribute", Lower("value"), name="identifier_unique"),)

    def __str__(self) -> str:
        return self.value


class OptionReference(models.Model):
    """A product, model or variant says this option in its values: the database's own knowledge of who uses which.

    Written with the values. It keeps an option that is in use from disappearing, and finds what to render again. There
    are dozens of each product, so no index has a row that nobody looks for.
    """

    option = models.ForeignKey(AttributeOption, on_delete=models.PROTECT, related_name="references")
    product = models.ForeignKey(
        Product, on_delete=models.CASCADE, related_name="option_references", db_index=False
    )
    model = models.ForeignKey(
        ProductModel, on_delete=models.CASCADE, null=True, related_name="option_references", db_index=False
    )
    variant = models.ForeignKey(
        Variant, on_delete=models.CASCADE, null=True, related_name="option_references", db_index=False
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("product", "model", "variant", "option"),
                nulls_distinct=False,
                name="optionreference_once",
            ),
        )
        indexes = (
            models.Index(
                fields=("model",), condition=Q(model__isnull=False), name="optionreference_of_model"
            ),
            models.Index(
                fields=("variant",), condition=Q(variant__isnull=False), name="optionreference_of_variant"
            ),
        )


class ProductCategory(models.Model):
    """A product stands in a category; a lower `rank` stands nearer to the front."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="memberships", db_index=False)
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="memberships")
    rank = models.IntegerField(default=0)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("product", "category"), name="productcategory_once"),)


class LinkType(models.Model):
    """What one product is to another: `goes_with`, `care_for`, whatever a house calls it.

    `two_way`: who is linked from a product is shown there as well. `quantified`: its links say how many.
    """

    public_id = models.UUIDField(default=new_id, unique=True, editable=False)
    code = models.CharField(max_length=100)
    two_way = models.BooleanField(default=False)
    quantified = models.BooleanField(default=False)
    position = models.IntegerField(default=0)
    labels = models.JSONField(default=dict)

    class Meta:
        constraints = (models.UniqueConstraint(Lower("code"), name="linktype_code_unique"),)

    def __str__(self) -> str:
        return self.code


class ProductLink(models.Model):
    """`source` is shown with a pointer to `target`. `suits` narrows it to an option of the source: this fabric."""

    source = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="links", db_index=False)
    target = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="linked_from")
    type = models.ForeignKey(LinkType, on_delete=models.PROTECT, related_name="links")
    suits = models.ForeignKey(AttributeOption, on_delete=models.PROTECT, null=True, related_name="+")
    quantity = models.IntegerField(null=True)
    position = models.IntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("source", "type", "target", "suits"), nulls_distinct=False, name="productlink_once"
            ),
            models.CheckConstraint(condition=~Q(source=F("target")), name="productlink_leads_elsewhere"),
            models.CheckConstraint(
                condition=Q(quantity__isnull=True) | Q(quantity__gt=0), name="productlink_quantity_counts"
            ),
        )


class ProductChange(AppendOnly):
    """What one save changed in a product: its history, one row per save.

    `delta` says of everything that changed what it was and what it became (`pim.catalogue.rules`); a product's first
    row says only what it consisted of, because its values then are those of today with all later deltas taken back.
    """

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="changes", db_index=False)
    version = models.IntegerField()
    delta = LongJSONField()
    actor = models.JSONField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("product", "version"), name="productchange_once"),)
