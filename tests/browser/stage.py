"""A running Polku with the stand-ins of Stripe and of a carrier, on ports of its own: what a browser needs."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.fakes.carrier.running import env_of, running_fake_carrier
from tests.fakes.carrier.server import CarrierServer
from tests.fakes.stripe.running import FakeStripe, running_fake_stripe
from tests.servers import Shop, manage, running_shop

STORE = "HELSINKI"
CLERK = "Sanna"


@dataclass
class Stage:
    """The shop, its stand-ins and the folder its letters come to."""

    shop: Shop
    stripe: FakeStripe
    carrier: CarrierServer
    letters: Path

    @property
    def url(self) -> str:
        """Where the pages are."""
        return self.shop.url

    @property
    def elsewhere(self) -> tuple[str, ...]:
        """Origins that pages may lead to: live news, and the page where one pays."""
        return (self.shop.env["STREAMS_URL"], self.stripe.url)

    def tablet_door(self) -> "TabletDoor":
        """Invite another tablet into the clerk's store."""
        code = manage("register_device", "--store", STORE, "--name", "Tablet", database=self.shop.database)
        return TabletDoor(device_code=code.stdout.strip(), clerk=CLERK, pin=self.shop.accounts["clerk_x_pin"])


@dataclass(frozen=True)
class TabletDoor:
    """What opens a new tablet: a code for the device, and a clerk with a PIN."""

    device_code: str
    clerk: str
    pin: str


@contextmanager
def open_stage(folder: Path, *, step_s: float = 0.5, whole: bool = False) -> Iterator[Stage]:
    """Start all of it; `step_s` seconds lie between two steps of a parcel's journey, 0 plays none by itself.

    `whole` brings the whole demonstration shop with its pictures, which takes a minute, instead of three products.
    """
    letters = folder / "letters"
    letters.mkdir()
    with (
        running_fake_stripe() as stripe,
        running_fake_carrier(step_s=step_s) as carrier,
        running_shop(folder / "log", programs=()) as shop,
    ):
        shop.env = {
            **shop.env,
            **stripe.env,
            **env_of(url=carrier.url),
            "PUBLIC_URL": shop.url,
            "CORS_ALLOWED_ORIGINS": shop.url,
            "MAIL_DIR": str(letters),
        }
        if whole:
            manage("seed_demo", database=shop.database)
        for program in ("web", "streams", "worker"):
            shop.start(program)
        stripe.control.webhooks_to(url=f"{shop.url}/hooks/v1/stripe")
        carrier.webhooks_to = f"{shop.url}/hooks/v1/easypost"
        yield Stage(shop=shop, stripe=stripe, carrier=carrier, letters=letters)
