"""Ways of delivery that a buyer can choose from, and what they cost."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower

from orders.delivery.rules import DeliveryKind


class DeliveryOption(models.Model):
    """One way of delivery, its price and the working days it takes.

    What is ordered before `cut_off` (in `time_zone`) on a working day leaves that day, and arrives
    `earliest_days` to `latest_days` working days later. For what is fetched in a store these are the days from a
    warehouse to it. The price is `gross_minor` wherever it goes, or what its `rates` say.
    """

    code = models.CharField(max_length=50)
    kind = models.CharField(max_length=20, default=DeliveryKind.HOME)
    labels = models.JSONField(help_text="What the buyer reads, per locale.")
    countries = ArrayField(models.CharField(max_length=2))
    gross_minor = models.BigIntegerField(null=True, help_text="Empty where the rates say it.")
    currency = models.CharField(max_length=3)
    tax_class = models.CharField(max_length=50)
    cut_off = models.TimeField()
    time_zone = models.CharField(max_length=50)
    earliest_days = models.SmallIntegerField()
    latest_days = models.SmallIntegerField()
    position = models.SmallIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(Lower("code"), name="deliveryoption_code_unique"),
            models.CheckConstraint(
                condition=models.Q(kind__in=[kind.value for kind in DeliveryKind]), name="deliveryoption_kind"
            ),
            models.CheckConstraint(
                condition=models.Q(gross_minor__gte=0), name="deliveryoption_price_not_negative"
            ),
            models.CheckConstraint(
                condition=models.Q(earliest_days__gte=0, latest_days__gte=models.F("earliest_days")),
                name="deliveryoption_days",
            ),
        )

    def __str__(self) -> str:
        return self.code


class DeliveryRate(models.Model):
    """What an option costs to a postal zone, for parcels of at most `up_to_g` grams."""

    option = models.ForeignKey(DeliveryOption, on_delete=models.CASCADE, related_name="rates", db_index=False)
    zone = models.CharField(max_length=20, help_text="orders.delivery.zones")
    up_to_g = models.IntegerField()
    gross_minor = models.BigIntegerField()

    class Meta:
        ordering = ("zone", "up_to_g")
        constraints = (
            models.UniqueConstraint(fields=("option", "zone", "up_to_g"), name="deliveryrate_once"),
            models.CheckConstraint(
                condition=models.Q(up_to_g__gt=0, gross_minor__gte=0), name="deliveryrate_numbers"
            ),
        )
