"""The objects that the rows of the authorisation matrix are about, each in the state in which it can be acted on."""

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db.models import F

from config.kernel.actors import system
from config.kernel.db import open_transaction
from orders.agreement.models import OrderDelivery
from orders.agreement.queries import order_link_token
from orders.locations.services import invite_device, register_device, set_pin
from orders.matters.models import Matter
from orders.matters.rules import MatterKind
from orders.matters.services import open_matter
from orders.parcels.models import Parcel
from orders.returns.models import Return
from pim.intake.services import start_import
from tests.architecture.authorisation import Call, Principal
from tests.callers import Caller
from tests.factories.goods import CUSHION, HELSINKI, SAND
from tests.factories.world import (
    Basket,
    Bought,
    World,
    announced_return,
    customer_of,
    delivered_order,
    hand_over,
    nobodys_id,
    place,
    place_unpaid,
    ready_cart,
    received_return,
)
from tests.pim.sets import write_set

_GUESTS: Final = {Principal.GUEST, Principal.OTHER_GUEST}


@dataclass
class Property:
    """Everything that one owner has."""

    cart: Basket
    bought: Bought
    unpaid: Bought
    shipped: Bought
    announced: UUID
    received: UUID

    @classmethod
    def of(cls, owner: Caller, clerk: Caller) -> "Property":
        """A cart that is handed over to the clerk and lacks nothing, orders and returns."""
        cart = ready_cart(owner, **{SAND: 1, CUSHION: 1})
        hand_over(cart, clerk)
        cart = Basket(shopper=cart.shopper, cart_id=cart.cart_id, body=cart.shopper.says("GET", cart.path))
        return cls(
            cart=cart,
            bought=place(ready_cart(owner)),
            unpaid=place_unpaid(ready_cart(owner)),
            shipped=delivered_order(owner, clerk),
            announced=announced_return(owner, clerk)[1],
            received=received_return(owner, clerk)[1],
        )


@dataclass
class Props:
    """What the guest and shopper A have; made once for a module's tests."""

    world: World
    owners: dict[str, Property] = field(default_factory=dict)

    def __post_init__(self) -> None:
        clerk = self.world.person("clerk_x")
        # Each from an address of its own, so that no rate limit is met.
        self.owners = {
            "guest": Property.of(self.world.guest(), clerk),
            "shopper_a": Property.of(self.world.person("shopper_a"), clerk),
        }
        self.customer = customer_of(self.owners["guest"].bought, now=self.world.now)
        self.other_guest = place(ready_cart(self.world.guest()))


@dataclass
class Stage:
    """One principal before one route: whose object it is about, and with which credentials he comes."""

    props: Props
    principal: Principal

    @property
    def world(self) -> World:
        return self.props.world

    @property
    def owned(self) -> Property:
        """The guests are tried on the guest's things, everybody else on shopper A's."""
        return self.props.owners["guest" if self.principal in _GUESTS else "shopper_a"]

    @property
    def cart(self) -> Basket:
        return self.owned.cart

    @property
    def shipped(self) -> Bought:
        return self.owned.shipped

    @property
    def unpaid(self) -> Bought:
        return self.owned.unpaid

    @property
    def set_to_import(self) -> str:
        place = settings.IMPORT_DIR / "matrix"
        write_set(place, attributes="code;type;localizable;scopable")
        return place.name

    @property
    def picture(self) -> str:
        settings.MEDIA_ROOT.mkdir(parents=True, exist_ok=True)
        (settings.MEDIA_ROOT / "matrix.webp").write_bytes(b"RIFF")
        return "matrix.webp"

    @property
    def begun_import(self) -> UUID:
        place = str(settings.IMPORT_DIR / self.set_to_import)
        return start_import(place=place, publishes=False, by=system("tests"), now=self.world.now)

    @cached_property
    def waiting_parcel(self) -> tuple[UUID, str]:
        """A parcel that waits on the shelf where clerk X works, and its code."""
        order_id = self.owned.bought.order_id
        deliveries = OrderDelivery.objects.filter(order__public_id=order_id)
        deliveries.update(pickup_at=F("location"))
        clerk = self.world.person("clerk_x")
        made = clerk.says("POST", f"/staff/v1/orders/{order_id}/parcels", {})
        return UUID(made["id"]), Parcel.objects.get(public_id=made["id"]).pickup_code

    @property
    def cancelled_cart(self) -> UUID:
        """A cart whose order was called off."""
        unpaid = self.unpaid
        unpaid.shopper.says("POST", f"{unpaid.path}/cancel", {})
        return unpaid.cart.cart_id

    @property
    def matter(self) -> UUID:
        """Something about the order that waits for a person where clerk X works."""
        order_id = self.owned.bought.order_id
        with open_transaction():
            open_matter(
                kind=MatterKind.DISPUTE, order_id=order_id, about_ref=str(order_id), now=self.world.now
            )
        return Matter.objects.get(about_ref=str(order_id)).public_id

    @property
    def announced_return(self) -> UUID:
        return self.owned.announced

    @property
    def received_return(self) -> UUID:
        return self.owned.received

    @property
    def label_code(self) -> str:
        return Return.objects.get(public_id=self.owned.announced).label_code

    @property
    def drafted(self) -> str:
        """A withdrawal from the order that was bought, which its owner has not confirmed."""
        bought = self.owned.bought
        return str(bought.shopper.says("POST", f"{bought.path}/withdrawal", {})["id"])

    @property
    def drafted_by_number(self) -> str:
        """A withdrawal from whatever order it may be."""
        wish = {"order_number": "00000-00000", "name": "Aino Virtanen", "email": "aino@example.fi"}
        return str(self.world.guest().says("POST", "/store/v1/withdrawals", wish)["id"])

    @property
    def device_code(self) -> str:
        """Registers a tablet where clerk X works."""
        with open_transaction():
            return invite_device(location=HELSINKI, name="Tablet 2", now=self.world.now)

    @property
    def device_secret(self) -> str:
        """A tablet of the store where clerk X works."""
        by = system("tests")
        return register_device(code=self.device_code, by=by, now=self.world.now).secret

    @property
    def clerks_pin(self) -> dict[str, str]:
        """What clerk X types."""
        clerk = self.world.users["clerk_x"].public_id
        with open_transaction():
            set_pin(user_ref=clerk, pin="2580", now=self.world.now)
        return {"clerk_id": str(clerk), "pin": "2580"}

    @property
    def link_token(self) -> str:
        return order_link_token(order_id=self.owned.bought.order_id)

    @property
    def shipped_line(self) -> str:
        """A line of the shipped order."""
        return str(self.shipped.shopper.says("GET", self.shipped.path)["lines"][0]["id"])

    @property
    def code(self) -> str:
        """A hand-over code that nobody has used."""
        return str(self.cart.shopper.says("POST", f"{self.cart.path}/hand-over-codes", {})["code"])

    @cached_property
    def slug(self) -> str:
        """A product that is on sale."""
        cards = self.world.guest().says("GET", "/store/v1/products?category=sofas")["items"]
        return str(cards[0]["slug"])

    @cached_property
    def product_version(self) -> int:
        """The version of the product that is to be published."""
        path = f"/pim/v1/products/{self.world.products['sofa']}"
        return int(self.world.person("merchandiser").says("GET", path)["version"])

    def fill(self, template: str, ids: dict[str, Any]) -> str:
        """The template with these ids, and for the rest those of the owner's things."""
        known = {
            "cart_id": self.cart.cart_id,
            "order_id": self.owned.bought.order_id,
            "product_id": self.world.products["sofa"],
            "customer_id": self.props.customer,
            # the admin's routes are tried on one account
            "app": "kernel",
            "app_label": "kernel",
            "model": "user",
            "object_id": self.world.users["shopper_a"].pk,
            "content_type_id": 1,
            "url": "no/such/page/",
        }
        return re.sub(r"{(\w+)}", lambda name: str((known | ids)[name[1]]), template)

    def caller(self, call: Call) -> Caller:
        """The principal with his credentials for what the call is about."""
        match self.principal:
            case Principal.ANONYMOUS:
                return self.world.guest()
            case Principal.OPERATOR:
                return self.world.operator()
            case Principal.GUEST:
                others = (each for each in (self.shipped, self.unpaid) if str(each.order_id) in call.path)
                asked = next(others, self.owned.bought)
                cart = self.unpaid.cart if str(self.unpaid.cart.cart_id) in call.path else self.cart
                return self.world.guest(**self._secrets(cart, asked))
            case Principal.OTHER_GUEST:
                return self.world.guest(**self._secrets(self.props.other_guest.cart, self.props.other_guest))
        return self.world.person(self.principal.name.lower())

    def _secrets(self, cart: Basket, bought: Bought) -> dict[str, str]:
        return {
            "X_Cart_Secret": cart.shopper.headers["X_Cart_Secret"],
            "X_Order_Secret": bought.shopper.headers["X_Order_Secret"],
        }

    def about_nothing(self, call: Call) -> Call:
        """The same request about things that do not exist."""
        path = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", lambda _: str(nobodys_id()), call.path)
        return Call(path=path, body=call.body, headers=call.headers)
