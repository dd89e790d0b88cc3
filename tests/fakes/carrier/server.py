"""The fake's HTTP side, and the thread that plays the journeys."""

import hashlib
import hmac
import html
import json
import random
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler
from typing import Any, Final

from tests.fakes.carrier.journeys import Depot, Json
from tests.fakes.served import FakeServer

SECRET: Final = "carrier-secret-of-the-fake"
KEY: Final = "EZTK_of_the_fake"
_MAX_BODY: Final = 1_000_000
_TRIES: Final = 20


class CarrierServer(FakeServer):
    """One carrier: `step_s` seconds lie between the steps of a journey; 0 plays nothing by itself."""

    def __init__(
        self, *, port: int, webhooks_to: str | None, secret: str = SECRET, step_s: float = 3.0, seed: int = 1
    ) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.depot = Depot(base_url=self.url)
        self.webhooks_to = webhooks_to
        self.secret = secret
        self.is_down = False  # while true, the API answers 503
        self.refuses = ""  # while set, labels are refused with this reason
        self._step_s = step_s
        self._dice = random.Random(seed)
        self._over = threading.Event()
        if step_s:
            threading.Thread(target=self._play_for_ever, daemon=True).start()

    def close(self) -> None:
        """Stop playing and serving."""
        self._over.set()
        self.shutdown()
        self.server_close()

    def _play_for_ever(self) -> None:
        begun: dict[str, float] = {}
        while not self._over.wait(min(0.2, self._step_s)):
            for code in list(self.depot.parcels):
                due = begun.setdefault(code, time.monotonic()) + self._step_s
                if not self.depot.parcels[code].is_over and time.monotonic() >= due:
                    begun[code] = time.monotonic()
                    threading.Thread(target=self.play, args=(code,), daemon=True).start()

    def play(self, tracking_code: str) -> bool:
        """Let the next step happen to the parcel and tell of it, every third time twice; False when there is none."""
        parcel = self.depot.parcels.get(tracking_code)
        if parcel is None or parcel.is_over:
            return False
        body = json.dumps(self.depot.advance(parcel)).encode()
        self.tell(body)
        if self._dice.random() < 1 / 3:
            self.tell(body)
        return True

    def tell(self, body: bytes) -> None:
        """Post a signed message, again and again until it is taken."""
        if self.webhooks_to is None:
            return
        digest = hmac.new(self.secret.encode(), body, hashlib.sha256).hexdigest()
        headers = {"Content-Type": "application/json", "X-Hmac-Signature": f"hmac-sha256-hex={digest}"}
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        for attempt in range(_TRIES):
            request = urllib.request.Request(self.webhooks_to, data=body, headers=headers)
            try:
                with opener.open(request, timeout=10):
                    return
            except (urllib.error.URLError, OSError):
                if self._over.wait(min(5.0, 0.2 * 2**attempt)):
                    return

    # --- The API

    def answer(self, method: str, path: str, given: Json) -> tuple[int, Any]:
        """Status and body."""
        match method, path.strip("/").split("/"):
            case "POST", ["_control", name]:
                return self._controlled(name, given)
            case "GET", ["health", "ready"]:
                return 200, {"ready": True}
            case _, ["v2", *_] if self.is_down:
                return 503, _error("SERVICE.UNAVAILABLE", "down for a moment")
            case "POST", ["v2", "shipments"] if self.refuses:
                return 422, _error("SHIPMENT.INVALID_PARAMS", self.refuses)
            case "POST", ["v2", "shipments"]:
                return 201, self.depot.create(given["shipment"])
            case "GET", ["v2", "shipments", name]:
                found = self.depot.find(name)
                return (200, found) if found else (404, _error("NOT_FOUND", "no such shipment"))
            case "POST", ["v2", "shipments", name, "buy"]:
                found = self.depot.find(name)
                bought = self.depot.buy(found, given["rate"]["id"]) if found else None
                return (200, bought) if bought else (422, _error("SHIPMENT.POSTAGE.EXISTS", "bought already"))
            case "GET", [("labels" | "parcels") as kind, code] if code in self.depot.parcels:
                return 200, self._page(kind, code)
        return 404, _error("NOT_FOUND", "nothing here")

    def _controlled(self, name: str, given: Json) -> tuple[int, Any]:
        """What a test may ask of a fake in another process."""
        code = given.get("tracking_code", "")
        if name == "return_parcel":
            return 200, {"done": self.depot.send_back(code)}
        if name == "play":
            return 200, {"done": self.play(code)}
        if name == "parcels":
            return 200, {code: one.told for code, one in self.depot.parcels.items()}
        return 404, _error("NOT_FOUND", "no such control")

    def _page(self, kind: str, code: str) -> bytes:
        parcel = self.depot.parcels[code]
        to = parcel.shipment["to_address"]
        lines = [to["name"], to["street1"], f"{to['zip']} {to['city']}", to["country"], code]
        if kind == "parcels":
            lines = [f"{step['datetime']} {step['message']}" for step in parcel.told] or ["Nothing yet."]
        items = "".join(f"<p>{html.escape(line)}</p>" for line in lines)
        return f"<!doctype html><meta charset=utf-8><title>{code}</title>{items}".encode()


def _error(code: str, message: str) -> Json:
    return {"error": {"code": code, "message": message, "errors": []}}


class _Handler(BaseHTTPRequestHandler):
    server: CarrierServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer({})

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if length > _MAX_BODY:
            self.close_connection = True
            return
        raw = self.rfile.read(length)
        self._answer(json.loads(raw) if raw else {})

    def _answer(self, given: Json) -> None:
        status, said = self.server.answer(self.command, self.path, given)
        is_page = isinstance(said, bytes)
        body = said if is_page else json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8" if is_page else "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""
