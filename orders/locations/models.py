"""Locations and who works in them."""

from django.db import models
from django.db.models.functions import Lower

from config.kernel.ids import new_id


class LocationKind(models.TextChoices):
    """What people find at the address."""

    WAREHOUSE = "warehouse"  # goods only; nobody comes in to buy
    STORE = "store"  # shoppers come in, clerks work there


class Location(models.Model):
    """A place where goods stand. Parcels leave from it if it `ships`; lower `priority` is asked first.

    Where it `hands_over`, orders can be fetched during its `opening_hours`: seven lists, Monday's first, of
    `["10:00", "19:00"]`. On public holidays it is closed.
    """

    public_id = models.UUIDField(default=new_id, unique=True, editable=False)
    code = models.CharField(max_length=50)
    kind = models.CharField(max_length=20, choices=LocationKind.choices)
    name = models.CharField(max_length=200)
    street = models.CharField(max_length=200)
    postcode = models.CharField(max_length=20)
    city = models.CharField(max_length=100)
    country = models.CharField(max_length=2, help_text="ISO 3166-1 alpha-2.")
    time_zone = models.CharField(max_length=50, help_text="IANA name; opening hours are told in it.")
    ships = models.BooleanField(default=False)
    hands_over = models.BooleanField(default=False, help_text="Orders can be fetched here.")
    opening_hours = models.JSONField(default=list)
    priority = models.SmallIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(Lower("code"), name="location_code_unique"),
            models.CheckConstraint(condition=models.Q(kind__in=LocationKind.values), name="location_kind"),
        )

    def __str__(self) -> str:
        return self.code


class StaffAssignment(models.Model):
    """This user works at this location. Without the row a staff token of that store opens nothing there."""

    user_ref = models.UUIDField()
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="staff")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("user_ref", "location"), name="staffassignment_person_once"),
        )


class DeviceCode(models.Model):
    """Whoever types this code on a tablet registers it in that location: once, and not for long."""

    digest = models.BinaryField(max_length=32, unique=True)
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="device_codes")
    name = models.CharField(max_length=100, help_text="What the device will be called.")
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class Device(models.Model):
    """A tablet that stands in a location: clerks who work there unlock it with their PINs.

    It knows a secret of which only the SHA-256 is kept. After `revoked_at` it is no device of ours any more.
    """

    public_id = models.UUIDField(default=new_id, unique=True, editable=False)
    digest = models.BinaryField(max_length=32, unique=True)
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="devices")
    name = models.CharField(max_length=100)
    registered_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class ClerkPin(models.Model):
    """What a clerk unlocks a registered device with; kept as Django keeps passwords."""

    user_ref = models.UUIDField(unique=True)
    pin_hash = models.CharField(max_length=128)
    set_at = models.DateTimeField()


class ItemPlace(models.Model):
    """Where in a location an item stands, in the words of those who fetch it: aisle, shelf, box."""

    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="places")
    sku = models.CharField(max_length=64)
    place = models.CharField(max_length=100)

    class Meta:
        constraints = (
            models.UniqueConstraint("location", Lower("sku"), name="itemplace_item_once"),
            models.CheckConstraint(condition=~models.Q(place=""), name="itemplace_is_named"),
        )
