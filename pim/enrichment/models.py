"""The table of how complete things are."""

from django.db import models

from config.kernel.json_field import LongJSONField
from pim.catalogue.models import Variant


class Completeness(models.Model):
    """How much of what its family requires a variant says, with all that it inherits.

    `channels` is `{channel: {locale: {"required": how many, "missing": [attribute]}}}` (`pim.enrichment.rules`). A
    variant whose product has no family has no row: nobody asks anything of it.
    """

    variant = models.OneToOneField(
        Variant, on_delete=models.CASCADE, primary_key=True, related_name="completeness"
    )
    channels = LongJSONField()
    assessed_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.variant_id)
