"""Markets and what they charge: price lists, prices, tax.

A `Market` is the commercial half of the PIM's channel of the same code. Market codes, list codes and tax classes are
referred to by code from everywhere else.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower


class PriceList(models.Model):
    """Prices in one currency, gross (with tax, as consumers see them) or net, as they were authored."""

    code = models.CharField(max_length=50)
    currency = models.CharField(max_length=3)
    gross = models.BooleanField(default=True)

    class Meta:
        constraints = (models.UniqueConstraint(Lower("code"), name="pricelist_code_unique"),)

    def __str__(self) -> str:
        return self.code


class Market(models.Model):
    """Where we sell under a channel's code: the country whose tax holds, the currency, and where we deliver to.

    Markets whose channels have no texts of their own share a `content_scope`, and with it their listings. `time_zone`
    (IANA) is what the market's dates mean. Where the PIM says what things cost, `price_attribute` and `price_currency`
    name what feeds the price list; without them prices are set in the list itself.
    """

    code = models.CharField(max_length=50)
    price_list = models.ForeignKey(PriceList, on_delete=models.PROTECT, related_name="markets")
    content_scope = models.CharField(max_length=50)
    country = models.CharField(max_length=2)
    time_zone = models.CharField(max_length=50)
    shows_gross = models.BooleanField(
        default=True, help_text="Whether its shoppers are shown prices with tax."
    )
    delivery_countries = ArrayField(models.CharField(max_length=2))
    price_attribute = models.CharField(max_length=100, blank=True)
    price_currency = models.CharField(max_length=3, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(Lower("code"), name="market_code_unique"),
            models.CheckConstraint(
                condition=Q(delivery_countries__len__gt=0), name="market_delivers_somewhere"
            ),
            models.CheckConstraint(
                condition=Q(price_attribute="", price_currency="")
                | (~Q(price_attribute="") & ~Q(price_currency="")),
                name="market_prices_have_a_currency",
            ),
        )

    def __str__(self) -> str:
        return self.code


class MarketHost(models.Model):
    """A host name, in lower case and without port, under which browsers reach the market."""

    host = models.CharField(max_length=253, unique=True)
    market = models.ForeignKey(Market, on_delete=models.CASCADE, related_name="hosts")

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(host=Lower(F("host"))), name="markethost_lower_case"),
        )


class PublishableKey(models.Model):
    """The key by which an app names its market. It is no secret and stands in clear: browsers show it to everybody."""

    key = models.CharField(max_length=100, unique=True)
    market = models.ForeignKey(Market, on_delete=models.CASCADE, related_name="keys")
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(key__startswith="pk_"), name="publishablekey_prefix"),
        )


class Price(models.Model):
    """What one unit of a SKU costs in a list, in minor units, from `valid_from` until `valid_until` (exclusive).

    The open row is the price of today and changes in place; closed rows are what it was before. They stay, because the
    lowest price of the last thirty days is asked for by law (Directive 98/6/EC, article 6a).
    """

    price_list = models.ForeignKey(PriceList, on_delete=models.PROTECT, related_name="prices")
    sku = models.CharField(max_length=64)
    minor = models.BigIntegerField()
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("price_list", "sku"), name="price_one_is_open", condition=Q(valid_until__isnull=True)
            ),
            models.CheckConstraint(condition=Q(minor__gte=0), name="price_not_negative"),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from")),
                name="price_period",
            ),
        )


class TaxRate(models.Model):
    """The rate of a tax class in the country of delivery from `valid_from` until the next row's: 0.2550 is 25.5 %."""

    tax_class = models.CharField(max_length=30)
    country = models.CharField(max_length=2)
    rate = models.DecimalField(max_digits=6, decimal_places=4)
    valid_from = models.DateField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("tax_class", "country", "valid_from"), name="taxrate_once_a_day"),
            models.CheckConstraint(condition=Q(rate__gte=0, rate__lt=1), name="taxrate_is_a_share"),
        )
