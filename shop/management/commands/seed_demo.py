"""`manage.py seed_demo`: fill an empty database with the demonstration shop; a second run adds nothing."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from config.kernel.actors import system
from config.kernel.dispatcher import run_pending
from shop.demo.seed import seed_shop


class Command(BaseCommand):
    help = "Create the demonstration shop: goods, prices, places, stock and people. Refused in production."

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("The demonstration shop has no place in production.")
        seeded = seed_shop(by=system("seed_demo"), now=timezone.now())
        # So that the shop window is full before the worker has started.
        run_pending(now=timezone.now())
        self.stdout.write(f"demo shop: {seeded.products} products, {seeded.published} newly published")
