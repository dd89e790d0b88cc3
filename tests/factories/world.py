"""The people of the authorisation matrix, and a cart or order in every state in which somebody may act on it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID, uuid4

from django.test import override_settings

from config.kernel.db import open_transaction
from config.kernel.dispatcher import run_pending
from config.kernel.models import Audience, User
from config.kernel.rest.authentication import issue_api_key
from orders.api import assign_staff
from shop.pricing.queries import forget_configuration
from tests.callers import Caller, etag, new_client
from tests.factories.accounts import UserFactory, sign_in
from tests.factories.goods import CUSHION, HELSINKI, KEY, SAND, TAMPERE, open_shop, undone
from tests.wire import BY_CARD, ON_INVOICE

ADDRESS: Final = {
    "email": "Aino.Virtanen@example.fi",
    "name": "Aino Virtanen",
    "phone": "+358 40 123 4567",
    "street": "Mannerheimintie 1 A 2",
    "postcode": "00100",
    "city": "Helsinki",
}


@dataclass
class World:
    """A shop that is open, and its people, each with credentials for their own part of the API."""

    now: datetime
    products: dict[str, str]
    users: dict[str, User] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)

    def person(self, name: str, **headers: str) -> Caller:
        """Somebody with an account: shopper_a, shopper_b, clerk_x, clerk_y, merchandiser, system."""
        return Caller(token=self.tokens[name], **({"X_Api_Key": KEY} | headers))

    def guest(self, **headers: str) -> Caller:
        """Somebody without an account."""
        return Caller(**({"X_Api_Key": KEY} | headers))

    def other_merchandiser(self) -> Caller:
        """A colleague of the merchandiser's."""
        colleague = UserFactory(name="Colleague")
        return Caller(token=sign_in(colleague, Audience.PIM, now=self.now), X_Api_Key=KEY)

    def operator(self) -> Caller:
        """Somebody signed in to Django's admin."""
        client = new_client()
        client.force_login(self.users["operator"])
        client.cookies["operator"] = client.cookies.pop("session").value
        return Caller(client=client, X_Api_Key=KEY)


@contextmanager
def standing_world() -> Iterator[World]:
    """The world for as long as the block lasts; nothing of it is committed."""
    with undone():
        try:
            yield make_world(now=datetime.now(tz=UTC))
        finally:
            forget_configuration()


def make_world(*, now: datetime) -> World:
    """Open the shop and let its people sign in."""
    world = World(now=now, products=open_shop(now=now))
    for name in ("shopper_a", "shopper_b", "clerk_x", "clerk_y", "merchandiser"):
        world.users[name] = UserFactory(name=name.replace("_", " ").title())
    world.users["operator"] = UserFactory(name="Operator", is_staff=True, is_superuser=True)
    users = world.users
    with open_transaction():
        for name, store in (("clerk_x", HELSINKI), ("clerk_y", TAMPERE)):
            assign_staff(user_ref=users[name].public_id, location=store)
            world.tokens[name] = sign_in(
                users[name], Audience.STAFF, now=now, store=store, device=f"tablet {store.lower()}"
            )
    for name in ("shopper_a", "shopper_b"):
        world.tokens[name] = sign_in(users[name], Audience.STORE, now=now)
    world.tokens["merchandiser"] = sign_in(
        users["merchandiser"], Audience.PIM, now=now, scopes=["products:publish"]
    )
    world.tokens["system"] = issue_api_key(name="till", scopes=["events:read", "customers:read"])
    return world


@dataclass(frozen=True)
class Basket:
    """A cart and who may change it: `shopper` carries what opens it, `body` is how it was when it was made."""

    shopper: Caller
    cart_id: UUID
    body: dict[str, Any]

    @property
    def path(self) -> str:
        """Where the shopper finds it."""
        return f"/store/v1/carts/{self.cart_id}"

    @property
    def staff_path(self) -> str:
        """Where a clerk finds it, once it is handed over."""
        return f"/staff/v1/carts/{self.cart_id}"

    @property
    def version(self) -> int:
        """As it is now."""
        return int(self.shopper.says("GET", self.path)["version"])

    def line(self, sku: str) -> dict[str, Any]:
        """The line of that SKU, as it is now."""
        lines = self.shopper.says("GET", self.path)["lines"]
        return next(line for line in lines if line["sku"] == sku)


def empty_cart(shopper: Caller) -> Basket:
    """A new cart; a guest carries its secret from then on."""
    body = shopper.says("POST", "/store/v1/carts", {})
    if "secret" in body:
        shopper = shopper.carrying(X_Cart_Secret=body["secret"])
    return Basket(shopper=shopper, cart_id=UUID(body["id"]), body=body)


def filled_cart(shopper: Caller, **units: int) -> Basket:
    """A cart with lines, one sofa unless `units` of SKUs are named (`_` for `-`)."""
    cart = empty_cart(shopper)
    for sku, quantity in (units or {SAND: 1}).items():
        body = cart.shopper.says(
            "POST", f"{cart.path}/lines", {"sku": sku.replace("_", "-"), "quantity": quantity}
        )
        cart = replace(cart, body=body)
    return cart


def ready_cart(shopper: Caller, **units: int) -> Basket:
    """A cart that lacks nothing and can be placed."""
    cart = filled_cart(shopper, **units)
    cart.shopper.says("PATCH", cart.path, ADDRESS)
    body = cart.shopper.says("PUT", f"{cart.path}/deliveries/main", {"option": "parcel"})
    assert body["requirements"] == []
    return replace(cart, body=body)


def hand_over(cart: Basket, clerk: Caller) -> None:
    """She shows her code, and the clerk opens her cart."""
    code = cart.shopper.says("POST", f"{cart.path}/hand-over-codes", {})["code"]
    clerk.says("POST", "/staff/v1/carts/open", {"code": code})


@dataclass(frozen=True)
class Bought:
    """An order, and its buyer with what opens it."""

    shopper: Caller
    order_id: UUID
    cart: Basket
    body: dict[str, Any]

    @property
    def path(self) -> str:
        """Where the buyer finds it."""
        return f"/store/v1/orders/{self.order_id}"

    @property
    def staff_path(self) -> str:
        """Where the staff of its location finds it."""
        return f"/staff/v1/orders/{self.order_id}"


def place_unpaid(cart: Basket) -> Bought:
    """Place it to be paid by card, while the payment provider cannot be reached."""
    with override_settings(STRIPE_API_KEY="sk_test_of_nobody", STRIPE_API_BASE="http://127.0.0.1:9"):
        bought = place(cart, wish=BY_CARD)
    assert bought.body["payment"]["next_action"] == {"type": "wait"}
    return bought


def place(cart: Basket, *, wish: Any = None, **headers: str) -> Bought:
    """Place it on invoice or as `wish` says; a guest carries the order's secret from then on."""
    body = cart.shopper.says(
        "POST", f"{cart.path}/place", wish or ON_INVOICE, If_Match=etag(cart.version), **headers
    )
    shopper = cart.shopper
    if "secret" in body:
        shopper = shopper.carrying(X_Order_Secret=body["secret"])
    return Bought(shopper=shopper, order_id=UUID(body["id"]), cart=cart, body=body)


def shipped_order(shopper: Caller, clerk: Caller, **units: int) -> Bought:
    """An order that has left as one parcel."""
    bought = place(ready_cart(shopper, **units))
    clerk.says("POST", f"{bought.staff_path}/parcels", {})
    return bought


def delivered_order(shopper: Caller, clerk: Caller, **units: int) -> Bought:
    """An order whose parcel was handed to its buyer."""
    bought = shipped_order(shopper, clerk, **units)
    for parcel in clerk.says("GET", bought.staff_path)["parcels"]:
        clerk.says("POST", f"/staff/v1/parcels/{parcel['id']}/hand-out", {})
    return bought


def announced_return(shopper: Caller, clerk: Caller) -> tuple[Bought, UUID]:
    """An order that was handed over, whose cushion is on its way back, and the return."""
    bought = delivered_order(shopper, clerk, **{CUSHION: 2})
    line = bought.shopper.says("GET", bought.path)["lines"][0]
    body = bought.shopper.says(
        "POST", f"{bought.path}/returns", {"lines": [{"line_id": line["id"], "quantity": 1}]}
    )
    return bought, UUID(body["id"])


def received_return(shopper: Caller, clerk: Caller) -> tuple[Bought, UUID]:
    """A return whose goods are back."""
    bought, return_id = announced_return(shopper, clerk)
    clerk.says("POST", f"/staff/v1/returns/{return_id}/receive", {})
    return bought, return_id


def customer_of(bought: Bought, *, now: datetime) -> UUID:
    """The customer's record that the order left behind."""
    from customers.record.models import ContactPoint

    run_pending(now=now)
    point = ContactPoint.objects.select_related("customer").get(normalised=ADDRESS["email"].lower())
    return point.customer.public_id


def nobodys_id() -> UUID:
    """An id that nothing has."""
    return uuid4()
