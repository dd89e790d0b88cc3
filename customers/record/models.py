"""The customer record. It is made by a purchase, so nothing in it is verified until she proves it."""

from typing import ClassVar

from django.db import models

from config.kernel.ids import new_id
from config.kernel.models import AppendOnly


class Customer(models.Model):
    """Somebody who bought. `name` and `locale` are those of her latest purchase."""

    personal: ClassVar[tuple[str, ...]] = ("name",)

    public_id = models.UUIDField(default=new_id, unique=True, editable=False)
    name = models.CharField(max_length=200)
    locale = models.CharField(max_length=20, help_text="The language she is written to in, BCP 47.")
    first_seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.public_id)


class ContactKind(models.TextChoices):
    """By which way she is reached."""

    EMAIL = "email"
    PHONE = "phone"


class ContactPoint(models.Model):
    """An e-mail address or a telephone number. `verified_at` is empty until she proved that it is hers.

    An e-mail address names one customer; a telephone may stand in a whole family's records.
    """

    personal: ClassVar[tuple[str, ...]] = ("value", "normalised")

    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="contact_points", db_index=False
    )
    kind = models.CharField(max_length=10, choices=ContactKind.choices)
    value = models.CharField(max_length=254, help_text="As it was given.")
    normalised = models.CharField(max_length=800, help_text="As it is compared.")
    verified_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(condition=models.Q(kind__in=ContactKind.values), name="contactpoint_kind"),
            models.UniqueConstraint(
                fields=("normalised",),
                condition=models.Q(kind=ContactKind.EMAIL),
                name="contactpoint_email_unique",
            ),
            models.UniqueConstraint(
                fields=("customer", "kind", "normalised"), name="contactpoint_once_per_customer"
            ),
        )


class CustomerAddress(models.Model):
    """An address that goods went to. `fingerprint` is what two spellings of one address share."""

    personal: ClassVar[tuple[str, ...]] = ("name", "street", "postcode", "city", "country", "fingerprint")

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="addresses", db_index=False)
    name = models.CharField(max_length=200)
    street = models.CharField(max_length=200)
    postcode = models.CharField(max_length=20)
    city = models.CharField(max_length=100)
    country = models.CharField(max_length=2)
    fingerprint = models.CharField(max_length=64)
    first_used_at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("customer", "fingerprint"), name="customeraddress_once_per_customer"
            ),
        )


class TimelineEntry(AppendOnly):
    """Something that happened with a customer; `data` holds what a reader needs and nothing personal.

    `about_ref` is the order, parcel or return it concerns, so a fact that is told twice is written once.
    """

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="timeline", db_index=False)
    kind = models.CharField(max_length=50)
    about_ref = models.UUIDField()
    data = models.JSONField()
    actor_kind = models.CharField(max_length=20)
    actor_label = models.CharField(max_length=200)
    actor_store = models.CharField(max_length=50)
    occurred_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("kind", "about_ref"), name="timelineentry_once"),)
        indexes = (models.Index(fields=("customer", "occurred_at"), name="timelineentry_in_order"),)
