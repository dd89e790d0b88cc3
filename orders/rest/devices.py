"""/staff/v1: a tablet is registered in a store, and clerks who work there unlock it with their PINs."""

from dataclasses import asdict
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from config.kernel.actors import Actor, ActorKind
from config.kernel.rest import inputs
from config.kernel.rest.access import StaffView, caller_of
from config.kernel.rest.browser import (
    Jar,
    csrf_token,
    forget,
    is_page,
    keep,
    keep_csrf,
    plain,
    require_csrf,
)
from config.kernel.rest.headers import DEVICE_SECRET
from config.kernel.rest.throttling import count_try, forget_tries
from orders.locations.queries import DeviceCard, find_device, list_clerks
from orders.locations.rules import DEVICE_LIVES, SHIFT_LASTS
from orders.locations.services import (
    DeviceCodeNotValid,
    DeviceNotKnown,
    PinNotValid,
    lock_device,
    register_device,
    unlock_device,
)

# A tablet asks who it is before anybody has unlocked it.
_ANYBODY_OR_A_CLERK = frozenset({None, ActorKind.CLERK})


class DeviceBody(serializers.Serializer[Any]):
    """A registered tablet; `store` is the code of the location in which it stands."""

    name = serializers.CharField()
    store = serializers.CharField()
    store_name = serializers.CharField()


class ClerkBody(serializers.Serializer[Any]):
    """Somebody who works in the tablet's store and has a PIN."""

    id = serializers.UUIDField()
    name = serializers.CharField()


class TabletSession(StaffView):
    """The tablet, and who works on it."""

    callers = _ANYBODY_OR_A_CLERK
    counts_as_use = False
    request_headers = (DEVICE_SECRET,)

    class Output(serializers.Serializer[Any]):
        """`clerks` can unlock it; `clerk` has, until `locks_at` unless something happens before.

        `csrf` goes into X-CSRFToken of every write of a page; the cookie that belongs to it is set.
        """

        device = DeviceBody(allow_null=True)
        clerks = ClerkBody(many=True)
        clerk = ClerkBody(allow_null=True)
        locks_at = serializers.DateTimeField(allow_null=True)
        csrf = serializers.CharField()

    @extend_schema(responses=Output)
    def get(self, request: Request) -> Response:
        """Which device this is, who can unlock it and who has. To ask does not keep it unlocked."""
        inputs.NoQuery.of(request)
        caller, device = caller_of(request), find_device(secret=_device_secret(request))
        clerks = list_clerks(store=device.store) if device else []
        response = Response(
            {
                "device": None if device is None else _device(device),
                "clerks": [{"id": clerk.clerk_id, "name": clerk.name} for clerk in clerks],
                "clerk": {"id": caller.user_ref, "name": caller.label} if caller.user_ref else None,
                "locks_at": caller.locks_at,
                "csrf": csrf_token(request),
            }
        )
        keep_csrf(request, response)
        return response


class Devices(StaffView):
    """Register a tablet."""

    callers = _ANYBODY_OR_A_CLERK
    write_rate = "staff.devices"
    refusals = (DeviceCodeNotValid,)

    class Input(inputs.Input):
        """The code that `manage.py register_device` has shown."""

        code = inputs.TextField(max_length=20)

    class Output(DeviceBody):
        """The device, and the secret by which it is known from now on."""

        secret = serializers.CharField(
            allow_null=True,
            help_text="Goes into X-Device-Secret, told this once. Null where a page asked: its cookie has it.",
        )

    @extend_schema(request=Input, responses={201: Output})
    def post(self, request: Request) -> Response:
        """Make this device one of the store's. The code is good once."""
        wish = self.Input.of(request)
        by = Actor(kind=ActorKind.OPERATOR, label="whoever typed the code")
        registered = register_device(code=wish["code"], by=by, now=timezone.now())
        secret = None if is_page(request) else registered.secret
        response = Response({**_device(registered.card), "secret": secret}, status=201)
        if secret is None:
            keep(response, Jar.DEVICE, registered.secret, lives=DEVICE_LIVES)
        return response


class Unlock(StaffView):
    """Unlock the tablet."""

    callers = _ANYBODY_OR_A_CLERK
    request_headers = (DEVICE_SECRET,)
    refusals = (DeviceNotKnown, PinNotValid)

    class Input(inputs.Input):
        """Who it is, of those whom the session names, and her PIN."""

        clerk_id = inputs.IdField()
        pin = inputs.TextField(max_length=8)

    class Output(serializers.Serializer[Any]):
        """The clerk's token, for this device and store. It ends with the shift, or when it is not used."""

        clerk = ClerkBody()
        token = serializers.CharField(
            allow_null=True, help_text="Null where a page asked: its cookie has it."
        )
        ends_at = serializers.DateTimeField()
        locks_at = serializers.DateTimeField()

    @extend_schema(request=Input, responses=Output)
    def post(self, request: Request) -> Response:
        """Five wrong PINs in a quarter of an hour, and this clerk has to wait on this device."""
        wish, now = self.Input.of(request), timezone.now()
        secret = _device_secret(request)
        device = find_device(secret=secret)
        if device is None:
            raise DeviceNotKnown
        tried = f"{device.device_id}:{wish['clerk_id']}"
        count_try(name="staff.unlock_device", who=str(device.device_id), now=now)
        count_try(name="staff.unlock", who=tried, now=now)
        unlocked = unlock_device(
            secret=secret,
            clerk_ref=wish["clerk_id"],
            pin=wish["pin"],
            by=caller_of(request).actor,
            now=now,
        )
        forget_tries(name="staff.unlock", who=tried)
        response = Response(
            {
                "clerk": {"id": unlocked.clerk_id, "name": unlocked.name},
                "token": None if is_page(request) else unlocked.token,
                "ends_at": unlocked.ends_at,
                "locks_at": unlocked.locks_at,
            }
        )
        if is_page(request):
            keep(response, Jar.STAFF, unlocked.token, lives=SHIFT_LASTS)
        return response


class Lock(StaffView):
    """Lock the tablet."""

    callers = _ANYBODY_OR_A_CLERK

    @extend_schema(request=inputs.NoInput, responses={204: None})
    def post(self, request: Request) -> Response:
        """The clerk's token is good no more. To lock what is locked changes nothing."""
        inputs.NoInput.of(request)
        if caller_of(request).user_ref is not None:
            lock_device(by=caller_of(request).actor, now=timezone.now())
        response = Response(status=204)
        if Jar.STAFF.cookie in plain(request).COOKIES:
            forget(response, Jar.STAFF)
        return response


def _device_secret(request: Request) -> str:
    """What the tablet is known by: its header, else its cookie, which a write may use with the page's token only."""
    header: str = request.META.get("HTTP_X_DEVICE_SECRET", "")
    kept: str = plain(request).COOKIES.get(Jar.DEVICE.cookie, "")
    if not header and kept:
        require_csrf(request)
    return header or kept


def _device(card: DeviceCard) -> dict[str, Any]:
    told = asdict(card)
    del told["device_id"]
    return told
