"""The demonstration shop: made once, whole in three languages, and nowhere near production."""

import json
import stat
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from config.kernel.invariants import check
from config.kernel.models import AccessToken, ApiKey, Audience, User
from orders.api import get_available_units, works_at
from pim.publishing.models import Publication
from shop.demo import goods, places
from shop.pricing.queries import forget_configuration, list_prices
from shop.pricing.services import change_price
from tests.callers import Caller
from tests.factories.goods import undone
from tests.shop.conftest import BY
from tests.sql import statements


@pytest.fixture(scope="module")
def _standing_demo(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Seeded once for all tests of the module, in a transaction that is rolled back."""
    with django_db_blocker.unblock(), undone():
        call_command("seed_demo", "--small")
        yield
    forget_configuration()


@pytest.fixture
def demo(_standing_demo: None, db: None) -> None:
    """The demonstration shop; what a test does to it is undone after the test."""


def credentials(capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    capsys.readouterr()
    call_command("demo_accounts", "--json")
    told: dict[str, str] = json.loads(capsys.readouterr().out)
    return told


def every_text(value: Any) -> list[Mapping[str, str]]:
    """Every `{locale: text}` in a piece of the demo's data."""
    if isinstance(value, dict):
        if "fi" in value:
            return [value]
        return [found for inner in value.values() for found in every_text(inner)]
    if isinstance(value, list | tuple):
        return [found for inner in value for found in every_text(inner)]
    return []


def test_the_shop_window_is_full_before_a_worker_has_run(demo: None) -> None:
    page = Caller(X_Api_Key=places.PUBLISHABLE_KEY).says("GET", "/store/v1/products?locale=en")

    assert [card["name"] for card in page["items"]] == [
        "Laituri three-seat sofa",
        "Kaisla cushion, 50 × 50 cm",
        "Hellä cleaning foam for wool and bouclé",
    ]
    assert all(card["price"] and card["availability"] == "in_stock" for card in page["items"])


def test_the_sofa_comes_in_three_fabrics_and_the_foam_suits_two_of_them(demo: None) -> None:
    sofa = Caller(Host="localhost").says("GET", "/store/v1/products/laituri-tresitssoffa?locale=sv-FI")

    assert len(sofa["variants"]) == 3
    assert [link["suits"] and link["suits"]["option"] for link in sofa["links"]] == [None, "pilvi", "kanerva"]
    assert [axis["label"] for axis in sofa["axes"]] == ["Tyg"]


def test_a_second_seed_adds_nothing_and_leaves_what_a_visitor_changed(
    demo: None, capsys: pytest.CaptureFixture[str]
) -> None:
    change_price(price_list=goods.PRICE_LIST, sku="KAISLA-50", minor=1, by=BY, now=timezone.now())
    stock, users = get_available_units(skus=goods.PRICES), User.objects.count()

    with statements() as said:
        call_command("seed_demo", "--small")

    assert [
        each for each in said if each.startswith(("INSERT INTO pim_", "UPDATE pim_", "DELETE FROM pim_"))
    ] == []
    assert "0 newly published" in capsys.readouterr().out
    assert Publication.objects.count() == 3
    assert list_prices(skus=["KAISLA-50"])[goods.PRICE_LIST, "KAISLA-50"] == 1
    assert (get_available_units(skus=goods.PRICES), User.objects.count()) == (stock, users)
    assert check(now=timezone.now()) == []


def test_everything_is_said_in_finnish_swedish_and_english() -> None:
    said = every_text([draft.values for draft in goods.PRODUCTS])
    said += [
        text for draft in goods.PRODUCTS for variant in draft.variants for text in every_text(variant.values)
    ]
    said += [labels for _, _, labels in goods.CATEGORIES]
    said += [attribute.labels for attribute in goods.ATTRIBUTES]
    said += [option.labels for attribute in goods.ATTRIBUTES for option in attribute.options]
    said += [*(terms.labels for terms in places.DELIVERIES.values()), goods.CHANNEL_LABELS]

    assert len(said) > 40
    for texts in said:
        assert set(texts) == set(goods.LOCALES)
        assert all(text == text.strip() != "" for text in texts.values())


def test_everything_that_is_sold_has_a_price_and_can_be_sent() -> None:
    skus = {variant.sku for draft in goods.PRODUCTS for variant in draft.variants}

    assert set(goods.PRICES) == set(goods.STOCK["LAHTI"]) == skus
    assert set(goods.STOCK) == {location.code for location in places.LOCATIONS}


def test_everybody_gets_a_token_for_her_own_part(demo: None, capsys: pytest.CaptureFixture[str]) -> None:
    told = credentials(capsys)

    assert set(told) == {
        "publishable_key",
        "shopper_a",
        "shopper_b",
        "clerk_x",
        "clerk_y",
        "packer",
        "merchandiser",
        "operator_email",
        "operator_password",
        "system",
        *(f"{who}_{what}" for who in ("clerk_x", "clerk_y", "packer") for what in ("pin", "device_code")),
    }
    for account in places.ACCOUNTS:
        user = User.objects.get(email=account.email)
        if account.store:
            assert works_at(user_ref=user.public_id, location=account.store)
        if account.audience:
            token = AccessToken.objects.get(user=user)
            assert (token.audience, token.store) == (account.audience, account.store)
    assert (
        Caller(token=told["merchandiser"]).says("GET", "/pim/v1/products")["items"][0]["code"]
        == "sofa-laituri"
    )
    assert Caller(token=told["system"]).tries("GET", "/system/v1/events").status_code == 200
    assert Caller(token=told["clerk_x"]).tries("GET", "/pim/v1/products").status_code == 401
    operator = User.objects.get(email=told["operator_email"])
    assert operator.is_superuser
    assert operator.check_password(told["operator_password"])


def test_credentials_are_new_each_time_and_what_has_run_out_is_removed(
    demo: None, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = credentials(capsys), credentials(capsys)

    assert first["shopper_a"] != second["shopper_a"]
    assert Caller(token=first["merchandiser"]).tries("GET", "/pim/v1/products").status_code == 200
    past = timezone.now() - timedelta(hours=1)
    AccessToken.objects.update(expires_at=past)
    ApiKey.objects.update(expires_at=past)
    credentials(capsys)
    assert AccessToken.objects.filter(audience=Audience.STORE).count() == 2
    assert ApiKey.objects.count() == 1


def test_the_accounts_file_is_for_its_owner_only(
    demo: None, settings: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.RUN_DIR = tmp_path / "var"

    call_command("demo_accounts")

    path = tmp_path / "var" / "demo.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    told = json.loads(path.read_text())
    shown = capsys.readouterr().out
    assert all(secret in shown for secret in told.values())


@pytest.mark.parametrize("command", ["seed_demo", "demo_accounts"])
def test_production_refuses_the_demonstration(db: None, settings: Any, command: str) -> None:
    settings.PRODUCTION = True
    before = User.objects.count(), AccessToken.objects.count()

    with pytest.raises(CommandError, match="production"):
        call_command(command)

    assert (User.objects.count(), AccessToken.objects.count()) == before


def test_a_demonstrations_tablet_is_registered_and_unlocked(
    demo: None, capsys: pytest.CaptureFixture[str]
) -> None:
    told, tablet = credentials(capsys), Caller()

    secret = tablet.says("POST", "/staff/v1/devices", {"code": told["clerk_x_device_code"]})["secret"]
    shown = tablet.carrying(X_Device_Secret=secret)
    (clerk,) = shown.says("GET", "/staff/v1/session")["clerks"]
    unlocked = shown.says("POST", "/staff/v1/unlock", {"clerk_id": clerk["id"], "pin": told["clerk_x_pin"]})

    assert clerk["name"] == "Sanna"
    assert Caller(token=unlocked["token"]).says("GET", "/staff/v1/picking-lists") is not None
