"""Two browsers sign in to one account at once, and two clerks unlock one tablet: without the lock, then with it."""

from datetime import datetime
from uuid import UUID

import pytest
from django.db.models import Sum

from config.kernel.actors import Actor, ActorKind
from config.kernel.db import open_transaction
from config.kernel.models import AccessToken, User
from config.kernel.rest.authentication import digest_of
from orders.locations.services import assign_staff, invite_device, register_device, set_pin, unlock_device
from shop.cart.merging import Merger, bring_carts_together
from shop.cart.models import Cart, CartLine, CartState
from shop.cart.queries import CartKey
from tests.callers import Caller
from tests.concurrency.controls import unlocked
from tests.concurrency.together import kinds, together
from tests.concurrency.waiting import writing_before_committing
from tests.factories.goods import CHANNEL, CUSHION, HELSINKI, SAND
from tests.factories.world import World, make_world

pytestmark = pytest.mark.django_db(transaction=True)
PIN = "2580"


@pytest.fixture
def open_world(transactional_db: None, now: datetime) -> World:
    """The shop and its people, committed."""
    return make_world(now=now)


def fill(caller: Caller, sku: str, quantity: int) -> tuple[UUID, str]:
    cart = caller.says("POST", "/store/v1/carts")
    secret = cart.get("secret", "")
    path = f"/store/v1/carts/{cart['id']}/lines"
    caller.carrying(X_Cart_Secret=secret).says("POST", path, {"sku": sku, "quantity": quantity})
    return UUID(cart["id"]), secret


def sign_in(user: User, cart: tuple[UUID, str], *, now: datetime) -> Merger:
    key = CartKey(owner_ref=user.public_id, secret_digest=digest_of(cart[1]), channel=CHANNEL)
    by = Actor(kind=ActorKind.SHOPPER, ref=str(user.public_id), label=user.name)
    return bring_carts_together(key=key, cart_id=cart[0], locale="fi", by=by, now=now)


def units(sku: str) -> int:
    lines = CartLine.objects.filter(cart__state=CartState.OPEN, sku=sku)
    return int(lines.aggregate(units=Sum("quantity"))["units"] or 0)


def open_carts(user: User) -> int:
    return Cart.objects.filter(owner_ref=user.public_id, state=CartState.OPEN).count()


def test_without_the_lock_one_cart_joins_two_others(
    open_world: World, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = open_world.users["shopper_a"]
    fill(open_world.person("shopper_a"), CUSHION, 3)
    phone, laptop = (fill(open_world.guest(), SAND, 1) for _ in range(2))
    monkeypatch.setattr("shop.cart.merging.lock", unlocked(2))

    results = together(*(lambda cart=cart: sign_in(user, cart, now=now) for cart in (phone, laptop)))

    assert kinds(results) == ["done", "done"]
    assert units(CUSHION) == 6, "three cushions have become six"
    assert open_carts(user) == 2


def test_two_browsers_that_sign_in_at_once_end_with_one_cart(open_world: World, now: datetime) -> None:
    user = open_world.users["shopper_a"]
    fill(open_world.person("shopper_a"), CUSHION, 3)
    carts = [
        fill(open_world.guest(), SAND, 1),
        fill(open_world.guest(), CUSHION, 2),
        fill(open_world.guest(), SAND, 1),
    ]

    results = together(*(lambda cart=cart: sign_in(user, cart, now=now) for cart in carts))

    assert kinds(results) == ["done"] * 3
    assert (units(CUSHION), units(SAND)) == (5, 2)
    assert open_carts(user) == 1
    assert sum(line.units for result in results for line in result.merged) >= 3
    assert [line for result in results for line in result.dropped] == []


def test_one_browser_that_asks_twice_at_once_gets_its_cart_once(open_world: World, now: datetime) -> None:
    user = open_world.users["shopper_a"]
    fill(open_world.person("shopper_a"), CUSHION, 3)
    cart = fill(open_world.guest(), SAND, 1)

    results = together(*[lambda: sign_in(user, cart, now=now)] * 4)

    assert kinds(results) == ["done"] * 4
    assert {result.cart_id for result in results} == {cart[0]}
    assert (units(CUSHION), units(SAND)) == (3, 1)
    assert sum(line.units for result in results for line in result.merged) == 3


@pytest.fixture
def tablet(open_world: World, now: datetime) -> str:
    """The secret of a tablet in Helsinki, where two clerks have PINs."""
    for name in ("clerk_x", "clerk_y"):
        with open_transaction():
            set_pin(user_ref=open_world.users[name].public_id, pin=PIN, now=now)
    with open_transaction():
        assign_staff(user_ref=open_world.users["clerk_y"].public_id, location=HELSINKI)
        code = invite_device(location=HELSINKI, name="Tablet 1", now=now)
    return register_device(code=code, by=Actor(kind=ActorKind.OPERATOR), now=now).secret


def unlock(tablet: str, clerk: User, *, now: datetime) -> None:
    by = Actor(kind=ActorKind.GUEST)
    unlock_device(secret=tablet, clerk_ref=clerk.public_id, pin=PIN, by=by, now=now)


def signed_in(tablet: str) -> int:
    return AccessToken.objects.filter(idle_s__isnull=False, revoked_at=None).count()


def test_without_the_lock_two_clerks_are_signed_in_on_one_tablet(
    open_world: World, tablet: str, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    clerks = [open_world.users[name] for name in ("clerk_x", "clerk_y")]
    monkeypatch.setattr("orders.locations.services.lock", unlocked(2))

    results = writing_before_committing(
        User, *(lambda clerk=clerk: unlock(tablet, clerk, now=now) for clerk in clerks)
    )

    assert kinds(results) == ["done", "done"]
    assert signed_in(tablet) == 2


def test_one_clerk_at_a_time_is_signed_in_on_a_tablet(open_world: World, tablet: str, now: datetime) -> None:
    clerks = [open_world.users[name] for name in ("clerk_x", "clerk_y")] * 3

    results = together(*(lambda clerk=clerk: unlock(tablet, clerk, now=now) for clerk in clerks))

    assert kinds(results) == ["done"] * 6
    assert signed_in(tablet) == 1


def test_a_registration_code_registers_one_tablet(open_world: World, now: datetime) -> None:
    with open_transaction():
        code = invite_device(location=HELSINKI, name="Tablet 1", now=now)
    by = Actor(kind=ActorKind.OPERATOR)

    results = together(*[lambda: register_device(code=code, by=by, now=now)] * 6)

    assert kinds(results) == ["DeviceCodeNotValid"] * 5 + ["done"]
