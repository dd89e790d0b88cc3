"""`manage.py checksum_catalog`: whether what shoppers read is what publications, prices and stock say."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from config.kernel.actors import system
from pim.api import list_publications
from shop.catalog.queries import list_miscounted_shelves
from shop.catalog.services import find_difference
from shop.search.queries import list_stale_documents


class Command(BaseCommand):
    help = "Compare the read model with its sources, and name every product that is not current. Changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        count, wrong = 0, 0
        for publication in list_publications():
            count += 1
            found = find_difference(
                product_ref=publication.product_ref,
                channel=publication.channel,
                by=system("checksum_catalog"),
                now=timezone.now(),
            )
            if found is not None:
                wrong += 1
                self.stdout.write(f"{found.product_ref} in {found.channel}: {', '.join(found.tables)}")
        for shelf in list_miscounted_shelves():
            wrong += 1
            self.stdout.write(f"shelf {shelf}")
        if wrong:
            raise CommandError(f"{wrong} differences; manage.py rebuild_catalog writes everything anew")
        self.stdout.write(f"{count} publications are shown as they are")
        if behind := len(list_stale_documents()):
            self.stdout.write(f"search is behind by {behind} listings; a worker makes up for it")
