"""The publications' one table."""

from django.db import models
from django.db.models import Q

from config.kernel.ids import new_id
from config.kernel.json_field import LongJSONField
from config.kernel.models import AppendOnly
from pim.catalogue.models import Channel, Product


class Publication(AppendOnly):
    """What a product with all its variants says in one channel, from `published_at` until the next number.

    Numbered 1, 2, 3 … per product and channel; the highest number holds. A withdrawal is a publication too: it says
    nothing (`document` is empty). The document's shape stands in `pim.publishing.rules`.
    """

    public_id = models.UUIDField(default=new_id, unique=True, editable=False)
    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, related_name="publications", db_index=False
    )
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="publications")
    number = models.IntegerField()
    withdrawn = models.BooleanField(default=False)
    document = LongJSONField()
    product_version = models.IntegerField()
    actor = models.JSONField()
    published_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("product", "channel", "number"), name="publication_number_unique"
            ),
            models.CheckConstraint(condition=Q(number__gte=1), name="publication_number_counts"),
            models.CheckConstraint(
                condition=Q(withdrawn=False) | Q(document={}), name="publication_withdrawn_says_nothing"
            ),
        )
