"""EasyPost: labels of a hundred carriers behind one API, and webhooks that tell where parcels are.

https://docs.easypost.com/docs/shipments, https://docs.easypost.com/docs/events. Its sample payloads are the contract
tests (`tests/contracts/test_carriers.py`).
"""

import hashlib
import hmac
import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, Final

import requests
import structlog
from django.conf import settings

from config.kernel.errors import Refusal
from config.kernel.rest.parsing import loads
from orders.parcels.ports import (
    Address,
    BadMessage,
    CarrierUnavailable,
    Label,
    LabelRefused,
    LabelWish,
    News,
)
from orders.parcels.rules import ParcelState

CODE: Final = "easypost"
ESTIMATE: Final = "estimate"
_TIMEOUT_S: Final = (2.0, 5.0)  # to be reached, and to answer
_GRAMS_PER_OUNCE: Final = 28.349523125

# What is not here (unknown, cancelled, error) changes no state.
_STATES: Final[Mapping[str, ParcelState]] = {
    "pre_transit": ParcelState.DISPATCHED,
    "in_transit": ParcelState.IN_TRANSIT,
    "out_for_delivery": ParcelState.OUT_FOR_DELIVERY,
    "available_for_pickup": ParcelState.READY_FOR_PICKUP,
    "delivered": ParcelState.DELIVERED,
    "return_to_sender": ParcelState.RETURNING,
    "failure": ParcelState.FAILED,
}

logger = structlog.get_logger(__name__)


class EasyPost:
    """Books the least expensive rate that EasyPost offers for a parcel (`orders.parcels.ports.Booking`)."""

    def open_shipment(self, *, wish: LabelWish) -> str:
        """A shipment that has our parcel's id as its reference; one that is there already is not opened again.

        Errors: CarrierUnavailable, LabelRefused.
        """
        shipment = self._ask("GET", f"/v2/shipments/{wish.reference}") or self._ask(
            "POST", "/v2/shipments", {"shipment": _shipment(wish)}
        )
        if shipment is None:
            raise CarrierUnavailable
        return str(shipment["id"])

    def buy_label(self, *, shipment: str) -> Label:
        """EasyPost sells a shipment's label once; whoever comes second is told so, and reads which one it was.

        Errors: CarrierUnavailable, LabelRefused.
        """
        try:
            return _label(self._bought(shipment))
        except LabelRefused:
            found = self._ask("GET", f"/v2/shipments/{shipment}")
            if found is None or not found.get("tracking_code"):
                raise
            return _label(found)

    def _bought(self, name: str) -> dict[str, Any]:
        """The shipment with its label. Errors: as `buy_label`."""
        shipment = self._ask("GET", f"/v2/shipments/{name}")
        if shipment is not None and shipment.get("tracking_code"):
            return shipment
        rates = (shipment or {}).get("rates") or []
        if not rates:
            raise LabelRefused(reason="no rate for this parcel")
        rate = min(rates, key=lambda offered: float(offered["rate"]))
        bought = self._ask("POST", f"/v2/shipments/{name}/buy", {"rate": {"id": rate["id"]}})
        if bought is None:
            raise CarrierUnavailable
        return bought

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any] | None:
        """EasyPost's answer; None when there is no such thing. Errors: CarrierUnavailable, LabelRefused."""
        try:
            answer = requests.request(
                method,
                f"{settings.EASYPOST_API_BASE}{path}",
                json=body,
                auth=(settings.EASYPOST_API_KEY, ""),
                timeout=_TIMEOUT_S,
                allow_redirects=False,
            )
            said = answer.json() if answer.content else {}
        except (requests.RequestException, ValueError) as error:
            raise CarrierUnavailable from error
        if answer.status_code == 404 and method == "GET":
            return None
        if answer.status_code == 422:
            raise LabelRefused(reason=str((said.get("error") or {}).get("message", ""))[:300])
        if not answer.ok or not isinstance(said, dict):
            # A wrong key is our mistake, everything else theirs; in both cases the parcel waits.
            logger.warning("EasyPost did not book a label", status=answer.status_code, path=path)
            raise CarrierUnavailable
        return said


def _shipment(wish: LabelWish) -> dict[str, Any]:
    return {
        "reference": str(wish.reference),
        "from_address": _address(wish.sender),
        "to_address": _address(wish.recipient),
        "parcel": {"weight": round(wish.weight_g / _GRAMS_PER_OUNCE, 1)},
        "options": {"label_format": "PDF"},
    }


def _label(shipment: Mapping[str, Any]) -> Label:
    return Label(
        carrier=CODE,
        tracking_code=str(shipment["tracking_code"]),
        url=str((shipment.get("postage_label") or {}).get("label_url") or ""),
        estimated_on=_day((shipment.get("tracker") or {}).get("est_delivery_date")),
    )


def _address(end: Address) -> dict[str, str]:
    return {
        "name": end.name,
        "street1": end.street,
        "zip": end.postcode,
        "city": end.city,
        "country": end.country,
        "phone": end.phone,
    }


class EasyPostHook:
    """Reads EasyPost's events about trackers (`orders.parcels.ports.Hook`)."""

    code = CODE

    def is_genuine(self, *, body: bytes, headers: Mapping[str, str]) -> bool:
        """HMAC-SHA256 over the raw body with one of our secrets, written `hmac-sha256-hex=...`."""
        given = headers.get("x-hmac-signature", "").encode()
        return any(
            hmac.compare_digest(given, signature_of(body=body, secret=secret).encode())
            for secret in settings.CARRIER_SECRETS[CODE]
        )

    def name_of(self, *, body: bytes) -> str:
        """The event's id; the body's digest where there is none."""
        try:
            name = str(_object(body).get("id", ""))
        except BadMessage:
            name = ""
        return name if 0 < len(name) <= 64 else hashlib.sha256(body).hexdigest()

    def read(self, *, body: bytes) -> tuple[News, ...]:
        """Every detail of the tracker, and the day on which the parcel is expected. Errors: BadMessage."""
        tracker = _object(body).get("result")
        if not isinstance(tracker, dict) or tracker.get("object") != "Tracker":
            return ()
        code = tracker.get("tracking_code")
        if not isinstance(code, str) or not 0 < len(code) <= 100:
            raise BadMessage("a tracker without a tracking code")
        details = tracker.get("tracking_details") or [
            {
                "status": tracker.get("status"),
                "datetime": tracker.get("updated_at"),
                "message": tracker.get("status_detail"),
            }
        ]
        news = [_detail(code, detail) for detail in details]
        estimated_on, seen_at = _day(tracker.get("est_delivery_date")), tracker.get("updated_at")
        if estimated_on is not None and seen_at is not None:
            seen = _moment(seen_at)
            news.append(
                News(
                    tracking_code=code,
                    code=ESTIMATE,
                    state=None,
                    happened_at=seen,
                    estimated_on=estimated_on,
                )
            )
        return tuple(news)


def signature_of(*, body: bytes, secret: str) -> str:
    """The header's value that EasyPost would send with this body; its secrets are NFKD-normalised."""
    key = unicodedata.normalize("NFKD", secret).encode()
    return f"hmac-sha256-hex={hmac.new(key, body, hashlib.sha256).hexdigest()}"


def _object(body: bytes) -> dict[str, Any]:
    try:
        read = loads(body)
    except Refusal as error:
        raise BadMessage(error.code) from error
    if not isinstance(read, dict):
        raise BadMessage("not an object")
    return read


def _detail(tracking_code: str, detail: Any) -> News:
    if not isinstance(detail, dict) or not isinstance(detail.get("status"), str):
        raise BadMessage("a detail without a status")
    place = detail.get("tracking_location")
    city = place.get("city") if isinstance(place, dict) else None
    return News(
        tracking_code=tracking_code,
        code=detail["status"],
        state=_STATES.get(detail["status"]),
        happened_at=_moment(detail.get("datetime")),
        text=str(detail.get("message") or ""),
        place=str(city or ""),
    )


def _moment(said: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(said)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (TypeError, ValueError, OverflowError) as error:
        raise BadMessage(f"no moment: {said!r}"[:100]) from error


def _day(said: Any) -> date | None:
    """The day as it is written: EasyPost gives midnight UTC for a day of the recipient's calendar."""
    try:
        return datetime.fromisoformat(said).date()
    except (TypeError, ValueError):
        return None
