"""The tables of what can be said of products.

Codes are unique whatever their case, and keep the case they came in. `labels` are `{locale: text}`.
"""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from config.kernel.ids import new_id


class MeasurementFamily(models.Model):
    """Units that can be converted into each other; `standard_unit` is the code of the one that compares them."""

    code = models.CharField(max_length=100)
    standard_unit = models.CharField(max_length=100)
    labels = models.JSONField(default=dict)

    class Meta:
        constraints = (models.UniqueConstraint(Lower("code"), name="measurementfamily_code_unique"),)

    def __str__(self) -> str:
        return self.code


class MeasurementUnit(models.Model):
    """A unit: an amount of it times `factor` plus `offset` is the amount in the family's standard unit."""

    family = models.ForeignKey(MeasurementFamily, on_delete=models.CASCADE, related_name="units")
    code = models.CharField(max_length=100)
    symbol = models.CharField(max_length=20)
    factor = models.DecimalField(max_digits=36, decimal_places=18)
    offset = models.DecimalField(max_digits=36, decimal_places=18, default=0)
    position = models.IntegerField(default=0)
    labels = models.JSONField(default=dict)

    class Meta:
        constraints = (
            models.UniqueConstraint("family", Lower("code"), name="measurementunit_code_unique"),
            models.CheckConstraint(condition=Q(factor__gt=0), name="measurementunit_factor_is_positive"),
        )

    def __str__(self) -> str:
        return self.code


class AttributeGroup(models.Model):
    """Attributes that stand together on a page."""

    public_id = models.UUIDField(default=new_id, unique=True, editable=False)
    code = models.CharField(max_length=100)
    position = models.IntegerField(default=0)
    labels = models.JSONField(default=dict)

    class Meta:
        constraints = (models.UniqueConstraint(Lower("code"), name="attributegroup_code_unique"),)

    def __str__(self) -> str:
        return self.code


class AttributeType(models.TextChoices):
    """What a value of an attribute is, in JSON. Amounts are decimals, kept as text."""

    IDENTIFIER = "identifier"  # what another system calls the variant; the SKU itself has no value
    TEXT = "text"  # one line
    TEXTAREA = "textarea"  # paragraphs
    NUMBER = "number"  # "44.5"; with the attribute's unit
    METRIC = (
        "metric"  # {"amount": "44.5", "unit": "CENTIMETER"}, a unit of the attribute's measurement family
    )
    PRICE = "price"  # {"EUR": "999.00", "USD": "1099.00"}: one amount per currency, as the set writes it
    BOOLEAN = "boolean"
    DATE = "date"  # "2026-11-22"
    SELECT = "select"  # one option's code
    MULTISELECT = "multiselect"  # a list of options' codes
    IMAGE = "image"  # a path below the media root, whether there is a file or not
    GALLERY = "gallery"  # a list of such paths, the first one first
    FILE = "file"  # as an image
    GTIN = "gtin"  # 8, 12, 13 or 14 digits, the last one a check digit


class Attribute(models.Model):
    """The definition of one thing that can be said of products.

    `localisable`: it may differ by language; `scopable`: it may differ by channel. `unit` is a number's symbol; a
    metric has a `measurement_family` and the code of its usual unit, `default_unit`. Only `public` values go out in
    publications; the others are notes for the house. `filterable`: shoppers may narrow lists by it. `unique`: no two
    things say the same. `limits` narrow the values further (`pim.structure.rules.Limits`).
    """

    public_id = models.UUIDField(default=new_id, unique=True, editable=False)
    code = models.CharField(max_length=100)
    type = models.CharField(max_length=20, choices=AttributeType.choices)
    group = models.ForeignKey(AttributeGroup, on_delete=models.PROTECT, null=True, related_name="attributes")
    localisable = models.BooleanField(default=False)
    scopable = models.BooleanField(default=False)
    unique = models.BooleanField(default=False)
    unit = models.CharField(max_length=20, blank=True)
    measurement_family = models.ForeignKey(
        MeasurementFamily, on_delete=models.PROTECT, null=True, related_name="attributes"
    )
    default_unit = models.CharField(max_length=100, blank=True)
    public = models.BooleanField(default=True)
    filterable = models.BooleanField(default=False)
    limits = models.JSONField(default=dict)
    position = models.IntegerField(default=0)
    labels = models.JSONField(default=dict)
    version = models.IntegerField(default=1)

    class Meta:
        constraints = (
            models.UniqueConstraint(Lower("code"), name="attribute_code_unique"),
            models.CheckConstraint(condition=Q(type__in=AttributeType.values), name="attribute_type"),
            models.CheckConstraint(
                condition=Q(unit="") | Q(type="number"), name="attribute_unit_measures_a_number"
            ),
            models.CheckConstraint(
                condition=Q(type="metric", measurement_family__isnull=False)
                | (~Q(type="metric") & Q(measurement_family__isnull=True)),
                name="attribute_metric_has_its_measures",
            ),
        )

    def __str__(self) -> str:
        return self.code


class AttributeOption(models.Model):
    """One of the values that a select attribute may take.

    `swatch` shows it where it is chosen: a colour, `#c8b79e`, or the path of a picture below the media root.
    """

    attribute = models.ForeignKey(Attribute, on_delete=models.PROTECT, related_name="options")
    code = models.CharField(max_length=100)
    position = models.IntegerField(default=0)
    labels = models.JSONField(default=dict)
    swatch = models.CharField(max_length=500, blank=True)
    version = models.IntegerField(default=1)

    class Meta:
        constraints = (
            models.UniqueConstraint("attribute", Lower("code"), name="attributeoption_code_unique"),
        )

    def __str__(self) -> str:
        return self.code


class Family(models.Model):
    """What is said of products of a kind. `label_attribute` names such a product, `image_attribute` shows it."""

    public_id = models.UUIDField(default=new_id, unique=True, editable=False)
    code = models.CharField(max_length=100)
    labels = models.JSONField(default=dict)
    label_attribute = models.ForeignKey(Attribute, on_delete=models.PROTECT, null=True, related_name="+")
    image_attribute = models.ForeignKey(Attribute, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = (models.UniqueConstraint(Lower("code"), name="family_code_unique"),)

    def __str__(self) -> str:
        return self.code


class FamilyAttribute(models.Model):
    """An attribute belongs to a family. Other attributes may be said as well; nobody asks for them."""

    family = models.ForeignKey(Family, on_delete=models.CASCADE, related_name="attributes", db_index=False)
    attribute = models.ForeignKey(Attribute, on_delete=models.PROTECT, related_name="families")
    position = models.IntegerField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("family", "attribute"), name="familyattribute_once"),)


class FamilyRequirement(models.Model):
    """A channel wants this attribute filled in products of the family, in each of its locales."""

    family = models.ForeignKey(Family, on_delete=models.CASCADE, related_name="requirements", db_index=False)
    channel = models.ForeignKey("pim.Channel", on_delete=models.CASCADE, related_name="requirements")
    attribute = models.ForeignKey(Attribute, on_delete=models.PROTECT, related_name="requirements")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("family", "channel", "attribute"), name="familyrequirement_once"),
        )


class FamilyVariant(models.Model):
    """A way in which products of a family come in variants, on one or two levels.

    What is said on neither level is common to the whole product.
    """

    public_id = models.UUIDField(default=new_id, unique=True, editable=False)
    code = models.CharField(max_length=100)
    family = models.ForeignKey(Family, on_delete=models.PROTECT, related_name="family_variants")
    labels = models.JSONField(default=dict)

    class Meta:
        constraints = (models.UniqueConstraint(Lower("code"), name="familyvariant_code_unique"),)

    def __str__(self) -> str:
        return self.code


class FamilyVariantAttribute(models.Model):
    """An attribute is said on this level; with an `axis_position` it is what tells the level's members apart.

    With two levels, 1 is the model's and 2 the variant's; with one level, 1 is the variant's.
    """

    family_variant = models.ForeignKey(
        FamilyVariant, on_delete=models.CASCADE, related_name="attributes", db_index=False
    )
    attribute = models.ForeignKey(Attribute, on_delete=models.PROTECT, related_name="+")
    level = models.SmallIntegerField()
    axis_position = models.SmallIntegerField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("family_variant", "attribute"), name="familyvariantattribute_once"
            ),
            models.UniqueConstraint(
                fields=("family_variant", "level", "axis_position"), name="familyvariantattribute_order"
            ),
            models.CheckConstraint(condition=Q(level__in=(1, 2)), name="familyvariantattribute_two_levels"),
        )
