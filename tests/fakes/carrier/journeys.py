"""What happens to parcels, step by step, and how EasyPost would tell it."""

import secrets
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

Json = dict[str, Any]

# (status, what the carrier writes, whether it happens where the parcel goes to)
THERE: Final = (
    ("pre_transit", "Shipment information received", False),
    ("in_transit", "Collected from the sender", False),
    ("in_transit", "Arrived at the terminal", True),
    ("out_for_delivery", "Loaded for delivery", True),
    ("delivered", "Handed over to the recipient", True),
)
REFUSED: Final = (
    *THERE[:4],
    ("failure", "The recipient refused the parcel", True),
    ("return_to_sender", "On its way back to the sender", True),
    ("delivered", "Handed over to the sender", False),
)
BACK: Final = REFUSED[5:]
BACK_STREET: Final = "palautustie"
_LONG_AGO: Final = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass
class Parcel:
    """A shipment with a label; `told` are the steps that have happened."""

    tracking_code: str
    shipment: Json
    estimated_at: datetime
    steps: list[tuple[str, str, bool]]
    told: list[Json] = field(default_factory=list)
    clock: datetime = _LONG_AGO

    def tick(self) -> datetime:
        """The moment of the next step: the present in whole seconds, later than the step before."""
        present = datetime.now(tz=UTC).replace(microsecond=0) + timedelta(seconds=1)
        self.clock = max(present, self.clock + timedelta(seconds=1))
        return self.clock

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen to it."""
        return not self.steps


class Depot:
    """All shipments and parcels, behind one lock."""

    def __init__(self, *, base_url: str) -> None:
        self.base_url = base_url
        self.lock = threading.RLock()
        self.shipments: dict[str, Json] = {}
        self.parcels: dict[str, Parcel] = {}

    def create(self, given: Json) -> Json:
        """A shipment with two rates, not bought yet."""
        with self.lock:
            name = f"shp_{secrets.token_hex(16)}"
            self.shipments[name] = {
                "id": name,
                "object": "Shipment",
                "mode": "test",
                "reference": given.get("reference"),
                "to_address": given["to_address"],
                "from_address": given["from_address"],
                "parcel": given["parcel"],
                "rates": [
                    self._rate("Posti", "Kotipaketti", "9.90", days=2),
                    self._rate("Matkahuolto", "Lähellä", "6.90", days=3),
                ],
                "selected_rate": None,
                "tracking_code": None,
                "postage_label": None,
                "tracker": None,
            }
            return self.shipments[name]

    def _rate(self, carrier: str, service: str, rate: str, *, days: int) -> Json:
        return {
            "id": f"rate_{secrets.token_hex(16)}",
            "object": "Rate",
            "carrier": carrier,
            "service": service,
            "rate": rate,
            "currency": "EUR",
            "est_delivery_days": days,
        }

    def find(self, name: str) -> Json | None:
        """The shipment of that id or reference."""
        with self.lock:
            by_reference = (one for one in self.shipments.values() if one["reference"] == name)
            return self.shipments.get(name) or next(by_reference, None)

    def buy(self, shipment: Json, rate_id: str) -> Json | None:
        """The shipment with its label; None when it has one already or the rate is not its own."""
        with self.lock:
            rate = next((rate for rate in shipment["rates"] if rate["id"] == rate_id), None)
            if rate is None or shipment["tracking_code"]:
                return None
            code = f"JJFI{secrets.randbelow(10**17):017d}"
            back = BACK_STREET in shipment["to_address"]["street1"].lower()
            parcel = Parcel(
                tracking_code=code,
                shipment=shipment,
                estimated_at=_midnight(days=rate["est_delivery_days"]),
                steps=list(REFUSED if back else THERE),
            )
            self.parcels[code] = parcel
            label = {"label_url": f"{self.base_url}/labels/{code}", "object": "PostageLabel"}
            shipment |= {
                "tracking_code": code,
                "selected_rate": rate,
                "postage_label": label,
                "tracker": self.tracker(parcel),
            }
            return shipment

    def advance(self, parcel: Parcel) -> Json:
        """The next step happens now: the event that tells it. A parcel that reaches its terminal is a day late."""
        with self.lock:
            status, message, is_there = parcel.steps.pop(0)
            if message == "Arrived at the terminal":
                parcel.estimated_at += timedelta(days=1)
            end = parcel.shipment["to_address" if is_there else "from_address"]
            parcel.told.append(
                {
                    "object": "TrackingDetail",
                    "status": status,
                    "status_detail": "status_update",
                    "message": message,
                    "datetime": _written(parcel.tick()),
                    "source": parcel.shipment["selected_rate"]["carrier"],
                    "tracking_location": {
                        "object": "TrackingLocation",
                        "city": end["city"].upper(),
                        "country": end["country"],
                        "state": None,
                        "zip": end["zip"],
                    },
                }
            )
            return {
                "id": f"evt_{secrets.token_hex(16)}",
                "object": "Event",
                "mode": "test",
                "description": "tracker.created" if len(parcel.told) == 1 else "tracker.updated",
                "previous_attributes": {},
                "created_at": _written(datetime.now(tz=UTC)),
                "result": self.tracker(parcel),
            }

    def send_back(self, tracking_code: str) -> bool:
        """The parcel comes back from wherever it is; False when there is no such parcel."""
        with self.lock:
            parcel = self.parcels.get(tracking_code)
            if parcel is not None:
                parcel.steps = list(BACK)
            return parcel is not None

    def tracker(self, parcel: Parcel) -> Json:
        """Where the parcel is, as EasyPost's Tracker."""
        return {
            "id": f"trk_{parcel.tracking_code}",
            "object": "Tracker",
            "mode": "test",
            "tracking_code": parcel.tracking_code,
            "status": parcel.told[-1]["status"] if parcel.told else "unknown",
            "carrier": parcel.shipment["rates"][0]["carrier"],
            "updated_at": _written(datetime.now(tz=UTC)),
            "est_delivery_date": _written(parcel.estimated_at),
            "shipment_id": parcel.shipment["id"],
            "tracking_details": list(parcel.told),
            "public_url": f"{self.base_url}/parcels/{parcel.tracking_code}",
        }


def _midnight(*, days: int) -> datetime:
    today = datetime.now(tz=UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return today + timedelta(days=days)


def _written(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
