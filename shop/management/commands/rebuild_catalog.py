"""`manage.py rebuild_catalog`: render every publication once more, into whatever is left of the read model."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from config.kernel.actors import system
from pim.api import list_publications
from shop.catalog.services import show_again


class Command(BaseCommand):
    help = "Write the listings, placements, offers and availability anew from publications, prices and stock."

    def handle(self, *args: Any, **options: Any) -> None:
        count = 0
        for publication in list_publications():
            show_again(
                product_ref=publication.product_ref,
                channel=publication.channel,
                by=system("rebuild_catalog"),
                now=timezone.now(),
            )
            count += 1
        self.stdout.write(f"rendered {count} publications")
