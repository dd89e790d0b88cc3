"""The master data's tables.

Codes (and SKUs) are unique whatever their case, and keep the case they came in. `labels` are `{locale: text}`. `values`
are `{attribute: {channel or "*": {locale or "*": value}}}`: what the row itself says, never what it inherits
(`pim.catalogue.rules`). What must be joined or be unique stands in tables of its own beside them.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from config.kernel.ids import new_id


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

    The shop's market of the same code is its commercial half.
    """

    public_id = models.UUIDField(default=new_id, unique=True, editable=False)
    code = models.CharField(max_length=50)
    kind = models.CharField(max_length=10, choices=ChannelKind.choices)
    locales = ArrayField(models.CharField(max_length=20), help_text="BCP 47, in order of preference.")
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


class AttributeType(models.TextChoices):
    """What a value of an attribute is, in JSON."""

    TEXT = "text"  # one line
    TEXTAREA = "textarea"  # paragraphs
    NUMBER = "number"  # a decimal, kept as text: "44.5"; with the attribute's unit
    BOOLEAN = "boolean"
    DATE = "date"  # "2026-11-22"
    SELECT = "select"  # one option's code
    MULTISELECT = "multiselect"  # a list of options' codes


class Attribute(models.Model):
    """The definition of one thing that can be said of products.

    `localisable`: it may differ by language; `scopable`: it may differ by channel. `unit` is a measure's symbol, and
    stays empty for anything that is not a number. Only `public` values go out in publications; the others are notes for
    the house.
    """

    public_id = models.UUIDField(default=new_id, unique=True, editable=False)
    code = models.CharField(max_length=100)
    type = models.CharField(max_length=20, choices=AttributeType.choices)
    localisable = models.BooleanField(default=False)
    scopable = models.BooleanField(default=False)
    unit = models.CharField(max_length=20, blank=True)
    public = models.BooleanField(default=True)
    position = models.IntegerField(default=0)
    labels = models.JSONField(default=dict)

    class Meta:
        constraints = (
            models.UniqueConstraint(Lower("code"), name="attribute_code_unique"),
            models.CheckConstraint(condition=Q(type__in=AttributeType.values), name="attribute_type"),
            models.CheckConstraint(
                condition=Q(unit="") | Q(type="number"), name="attribute_unit_measures_a_number"
            ),
        )

    def __str__(self) -> str:
        return self.code


class AttributeOption(models.Model):
    """One of the values that a select attribute may take."""

    attribute = models.ForeignKey(Attribute, on_delete=models.PROTECT, related_name="options")
    code = models.CharField(max_length=100)
    position = models.IntegerField(default=0)
    labels = models.JSONField(default=dict)

    class Meta:
        constraints = (
            models.UniqueConstraint("attribute", Lower("code"), name="attributeoption_code_unique"),
        )

    def __str__(self) -> str:
        return self.code


class Product(models.Model):
    """What a shopper recognises as one thing, in one or more variants. `version` grows with every write.

    `tax_class` names a row of the shop's dated tax table; the rate is none of the PIM's business.
    """

    public_id = models.UUIDField(default=new_id, unique=True, editable=False)
    code = models.CharField(max_length=100)
    values = models.JSONField(default=dict)
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

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="axes")
    attribute = models.ForeignKey(Attribute, on_delete=models.PROTECT, related_name="+")
    position = models.IntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("product", "attribute"), name="productaxis_once"),
            models.UniqueConstraint(fields=("product", "position"), name="productaxis_order"),
        )


class Variant(models.Model):
    """What is sold, priced, stocked and ordered, by its SKU.

    `axis_key` is the variant's option on every axis (`fabric=hiekka`). It is unique within the product, so a product
    without axes has exactly one variant.
    """

    public_id = models.UUIDField(default=new_id, unique=True, editable=False)
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="variants")
    sku = models.CharField(max_length=64)
    axis_key = models.CharField(max_length=500, blank=True)
    values = models.JSONField(default=dict)
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


class OptionReference(models.Model):
    """A product or variant says this option in its values: the database's own knowledge of who uses which option.

    Written with the values. It keeps an option that is in use from disappearing, and finds what to render again.
    """

    option = models.ForeignKey(AttributeOption, on_delete=models.PROTECT, related_name="references")
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="option_references")
    variant = models.ForeignKey(
        Variant, on_delete=models.CASCADE, null=True, related_name="option_references"
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("product", "variant", "option"), nulls_distinct=False, name="optionreference_once"
            ),
        )


class ProductCategory(models.Model):
    """A product stands in a category; a lower `rank` stands nearer to the front."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="memberships")
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="memberships")
    rank = models.IntegerField(default=0)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("product", "category"), name="productcategory_once"),)


class LinkKind(models.TextChoices):
    """What one product is to another."""

    GOES_WITH = "goes_with"  # looks well beside it
    CARE_FOR = "care_for"  # cleans or protects it; `suits` names the option it is made for


class ProductLink(models.Model):
    """`source` is shown with a pointer to `target`. `suits` narrows it to an option of the source: this fabric."""

    source = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="links")
    target = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="linked_from")
    kind = models.CharField(max_length=20, choices=LinkKind.choices)
    suits = models.ForeignKey(AttributeOption, on_delete=models.PROTECT, null=True, related_name="+")
    position = models.IntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("source", "kind", "target", "suits"), nulls_distinct=False, name="productlink_once"
            ),
            models.CheckConstraint(condition=Q(kind__in=LinkKind.values), name="productlink_kind"),
            models.CheckConstraint(condition=~Q(source=F("target")), name="productlink_leads_elsewhere"),
        )
