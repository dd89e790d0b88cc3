"""How locations come to be, who works in them and on which devices, and where in them things stand."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from uuid import UUID

from django.contrib.auth.hashers import check_password, make_password
from django.db.models.functions import Lower

from config.kernel import audit
from config.kernel.actors import Actor, ActorKind
from config.kernel.db import lock, outside_transaction, transaction, transaction_required
from config.kernel.errors import NotFound, Refusal
from config.kernel.models import Audience, User
from config.kernel.rest.authentication import digest_of, end_tokens, issue_token, new_secret
from orders.locations.models import ClerkPin, Device, DeviceCode, ItemPlace, Location, StaffAssignment
from orders.locations.queries import (
    DeviceCard,
    LocationCard,
    device_card,
    find_device,
    forget_locations,
    list_workplaces,
    works_at,
)
from orders.locations.rules import (
    DEVICE_CODE_LIVES,
    LOCKS_AFTER,
    SHIFT_LASTS,
    is_pin,
    new_device_code,
    read_device_code,
)


class DeviceCodeNotValid(Refusal):
    """No such registration code: never given, used, or too old. The three look alike."""

    code = "device_code_not_valid"
    status = 422
    title = "This code does not register a device; ask for a new one."


class DeviceNotKnown(Refusal):
    """The request does not come from a registered device, or from none that is registered any more."""

    code = "device_not_known"
    status = 401
    title = "This device has to be registered first."

    @property
    def headers(self) -> Mapping[str, str]:
        return {"WWW-Authenticate": "Device"}


class PinNotValid(Refusal):
    """It is not this clerk's PIN; or there is no such clerk here, or she has none: all of it looks alike."""

    code = "pin_not_valid"
    status = 422
    title = "This PIN does not unlock the device."


class PinTooSimple(Refusal):
    """A PIN has four to eight digits, and is neither one digit repeated nor a run such as 1234."""

    code = "pin_too_simple"
    status = 422
    title = "Choose four to eight digits that are not so easily guessed."


@transaction_required
def create_location(*, location: LocationCard) -> None:
    """Create the location, or bring the one with that code up to date."""
    Location.objects.update_or_create(
        code=location.code,
        defaults={
            "kind": location.kind,
            "name": location.name,
            "street": location.street,
            "postcode": location.postcode,
            "city": location.city,
            "country": location.country,
            "time_zone": location.time_zone,
            "ships": location.ships,
            "hands_over": location.hands_over,
            "opening_hours": [
                [[f"{opens:%H:%M}", f"{closes:%H:%M}"] for opens, closes in day]
                for day in location.opening_hours
            ],
            "priority": location.priority,
        },
    )
    forget_locations()


@transaction_required
def assign_staff(*, user_ref: UUID, location: str) -> None:
    """Let a user work at the location with that code. Errors: Location.DoesNotExist."""
    place = Location.objects.get(code=location)
    StaffAssignment.objects.get_or_create(user_ref=user_ref, location=place)


@transaction
def place_item(*, sku: str, place: str, by: Actor, now: datetime) -> None:
    """An item stands there, in the location where `by` works. Errors: NotFound when she works nowhere."""
    here = list_workplaces(by=by).first()
    if here is None:
        raise NotFound
    place_items(location=here.code, places={sku: place})


@transaction_required
def place_items(*, location: str, places: Mapping[str, str]) -> None:
    """Say where items stand in a location: `{sku: "A-12"}`; what was said of them before is forgotten.

    Errors: Location.DoesNotExist.
    """
    here = Location.objects.get(code=location)
    newest = {sku.lower(): (sku, place) for sku, place in places.items()}
    known = ItemPlace.objects.annotate(lower=Lower("sku")).filter(location=here)
    known.filter(lower__in=newest).delete()
    # Of two who say it at the same moment one is heard.
    rows = [ItemPlace(location=here, sku=sku, place=place) for sku, place in newest.values()]
    ItemPlace.objects.bulk_create(rows, ignore_conflicts=True)


@dataclass(frozen=True, kw_only=True)
class RegisteredDevice:
    """A device that was just registered; `secret` is told this once."""

    card: DeviceCard
    secret: str


@dataclass(frozen=True, kw_only=True)
class UnlockedDevice:
    """A device that its clerk may work on: until `ends_at`, or until `locks_at` when nothing happens."""

    clerk_id: UUID
    name: str
    token: str
    ends_at: datetime
    locks_at: datetime


@transaction_required
def invite_device(*, location: str, name: str, now: datetime, lives: timedelta = DEVICE_CODE_LIVES) -> str:
    """A code with which one device is registered in the location, under that name. Told this once.

    Errors: Location.DoesNotExist.
    """
    code = new_device_code()
    DeviceCode.objects.filter(expires_at__lte=now).delete()
    DeviceCode.objects.create(
        digest=_code_digest(code),
        location=Location.objects.get(code=location),
        name=name,
        expires_at=now + lives,
    )
    return code


@transaction
def register_device(*, code: str, by: Actor, now: datetime) -> RegisteredDevice:
    """Make the device that shows the code one of ours. The code is used up. Locks it. Errors: DeviceCodeNotValid."""
    given = lock(DeviceCode.objects.filter(digest=_code_digest(code)))
    if not given or given[0].used_at is not None or given[0].expires_at <= now:
        raise DeviceCodeNotValid
    given[0].used_at = now
    given[0].save(update_fields=["used_at"])
    secret = new_secret("polku_device")
    device = Device.objects.create(
        digest=digest_of(secret), location=given[0].location, name=given[0].name, registered_at=now
    )
    return RegisteredDevice(card=device_card(device=device), secret=secret)


@transaction
def revoke_device(*, device_id: UUID, by: Actor, now: datetime) -> None:
    """It is no device of ours any more, and whoever unlocked it is signed out. Locks it. Errors: NotFound."""
    found = lock(Device.objects.filter(public_id=device_id, revoked_at=None))
    if not found:
        raise NotFound
    found[0].revoked_at = now
    found[0].save(update_fields=["revoked_at"])
    end_tokens(audience=Audience.STAFF, device=str(device_id), now=now)


@transaction_required
def set_pin(*, user_ref: UUID, pin: str, now: datetime) -> None:
    """With this PIN the clerk unlocks devices from now on; what she unlocked with another one is locked.

    Errors: PinTooSimple.
    """
    if not is_pin(pin=pin):
        raise PinTooSimple
    said = {"pin_hash": make_password(pin), "set_at": now}
    ClerkPin.objects.update_or_create(user_ref=user_ref, defaults=said)
    end_tokens(audience=Audience.STAFF, user__public_id=user_ref, idle_s__isnull=False, now=now)


@outside_transaction
def unlock_device(*, secret: str, clerk_ref: UUID, pin: str, by: Actor, now: datetime) -> UnlockedDevice:
    """Let a clerk work on a device of the store where she works, for a shift; whoever had it unlocked is signed out.

    `by` is whoever holds the device before; a wrong PIN is on record with it. A PIN takes long to compare, so no lock
    is held meanwhile. Errors: DeviceNotKnown, PinNotValid.
    """
    device = find_device(secret=secret)
    if device is None:
        raise DeviceNotKnown
    here = replace(by, store=device.store, device=str(device.device_id))
    kept = ClerkPin.objects.filter(user_ref=clerk_ref).first()
    clerk = User.objects.filter(public_id=clerk_ref, is_active=True).first()
    # Compared with something in any case, so that the time it takes does not tell who works here.
    is_hers = check_password(pin, kept.pin_hash if kept else _nobodys_pin())
    if (
        kept is None
        or clerk is None
        or not is_hers
        or not works_at(user_ref=clerk_ref, location=device.store)
    ):
        tried = {"device_id": device.device_id, "clerk_ref": clerk_ref}
        audit.record(action="orders.locations.refuse_pin", by=here, arguments=tried, now=now)
        raise PinNotValid
    return admit_clerk(
        device_id=device.device_id,
        clerk_ref=clerk_ref,
        pin_hash=kept.pin_hash,
        by=replace(here, kind=ActorKind.CLERK, ref=str(clerk.public_id), label=clerk.name),
        now=now,
    )


@transaction
def admit_clerk(
    *, device_id: UUID, clerk_ref: UUID, pin_hash: str, by: Actor, now: datetime
) -> UnlockedDevice:
    """The token of one clerk on one device. Locks the device, then the PIN, and looks whether both still hold."""
    device = lock(Device.objects.filter(public_id=device_id, revoked_at=None))
    if not device:
        raise DeviceNotKnown
    if not lock(ClerkPin.objects.filter(user_ref=clerk_ref, pin_hash=pin_hash)):
        raise PinNotValid
    clerk = User.objects.get(public_id=clerk_ref)
    end_tokens(audience=Audience.STAFF, device=by.device, now=now)
    token = issue_token(
        user=clerk,
        audience=Audience.STAFF,
        now=now,
        lasts=SHIFT_LASTS,
        store=by.store,
        device=by.device,
        idle=LOCKS_AFTER,
    )
    return UnlockedDevice(
        clerk_id=clerk_ref,
        name=clerk.name,
        token=token,
        ends_at=now + SHIFT_LASTS,
        locks_at=now + LOCKS_AFTER,
    )


@transaction
def lock_device(*, by: Actor, now: datetime) -> None:
    """The clerk leaves the device: what she is signed in with there is good no more."""
    end_tokens(audience=Audience.STAFF, device=by.device, user__public_id=UUID(by.ref), now=now)


@cache
def _nobodys_pin() -> str:
    """Kept as PINs are, of a PIN that nobody can type."""
    return make_password(new_secret("nobody"))


def _code_digest(code: str) -> bytes:
    return hashlib.sha256(f"device:{read_device_code(code)}".encode()).digest()
