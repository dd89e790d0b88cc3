"""`manage.py set_price LIST SKU AMOUNT`: what something costs from now on."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from config.kernel.actors import system
from config.kernel.errors import Refusal
from config.kernel.money import Money
from shop.pricing.models import PriceList
from shop.pricing.services import change_price


class Command(BaseCommand):
    help = "Set the price of a SKU in a price list; what it cost before stays in the history."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("price_list", help="code of the list")
        parser.add_argument("sku")
        parser.add_argument("amount", help="in the list's currency, 39.90")

    def handle(self, *args: Any, **options: Any) -> None:
        currency = (
            PriceList.objects.filter(code=options["price_list"]).values_list("currency", flat=True).first()
        )
        if currency is None:
            raise CommandError(f"There is no price list {options['price_list']}.")
        try:
            price = Money.of(options["amount"], currency)
        except (ArithmeticError, ValueError) as error:
            raise CommandError(f"{options['amount']!r} is not a sum in {currency}.") from error
        if price.minor < 0:
            raise CommandError("A price is not negative.")
        try:
            set_ = change_price(
                price_list=options["price_list"],
                sku=options["sku"],
                minor=price.minor,
                by=system("set_price"),
                now=timezone.now(),
            )
        except Refusal as refusal:
            raise CommandError(refusal.detail) from refusal
        self.stdout.write(f"{set_.sku} costs {price.amount} {currency} in {set_.price_list}")
