"""`manage.py open_market CHANNEL`: the commercial half of a channel, which an import never makes."""

from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from config.kernel.actors import system
from config.kernel.errors import Refusal
from config.kernel.money import CurrencyMismatch
from shop.pricing.services import MarketDraft, open_market


class Command(BaseCommand):
    help = "Let a channel sell in a currency, to a country, under these hosts and keys. Can be repeated."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("channel")
        parser.add_argument("--currency", default="EUR")
        parser.add_argument("--country", default="FI", help="where prices are taxed and goods are sent")
        parser.add_argument("--time-zone", default="Europe/Helsinki")
        parser.add_argument("--host", action="append", default=[], help="may be given several times")
        parser.add_argument("--key", action="append", default=[], help="a publishable key, pk_…")
        parser.add_argument("--price-attribute", default="", help="the PIM's prices that feed the price list")

    def handle(self, *args: Any, **options: Any) -> None:
        channel = options["channel"]
        try:
            ZoneInfo(options["time_zone"])
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise CommandError(f"There is no time zone {options['time_zone']}.") from error
        draft = MarketDraft(
            code=channel,
            price_list=f"{channel}-{options['currency'].lower()}",
            country=options["country"],
            time_zone=options["time_zone"],
            delivery_countries=(options["country"],),
            hosts=options["host"],
            keys=options["key"],
            price_attribute=options["price_attribute"],
            price_currency=options["currency"] if options["price_attribute"] else "",
        )
        try:
            open_market(
                draft=draft, currency=options["currency"], by=system("open_market"), now=timezone.now()
            )
        except Refusal as refusal:
            raise CommandError(refusal.detail) from refusal
        except CurrencyMismatch as mismatch:
            raise CommandError(str(mismatch)) from mismatch
        self.stdout.write(f"{channel} sells in {options['currency']}")
        self.stdout.write("what was published before is shown after manage.py rebuild_catalog")
