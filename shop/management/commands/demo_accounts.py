"""`manage.py demo_accounts`: new credentials for the people of the demonstration shop, and what to try with them."""

import json
import os
from collections.abc import Mapping
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from config.kernel.db import open_transaction
from shop.demo.places import ACCOUNTS
from shop.demo.seed import issue_credentials

_TRY: Final = """
  curl {url}/store/v1/products
  curl '{url}/store/v1/products/laituri-three-seat-sofa?locale=en'
  curl -H 'Authorization: Bearer {merchandiser}' {url}/pim/v1/products
"""


class Command(BaseCommand):
    help = "Issue credentials, twelve hours good, for the people of the demonstration shop. Refused in production."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print them as JSON, and write no file")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("The demonstration shop has no place in production.")
        with open_transaction():
            credentials = issue_credentials(now=timezone.now())
        if options["json"]:
            self.stdout.write(json.dumps(credentials))
        else:
            self._tell(credentials)

    def _tell(self, credentials: Mapping[str, str]) -> None:
        path = settings.RUN_DIR / "demo.json"
        path.parent.mkdir(exist_ok=True)
        with open(path, "w", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            json.dump(credentials, file, indent=2)
        path.chmod(0o600)
        self.stdout.write(f"Demo accounts, good for twelve hours (also in {path}):\n\n")
        for account in ACCOUNTS:
            place = f", {account.store}" if account.store else ""
            secret = credentials.get(account.key) or credentials["operator_password"]
            self.stdout.write(f"  {account.key:<13} {account.name}{place}, {account.email}\n{'':16}{secret}")
            if code := credentials.get(f"{account.key}_device_code"):
                pin = credentials[f"{account.key}_pin"]
                self.stdout.write(f"{'':16}a tablet there: device code {code}, then PIN {pin}")
        self.stdout.write(f"  {'system':<13} an integration\n{'':16}{credentials['system']}")
        self.stdout.write(
            f"  {'market':<13} X-Api-Key of the web shop\n{'':16}{credentials['publishable_key']}\n"
        )
        self.stdout.write(_TRY.format(url=settings.PUBLIC_URL, **credentials))
