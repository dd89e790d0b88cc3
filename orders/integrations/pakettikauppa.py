"""Pakettikauppa: one Finnish door to Posti, Matkahuolto, DB Schenker and others; here its callback.

https://github.com/Pakettikauppa/api-documentation, "Callback" (CC0): a signed form for each event, repeated every 15
minutes until it is answered 200 `{"success": true}`. Labels are made in its own service and typed in when the parcel is
dispatched.
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

from django.conf import settings

from config.kernel.errors import Refusal
from config.kernel.rest.parsing import loads
from orders.parcels.ports import BadMessage, News
from orders.parcels.rules import ParcelState

CODE: Final = "pakettikauppa"
_LOCAL: Final = ZoneInfo("Europe/Helsinki")  # `event_timestamp` is written without a zone
_MAX_FIELDS: Final = 50

# Posti's IFTSTA codes. 20 (an exception) and 38 (cash on delivery was paid) are kept and change no state.
_STATES: Final[Mapping[str, ParcelState]] = {
    "68": ParcelState.DISPATCHED,
    "13": ParcelState.IN_TRANSIT,
    "31": ParcelState.IN_TRANSIT,
    "48": ParcelState.IN_TRANSIT,
    "99": ParcelState.IN_TRANSIT,
    "71": ParcelState.OUT_FOR_DELIVERY,
    "91": ParcelState.READY_FOR_PICKUP,
    "45": ParcelState.READY_FOR_PICKUP,
    "22": ParcelState.DELIVERED,
    "56": ParcelState.FAILED,
    "77": ParcelState.RETURNING,
}


class PakettikauppaHook:
    """Reads Pakettikauppa's callbacks (`orders.parcels.ports.Hook`)."""

    code = CODE

    def is_genuine(self, *, body: bytes, headers: Mapping[str, str]) -> bool:
        """`hash` is the HMAC-SHA256 of the other values, joined by `&` in the order of their names."""
        try:
            form = _form(body)
        except BadMessage:
            return False
        given = form.pop("hash", "").encode()
        return any(
            hmac.compare_digest(given, hash_of(form=form, secret=secret).encode())
            for secret in settings.CARRIER_SECRETS[CODE]
        )

    def name_of(self, *, body: bytes) -> str:
        """Its callbacks have no id: the same bytes are the same message."""
        return hashlib.sha256(body).hexdigest()

    def read(self, *, body: bytes) -> tuple[News, ...]:
        """The one event it tells. Errors: BadMessage."""
        form = _form(body)
        tracking_code, code = form.get("tracking_code", ""), form.get("event", "")
        if not 0 < len(tracking_code) <= 100 or not 0 < len(code) <= 100:
            raise BadMessage("no tracking code, or no event")
        detail = _detail(form.get("object", ""))
        return (
            News(
                tracking_code=tracking_code,
                code=code,
                state=_STATES.get(code),
                happened_at=_moment(detail.get("event_timestamp"), form.get("timestamp", "")),
                place=str(detail.get("post_office") or ""),
            ),
        )


def hash_of(*, form: Mapping[str, str], secret: str) -> str:
    """What stands in `hash` when these are the other fields."""
    said = "&".join(form[name] for name in sorted(form))
    return hmac.new(secret.encode(), said.encode(), hashlib.sha256).hexdigest()


def _form(body: bytes) -> dict[str, str]:
    """The fields; a name that comes twice counts with its last value, as it does for the sender's PHP."""
    try:
        pairs = parse_qsl(
            body.decode(),
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",
            max_num_fields=_MAX_FIELDS,
        )
    except ValueError as error:
        raise BadMessage("not a form") from error
    if any("\0" in text for pair in pairs for text in pair):
        raise BadMessage("U+0000 cannot be kept")
    return dict(pairs)


def _detail(said: str) -> dict[str, Any]:
    """`object`: the event as JSON. What cannot be read there is done without."""
    try:
        read = loads(said.encode())
    except Refusal:
        return {}
    return read if isinstance(read, dict) else {}


def _moment(local: Any, sent: str) -> datetime:
    """When it happened, in Finnish time, or when the callback was made (Unix time). Errors: BadMessage."""
    try:
        if isinstance(local, str) and local:
            return datetime.fromisoformat(local).replace(tzinfo=_LOCAL).astimezone(UTC)
        return datetime.fromtimestamp(int(sent), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise BadMessage("no moment") from error
