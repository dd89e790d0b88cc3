"""What left in which parcel."""

from django.db import models

from config.kernel.ids import new_id
from orders.agreement.models import Order, OrderDelivery, OrderLine


class Parcel(models.Model):
    """One package of one delivery that left its location."""

    public_id = models.UUIDField(default=new_id, unique=True, editable=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="parcels")
    delivery = models.ForeignKey(OrderDelivery, on_delete=models.PROTECT, related_name="parcels")
    dispatched_at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)


class ParcelLine(models.Model):
    """So many units of an order's line in a parcel."""

    parcel = models.ForeignKey(Parcel, on_delete=models.PROTECT, related_name="lines")
    order_line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="parcel_lines")
    quantity = models.IntegerField()

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("parcel", "order_line"), name="parcelline_once"),
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="parcelline_quantity_positive"),
        )
