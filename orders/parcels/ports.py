"""What a carrier must do for us: book a label, and tell what happens to a parcel.

An adapter in `orders.integrations` answers to one carrier code. A label is booked outside every transaction and may be
asked for again: it is then the one that was booked before. Messages are read as the carrier sent them, byte for byte.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from config.kernel.errors import Refusal
from orders.parcels.rules import ParcelState


class CarrierUnavailable(Refusal):
    """The carrier did not answer, or not in time. The parcel is packed; the same request sends it once he does."""

    code = "carrier_unavailable"
    status = 503
    title = "The carrier does not answer just now."

    @property
    def headers(self) -> Mapping[str, str]:
        return {"Retry-After": "30"}


class LabelRefused(Refusal):
    """The carrier will not carry this parcel; `reason` is what he said."""

    code = "label_refused"
    status = 422
    title = "The carrier refuses this parcel."


class BadMessage(Exception):
    """A carrier's message is signed well and says nothing that we understand."""


@dataclass(frozen=True, kw_only=True)
class Address:
    """One end of the journey; `country` is ISO 3166-1 alpha-2."""

    name: str
    street: str
    postcode: str
    city: str
    country: str
    phone: str = ""


@dataclass(frozen=True, kw_only=True)
class LabelWish:
    """A parcel that wants a label. `reference` names it to the carrier."""

    reference: UUID
    sender: Address
    recipient: Address
    weight_g: int


@dataclass(frozen=True, kw_only=True)
class Label:
    """What is stuck on the box. `carrier` is the adapter's code, under which he tells what happens to it."""

    carrier: str
    tracking_code: str
    url: str = ""
    estimated_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class News:
    """One thing that a carrier says of one parcel. `state` is None for codes that change none, or are unknown."""

    tracking_code: str
    code: str
    state: ParcelState | None
    happened_at: datetime
    text: str = ""
    place: str = ""
    estimated_on: date | None = None


class Booking(Protocol):
    """A carrier with whom labels can be booked: first a shipment is opened, which costs nothing, then its label bought.

    Whoever asks keeps the shipment's name in between, so that of several who ask at once all buy the label of one.
    """

    def open_shipment(self, *, wish: LabelWish) -> str:
        """The carrier's name of a shipment for the parcel. Errors: CarrierUnavailable, LabelRefused."""
        ...

    def buy_label(self, *, shipment: str) -> Label:
        """The shipment's label; it is bought once, however often it is asked for, and by however many at once.

        Errors: CarrierUnavailable, LabelRefused.
        """
        ...


class Hook(Protocol):
    """How a carrier's messages are told from forgeries, named, and read."""

    code: str

    def is_genuine(self, *, body: bytes, headers: Mapping[str, str]) -> bool:
        """Whether the carrier sent exactly these bytes; `headers` have lower-case names."""
        ...

    def name_of(self, *, body: bytes) -> str:
        """What tells this message from every other; a repetition has the same name."""
        ...

    def read(self, *, body: bytes) -> tuple[News, ...]:
        """What it says. Errors: BadMessage."""
        ...
