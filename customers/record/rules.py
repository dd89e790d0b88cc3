"""When two spellings mean the same person or place, and what a timeline tells."""

import hashlib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID


class StepKind(StrEnum):
    """What can happen with a customer, in the order in which it does: the order of steps of one moment."""

    ORDER_PLACED = "order_placed"
    PAYMENT_FAILED = "payment_failed"
    ORDER_CONFIRMED = "order_confirmed"
    PARCEL_DISPATCHED = "parcel_dispatched"
    ORDER_COMPLETED = "order_completed"
    RETURN_ANNOUNCED = "return_announced"
    RETURN_RECEIVED = "return_received"
    RETURN_CREDITED = "return_credited"
    ORDER_CANCELLED = "order_cancelled"


_RANK: Final[Mapping[str, int]] = {kind: place for place, kind in enumerate(StepKind)}


@dataclass(frozen=True, kw_only=True)
class GivenAddress:
    """An address as the buyer gave it; `country` is ISO 3166-1 alpha-2."""

    name: str
    street: str
    postcode: str
    city: str
    country: str


@dataclass(frozen=True, kw_only=True)
class Step:
    """Something that happened. `about_ref` is the order, parcel or return; one kind happens to it once.

    `data` holds what a reader needs to understand it, JSON-safe and without personal data.
    """

    kind: StepKind
    about_ref: UUID
    data: dict[str, Any]
    occurred_at: datetime


@dataclass(frozen=True, kw_only=True)
class Purchase:
    """Who bought, as she said herself: nothing of it is proved."""

    order_ref: UUID
    email: str
    name: str
    phone: str
    locale: str
    address: GivenAddress | None  # None: she fetched it, and said none


def normalise_email(*, email: str) -> str:
    """As addresses are compared: the house ignores the case of both halves."""
    return unicodedata.normalize("NFC", email.strip()).casefold()


def normalise_phone(*, phone: str) -> str:
    """As numbers are compared: digits, and a leading plus."""
    digits = "".join(character for character in phone if character.isdecimal())
    return f"+{digits}" if phone.strip().startswith("+") else digits


def fingerprint(*, address: GivenAddress) -> str:
    """The same for two spellings of one address that differ in case and spaces only."""
    parts = (address.name, address.street, address.postcode, address.city, address.country)
    folded = "\n".join(" ".join(unicodedata.normalize("NFC", part).casefold().split()) for part in parts)
    return hashlib.sha256(folded.encode()).hexdigest()


def rank(*, kind: str) -> int:
    """Where a step stands among those of the same moment; an unknown one comes last."""
    return _RANK.get(kind, len(_RANK))
