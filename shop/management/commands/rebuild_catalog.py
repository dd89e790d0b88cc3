"""`manage.py rebuild_catalog`: render every publication once more, into whatever is left of the read model."""

from itertools import islice
from typing import Any, Final

from django.core.management.base import BaseCommand
from django.utils import timezone

from config.kernel.actors import system
from pim.api import list_published
from shop.catalog.services import show_again

PRODUCTS_AT_A_TIME: Final = 100


class Command(BaseCommand):
    help = "Write the listings, placements, offers and availability anew from publications, prices and stock."

    def handle(self, *args: Any, **options: Any) -> None:
        count, refs = 0, list_published()
        while some := list(islice(refs, PRODUCTS_AT_A_TIME)):
            show_again(product_refs=some, by=system("rebuild_catalog"), now=timezone.now())
            count += len(some)
        self.stdout.write(f"rendered {count} products")
