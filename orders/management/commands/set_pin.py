"""`manage.py set_pin --clerk sanna@example.fi`: what a clerk unlocks tablets with. It is asked for, no argument."""

import sys
from getpass import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from config.kernel.db import open_transaction
from config.kernel.errors import Refusal
from config.kernel.models import User
from orders.locations.services import set_pin


class Command(BaseCommand):
    help = "Ask for a clerk's new PIN (from the terminal, else one line of the input), and keep its hash."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--clerk", required=True, help="the clerk's e-mail address")

    def handle(self, *args: Any, **options: Any) -> None:
        clerk = User.objects.filter(email__iexact=options["clerk"], is_active=True).first()
        if clerk is None:
            raise CommandError("There is nobody with that address.")
        pin = getpass("PIN: ") if sys.stdin.isatty() else sys.stdin.readline().strip()
        try:
            with open_transaction():
                set_pin(user_ref=clerk.public_id, pin=pin, now=timezone.now())
        except Refusal as refusal:
            raise CommandError(refusal.detail) from refusal
        self.stdout.write(f"{clerk.name} can unlock tablets where she works")
