"""Prices keep their history, and the process keeps its configuration for five seconds."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from config.kernel.actors import Actor, ActorKind
from config.kernel.db import TransactionMisuse, open_transaction
from config.kernel.errors import NotFound
from config.kernel.models import AuditEntry, StoredEvent
from shop.pricing import queries
from shop.pricing.models import Market, MarketHost, Price, PriceList, TaxRate
from shop.pricing.services import PriceNow, change_price, define_tax_rates, set_price
from tests.factories.goods import CHANNEL, CUSHION, LIST, OTHER_CHANNEL
from tests.factories.world import World

BY = Actor(kind=ActorKind.MERCHANDISER, ref="linnea", label="Linnea")


def price(minor: int, now: datetime, *, sku: str = "TABLE", price_list: str = LIST) -> PriceNow:
    return change_price(price_list=price_list, sku=sku, minor=minor, by=BY, now=now)


def history(sku: str = "TABLE") -> list[tuple[int, datetime, datetime | None]]:
    return list(
        Price.objects.filter(sku=sku)
        .order_by("valid_from", "valid_until")
        .values_list("minor", "valid_from", "valid_until")
    )


def test_a_new_price_ends_the_old_one_and_the_old_one_stays(world: World, now: datetime) -> None:
    later = now + timedelta(days=3)

    price(10_000, now)
    price(9_000, later)

    assert history() == [(10_000, now, later), (9_000, later, None)]
    assert queries.list_prices(skus=["TABLE"]) == {(LIST, "TABLE"): 9_000}


def test_setting_the_same_price_again_changes_and_tells_nothing(world: World, now: datetime) -> None:
    price(10_000, now)
    told = StoredEvent.objects.count()

    again = price(10_000, now + timedelta(days=1))

    assert again.changed is False
    assert history() == [(10_000, now, None)]
    assert StoredEvent.objects.count() == told


def test_a_change_is_told_and_leaves_who_made_it(world: World, now: datetime) -> None:
    price(10_000, now)

    event = StoredEvent.objects.latest("id")
    assert (event.name, event.data) == ("shop.price_set", {"price_list": LIST, "sku": "TABLE"})
    entry = AuditEntry.objects.latest("id")
    assert (entry.action, entry.actor_ref) == ("shop.pricing.change_price", "linnea")


def test_a_clock_that_runs_behind_does_not_turn_a_period_round(world: World, now: datetime) -> None:
    price(10_000, now)

    price(9_000, now - timedelta(seconds=5))

    assert history() == [(10_000, now, now), (9_000, now, None)]


def test_a_price_needs_its_list_and_the_callers_transaction(world: World, now: datetime) -> None:
    with pytest.raises(NotFound):
        price(10_000, now, price_list="nowhere")
    with pytest.raises(TransactionMisuse):
        set_price(price_list=LIST, sku="TABLE", minor=1, by=BY, now=now)

    assert history() == []


def test_the_database_knows_one_open_price_and_no_negative_one(world: World, now: datetime) -> None:
    price(10_000, now)
    owner = PriceList.objects.get(code=LIST)

    with pytest.raises(IntegrityError, match="price_one_is_open"), transaction.atomic():
        Price.objects.create(price_list=owner, sku="TABLE", minor=1, valid_from=now)
    with pytest.raises(IntegrityError, match="price_not_negative"), transaction.atomic():
        Price.objects.create(price_list=owner, sku="LAMP", minor=-1, valid_from=now)


def test_the_command_sets_a_price_in_the_lists_currency(world: World, capsys: Any) -> None:
    call_command("set_price", LIST, CUSHION, "42.50")

    assert "CUSHION costs 42.50 EUR" in capsys.readouterr().out
    assert queries.list_prices(skus=[CUSHION])[LIST, CUSHION] == 4_250


@pytest.mark.parametrize("amount", ["42.505", "many", "NaN", "1e400", "-1"])
def test_the_command_refuses_what_is_no_price(world: World, amount: str) -> None:
    with pytest.raises(CommandError):
        call_command("set_price", "--", LIST, CUSHION, amount)

    assert queries.list_prices(skus=[CUSHION])[LIST, CUSHION] == 3_990


def test_tax_rates_can_be_defined_again_and_again(world: World) -> None:
    with open_transaction():
        define_tax_rates()
        define_tax_rates()

    assert TaxRate.objects.count() == 2
    assert TaxRate.objects.get(valid_from="2024-09-01").rate == Decimal("0.2550")


def test_a_context_says_where_in_which_language_and_under_which_prices(world: World, now: datetime) -> None:
    context = queries.get_context(channel=CHANNEL, locale="sv", now=now)

    assert (context.locale, context.fallbacks) == ("sv-FI", ("sv-FI", "fi", "en"))
    assert (context.currency, context.country, context.price_list) == ("EUR", "FI", LIST)
    assert context.tax_rates == {"standard": Decimal("0.255")}
    assert queries.get_context(channel=CHANNEL, locale="fi", now=now).hash == context.hash
    assert queries.get_context(channel=OTHER_CHANNEL, now=now).hash != context.hash
    with pytest.raises(NotFound):
        queries.get_context(channel="nowhere", now=now)


def test_the_tax_is_that_of_the_day_in_the_market(world: World) -> None:
    eve = datetime.fromisoformat("2024-08-31T20:59:59+00:00")  # 23:59:59 in Helsinki

    rates = [
        queries.get_context(channel=CHANNEL, now=moment).tax_rates["standard"]
        for moment in (eve, eve + timedelta(seconds=1))
    ]

    assert rates == [Decimal("0.24"), Decimal("0.255")]


def test_the_configuration_is_at_most_five_seconds_old(
    world: World, now: datetime, monkeypatch: Any, settings: Any
) -> None:
    settings.CONFIGURATION_LIVES_S = 5.0
    clock = 1_000.0
    monkeypatch.setattr("config.kernel.kept.time.monotonic", lambda: clock)
    queries.forget_configuration()
    assert queries.get_market(CHANNEL).delivery_countries == ("FI",)
    Market.objects.filter(code=CHANNEL).update(delivery_countries=["FI", "AX"])

    clock += 4.9
    assert queries.get_market(CHANNEL).delivery_countries == ("FI",)
    clock += 0.2
    assert queries.get_market(CHANNEL).delivery_countries == ("FI", "AX")
    queries.forget_configuration()


def test_a_market_without_a_channel_in_the_pim_is_not_sold(world: World, now: datetime) -> None:
    Market.objects.create(
        code="screens",
        price_list=PriceList.objects.get(code=LIST),
        content_scope="screens",
        country="FI",
        time_zone="Europe/Helsinki",
        delivery_countries=["FI"],
    )
    queries.forget_configuration()

    assert queries.find_market("screens") is None
    assert queries.find_market(CHANNEL) is not None
    queries.forget_configuration()


def test_a_host_is_kept_in_lower_case_and_belongs_to_one_market(world: World) -> None:
    market = Market.objects.get(code=CHANNEL)

    with pytest.raises(IntegrityError, match="markethost_lower_case"), transaction.atomic():
        MarketHost.objects.create(host="Polku.fi", market=market)
    with pytest.raises(IntegrityError, match="unique"), transaction.atomic():
        MarketHost.objects.create(host="testserver", market=Market.objects.get(code=OTHER_CHANNEL))
