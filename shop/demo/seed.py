"""Making the demonstration shop, and its people's credentials. Both can be repeated: what is there already stays."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from config.kernel.actors import Actor
from config.kernel.db import transaction, transaction_required
from config.kernel.models import AccessToken, ApiKey, Audience, User
from config.kernel.rest.authentication import issue_api_key, issue_token
from orders.api import (
    assign_staff,
    create_location,
    get_available_units,
    invite_device,
    new_pin,
    place_items,
    receive_stock,
    set_delivery_option,
    set_pin,
)
from pim.api import (
    assess_products,
    define_attribute,
    define_category,
    define_channel,
    define_link_type,
    link_products,
    publish_many,
    save_products,
)
from shop.demo import goods, places
from shop.demo.assortment import Assortment
from shop.demo.families import define_families, in_families
from shop.pricing.queries import list_prices
from shop.pricing.services import define_market, define_price_list, define_tax_rates, set_prices

CREDENTIALS_LAST: Final = timedelta(hours=12)
_SYSTEM_KEY: Final = "demo integration"


@dataclass(frozen=True, kw_only=True)
class Seeded:
    """How many of the products are new publications, and how many there are."""

    published: int
    products: int


@transaction
def seed_shop(*, assortment: Assortment, by: Actor, now: datetime) -> Seeded:
    """Everything that the demonstration needs: goods, market, prices, places, stock and people; and publish it.

    Prices and stock are only set where there are none, so that what a visitor changed is not changed back.
    """
    _define_goods(assortment, now)
    define_families(assortment=assortment, by=by, now=now)
    save_products(drafts=in_families(assortment).products, now=now)
    assess_products(codes=[draft.code for draft in assortment.products], now=now)
    link_products(links=assortment.links, now=now)
    _open_market(assortment, by, now)
    _open_places(assortment, by, now)
    _hire()
    codes = [draft.code for draft in assortment.products]
    outcome = publish_many(codes=codes, channel=goods.CHANNEL, by=by, now=now)
    return Seeded(published=outcome.published, products=len(codes))


def _define_goods(assortment: Assortment, now: datetime) -> None:
    for position, (code, parent, labels) in enumerate(assortment.categories):
        define_category(code=code, parent=parent, position=position, labels=labels, now=now)
    root, _, _ = assortment.categories[0]
    define_channel(
        code=goods.CHANNEL, kind="web", locales=goods.LOCALES, tree=root, labels=goods.CHANNEL_LABELS, now=now
    )
    for position, (kind, words) in enumerate(assortment.link_types):
        define_link_type(code=kind, labels=words, position=position, now=now)
    for draft in assortment.attributes:
        define_attribute(draft=draft, now=now)


def _open_market(assortment: Assortment, by: Actor, now: datetime) -> None:
    define_tax_rates()
    define_price_list(code=goods.PRICE_LIST, currency="EUR", gross=True)
    define_market(draft=places.MARKET)
    known = list_prices(skus=assortment.prices)
    priced = {sku for price_list, sku in known if price_list == goods.PRICE_LIST}
    missing = {sku: minor for sku, minor in assortment.prices.items() if sku not in priced}
    set_prices(price_list=goods.PRICE_LIST, minors=missing, by=by, now=now)


def _open_places(assortment: Assortment, by: Actor, now: datetime) -> None:
    for location in assortment.locations:
        create_location(location=location)
    for code, terms in places.DELIVERIES.items():
        set_delivery_option(code=code, terms=terms)
    stocked = get_available_units(skus=assortment.prices)
    for code, units in assortment.stock.items():
        missing = {sku: count for sku, count in units.items() if code not in stocked.get(sku, {})}
        if missing:
            receive_stock(location=code, units=missing, by=by, now=now)
            shelves = {sku: places.shelf_of(index) for index, sku in enumerate(sorted(missing))}
            place_items(location=code, places=shelves)


def _hire() -> None:
    for account in places.ACCOUNTS:
        user = User.objects.filter(email__iexact=account.email).first()
        if user is None:
            user = User.objects.create_user(email=account.email, name=account.name)
        if account.store:
            assign_staff(user_ref=user.public_id, location=account.store)


@transaction_required
def issue_credentials(*, now: datetime) -> Mapping[str, str]:
    """New tokens for everybody, a key for an integration and a password for the operator; twelve hours good.

    `{account: token}`. Secrets are only kept as digests, so they cannot be shown again; each call makes new ones and
    removes those that have run out.
    """
    credentials = {"publishable_key": places.PUBLISHABLE_KEY}
    for account in places.ACCOUNTS:
        user = User.objects.get(email__iexact=account.email)
        AccessToken.objects.filter(user=user, expires_at__lte=now).delete()
        if account.audience is None:
            credentials |= _let_into_admin(user)
            continue
        if account.audience is Audience.STAFF:
            credentials |= _let_onto_tablet(account, user, now=now)
        credentials[account.key] = issue_token(
            user=user,
            audience=account.audience,
            now=now,
            lasts=CREDENTIALS_LAST,
            scopes=account.scopes,
            store=account.store,
            device=account.device,
        )
    ApiKey.objects.filter(name=_SYSTEM_KEY, expires_at__lte=now).delete()
    credentials["system"] = issue_api_key(
        name=_SYSTEM_KEY, scopes=places.SYSTEM_SCOPES, expires_at=now + CREDENTIALS_LAST
    )
    return credentials


def _let_onto_tablet(account: places.Account, user: User, *, now: datetime) -> dict[str, str]:
    """A new PIN, and a code that registers a tablet in the clerk's store."""
    pin = new_pin()
    set_pin(user_ref=user.public_id, pin=pin, now=now)
    code = invite_device(location=account.store, name=account.device, now=now, lives=CREDENTIALS_LAST)
    return {f"{account.key}_pin": pin, f"{account.key}_device_code": code}


def _let_into_admin(user: User) -> dict[str, str]:
    password = secrets.token_urlsafe(12)
    user.set_password(password)
    user.is_staff = user.is_superuser = True
    user.save()
    return {"operator_email": user.email, "operator_password": password}
