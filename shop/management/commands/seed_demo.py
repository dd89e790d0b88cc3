"""`manage.py seed_demo`: fill an empty database with the demonstration shop; a second run adds nothing.

Its pictures are drawn into the media root, those that are not there yet; `--small` is three products, of which the
sofa has pictures.
"""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from config.kernel.actors import system
from config.kernel.dispatcher import run_pending
from shop.demo.assortment import small, whole
from shop.demo.pictures.specs import draw_missing
from shop.demo.seed import seed_shop


class Command(BaseCommand):
    help = "Create the demonstration shop: goods, prices, places, stock and people. Refused in production."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--small", action="store_true", help="three products, of which one has pictures")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("The demonstration shop has no place in production.")
        assortment = small() if options["small"] else whole()
        drawn = draw_missing(specs=assortment.pictures, root=settings.MEDIA_ROOT)
        seeded = seed_shop(assortment=assortment, by=system("seed_demo"), now=timezone.now())
        # So that the shop window is full before the worker has started.
        run_pending(now=timezone.now())
        self.stdout.write(
            f"demo shop: {seeded.products} products, {seeded.published} newly published, {drawn} pictures drawn"
        )
