"""`manage.py register_device --store HELSINKI --name "Tablet 1"`: a code that makes a tablet one of the store's."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from config.kernel.db import open_transaction
from orders.locations.models import Location
from orders.locations.services import invite_device


class Command(BaseCommand):
    help = "Show a code, good once and for ten minutes, to be typed on the tablet's page."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--store", required=True, help="the code of the location in which it will stand")
        parser.add_argument("--name", required=True, help="what the tablet will be called")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with open_transaction():
                code = invite_device(location=options["store"], name=options["name"], now=timezone.now())
        except Location.DoesNotExist as error:
            raise CommandError(f"There is no location {options['store']}.") from error
        self.stdout.write(code)
