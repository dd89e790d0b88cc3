"""Matters that wait for a person."""

from typing import ClassVar

from django.db import models

from config.kernel.ids import new_id
from orders.agreement.models import Order
from orders.locations.models import Location
from orders.matters.rules import MatterKind


class Matter(models.Model):
    """Something about an order that a person must bring to its end, and what she did about it.

    `about_ref` names the withdrawal, parcel, dispute, payment operation or attempt; there is one matter of a kind about
    each. `order` is empty where none is known by what a buyer wrote. The location is in charge of it. Settling is the
    only change; its columns are its history.
    """

    personal: ClassVar[tuple[str, ...]] = ("note",)

    public_id = models.UUIDField(default=new_id, unique=True, editable=False)
    kind = models.CharField(max_length=30, choices=[(kind.value, kind.value) for kind in MatterKind])
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="matters")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, null=True, related_name="matters")
    about_ref = models.CharField(max_length=100)
    facts = models.JSONField(
        default=dict, help_text="What is known of it, JSON-safe and without personal data."
    )
    opened_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    settled_by = models.CharField(
        max_length=100, blank=True, help_text="The reference of whoever settled it."
    )
    note = models.CharField(max_length=1000, blank=True, help_text="What she did about it.")

    class Meta:
        ordering = ("pk",)
        indexes = (
            models.Index(
                fields=("location",), condition=models.Q(settled_at__isnull=True), name="matter_open"
            ),
        )
        constraints = (
            models.CheckConstraint(
                condition=models.Q(kind__in=[kind.value for kind in MatterKind]), name="matter_kind"
            ),
            models.UniqueConstraint(fields=("kind", "about_ref"), name="matter_once"),
            models.CheckConstraint(
                condition=models.Q(settled_at__isnull=True, settled_by="", note="")
                | (models.Q(settled_at__isnull=False) & ~models.Q(settled_by="") & ~models.Q(note="")),
                name="matter_settled_by_somebody",
            ),
        )
