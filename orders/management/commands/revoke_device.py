"""`manage.py revoke_device --store HELSINKI --name "Tablet 1"`: a tablet that was lost opens nothing any more."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from config.kernel.actors import system
from orders.locations.models import Device
from orders.locations.services import revoke_device


class Command(BaseCommand):
    help = (
        "Take the registration back from every tablet of that name in that location, and sign its clerk out."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--store", required=True, help="the code of the location in which it stood")
        parser.add_argument("--name", required=True, help="what the tablet is called")

    def handle(self, *args: Any, **options: Any) -> None:
        devices = Device.objects.filter(
            location__code=options["store"], name=options["name"], revoked_at=None
        )
        if not (ids := list(devices.values_list("public_id", flat=True))):
            raise CommandError("There is no such device.")
        for device_id in ids:
            revoke_device(device_id=device_id, by=system("revoke_device"), now=timezone.now())
        self.stdout.write(f"{len(ids)} taken back")
