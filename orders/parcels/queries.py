"""What has left of an order."""

from django.db.models import Sum

from orders.agreement.models import Order
from orders.parcels.models import ParcelLine


def count_shipped(*, order: Order) -> dict[int, int]:
    """Units that left, by the key of their order line; lines of which nothing left are missing."""
    shipped = (
        ParcelLine.objects.filter(parcel__order=order).values_list("order_line").annotate(Sum("quantity"))
    )
    return dict(shipped)
