"""`manage.py open_market` gives an imported channel its commercial half."""

from datetime import datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from config.kernel.db import open_transaction
from pim.api import define_category, define_channel
from shop.pricing.models import Market
from shop.pricing.queries import forget_configuration
from tests.callers import Caller

KEY = "pk_print"


@pytest.fixture
def print_channel(db: None, now: datetime) -> None:
    with open_transaction():
        define_category(code="master", parent=None, position=0, labels={}, now=now)
        define_channel(
            code="print", kind="web", locales=["de-DE", "fr-FR"], tree="master", labels={}, now=now
        )


def opened(channel: str = "print", *options: str) -> str:
    out = StringIO()
    call_command("open_market", channel, *options, stdout=out)
    forget_configuration()
    return out.getvalue()


@pytest.mark.usefixtures("print_channel")
def test_a_channel_sells_under_its_key_and_host() -> None:
    assert "print sells in EUR" in opened("print", "--key", KEY, "--host", "print.example")
    assert Market.objects.get().price_list.code == "print-eur"

    answer = Caller(X_Api_Key=KEY).tries("GET", "/store/v1/products")

    assert (answer.status_code, answer["Content-Language"]) == (200, "de-DE")
    assert opened("print", "--key", KEY), "can be repeated"


@pytest.mark.usefixtures("print_channel")
@pytest.mark.parametrize(
    ("channel", "options", "told"),
    [
        ("nowhere", (), "no channel nowhere"),
        ("print", ("--time-zone", "Mars/Base"), "no time zone"),
    ],
)
def test_what_is_not_there_is_told(channel: str, options: tuple[str, ...], told: str) -> None:
    with pytest.raises(CommandError, match=told):
        opened(channel, *options)

    assert not Market.objects.exists()
