"""`manage.py checksum_catalog`: whether what shoppers read is what publications, prices and stock say."""

from itertools import islice
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from config.kernel.actors import system
from pim.api import list_published
from shop.catalog.queries import list_miscounted_shelves
from shop.catalog.services import find_differences
from shop.search.queries import list_stale_documents

PRODUCTS_AT_A_TIME: Final = 100


class Command(BaseCommand):
    help = "Compare the read model with its sources, and name every product that is not current. Changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        count, wrong, refs = 0, 0, list_published()
        while some := list(islice(refs, PRODUCTS_AT_A_TIME)):
            count += len(some)
            for found in find_differences(
                product_refs=some, by=system("checksum_catalog"), now=timezone.now()
            ):
                wrong += 1
                self.stdout.write(f"{found.product_ref}: {', '.join(found.tables)}")
        for shelf in list_miscounted_shelves():
            wrong += 1
            self.stdout.write(f"shelf {shelf}")
        if wrong:
            raise CommandError(f"{wrong} differences; manage.py rebuild_catalog writes everything anew")
        self.stdout.write(f"{count} products are shown as they are published")
        if behind := len(list_stale_documents()):
            self.stdout.write(f"search is behind by {behind} listings; a worker makes up for it")
