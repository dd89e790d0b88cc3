"""Ways of delivery that a buyer can choose from."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower


class DeliveryOption(models.Model):
    """One way of delivery, its price and the working days it takes.

    What is ordered before `cut_off` (in `time_zone`) on a working day leaves that day, and arrives
    `earliest_days` to `latest_days` working days later.
    """

    code = models.CharField(max_length=50)
    labels = models.JSONField(help_text="What the buyer reads, per locale.")
    countries = ArrayField(models.CharField(max_length=2))
    gross_minor = models.BigIntegerField()
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
                condition=models.Q(gross_minor__gte=0), name="deliveryoption_price_not_negative"
            ),
            models.CheckConstraint(
                condition=models.Q(earliest_days__gte=0, latest_days__gte=models.F("earliest_days")),
                name="deliveryoption_days",
            ),
        )

    def __str__(self) -> str:
        return self.code
