"""The fake's HTTP side: the API under /v1, the person's page under /pay, and the tests' door under /_control."""

import json
import re
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from tests.fakes.served import FakeServer
from tests.fakes.stripe import disputes, objects, pages
from tests.fakes.stripe.book import Book, found
from tests.fakes.stripe.control import Control
from tests.fakes.stripe.faults import Faults
from tests.fakes.stripe.forms import nested
from tests.fakes.stripe.idempotency import IdempotencyStore
from tests.fakes.stripe.lists import listed, searched
from tests.fakes.stripe.objects import Json, Refused, invalid
from tests.fakes.stripe.webhooks import Webhooks

Answer = tuple[int, bytes]
MAX_BODY: Final = 1_000_000


class StripeServer(FakeServer):
    """One fake, with all that belongs to it."""

    request_queue_size = 512

    def __init__(
        self,
        *,
        port: int,
        secrets: list[str],
        webhooks_to: str | None = None,
        return_origins: tuple[str, ...] = (),
    ) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.return_origins = return_origins
        self.faults = Faults()
        self.webhooks = Webhooks(url=webhooks_to, secrets=secrets, faults=self.faults)
        self.book = Book(base_url=self.url, tell=self.webhooks.tell)
        self.keys = IdempotencyStore()
        self.requests: list[Json] = []
        self.requests_lock = threading.Lock()
        self.control = Control(self)
        self.saved = 0  # how many events were written to the file

    # --- The API

    def answer(self, *, method: str, path: str, given: Json, raw: str, key: str | None) -> Answer:
        """What the API says: status and body. Never raises Refused."""
        request_id = objects.new_id("req")
        try:
            if key is not None and len(key) > 255:
                raise invalid("Idempotency keys must be at most 255 characters.")
            handler, arguments = self._route(method, path)
            if key is None or method != "POST":
                return self._run(handler, arguments, given, request_id, key)
            kept = self.keys.begin(key=key, line=path, body=raw)
            if kept is not None:
                return kept
            answer: Answer | None = None
            try:
                answer = self._run(handler, arguments, given, request_id, key)
            finally:
                # A refusal of what was asked leaves the key free; a declined card is an answer like a success.
                self.keys.end(key=key, answer=answer if answer and answer[0] in (200, 402) else None)
            return answer
        except Refused as refused:
            return refused.status, _encoded(refused.body)

    def _run(
        self,
        handler: Callable[..., Json],
        arguments: tuple[str, ...],
        given: Json,
        request_id: str,
        key: str | None,
    ) -> Answer:
        with self.book.lock:
            self.book.asking = (request_id, key)
            try:
                return 200, _encoded(self._expanded(handler(*arguments, given), given))
            except Refused as refused:
                return refused.status, _encoded(refused.body)
            finally:
                self.book.asking = (None, None)

    def _expanded(self, answer: Json, given: Json) -> Json:
        charge = answer.get("latest_charge")
        return (
            {**answer, "latest_charge": self.book.charges[charge]}
            if charge and "latest_charge" in given.get("expand", ())
            else answer
        )

    def _route(self, method: str, path: str) -> tuple[Callable[..., Json], tuple[str, ...]]:
        book = self.book
        routes: tuple[tuple[str, str, Callable[..., Json]], ...] = (
            ("POST", r"/v1/payment_intents", book.create_intent),
            (
                "GET",
                r"/v1/payment_intents",
                lambda given: listed(book.intents, given, url="/v1/payment_intents"),
            ),
            (
                "GET",
                r"/v1/payment_intents/search",
                lambda given: searched(book.intents, given, url="/v1/payment_intents/search"),
            ),
            ("GET", r"/v1/payment_intents/(\w+)", lambda name, given: book.intent(name)),
            ("POST", r"/v1/payment_intents/(\w+)/confirm", book.confirm_intent),
            ("POST", r"/v1/payment_intents/(\w+)/capture", book.capture_intent),
            ("POST", r"/v1/payment_intents/(\w+)/cancel", book.cancel_intent),
            ("GET", r"/v1/charges", lambda given: listed(book.charges, given, url="/v1/charges")),
            ("GET", r"/v1/charges/(\w+)", lambda name, given: found(book.charges, name, "charge")),
            ("POST", r"/v1/refunds", book.create_refund),
            ("GET", r"/v1/refunds", lambda given: listed(book.refunds, given, url="/v1/refunds")),
            ("GET", r"/v1/refunds/(\w+)", lambda name, given: found(book.refunds, name, "refund")),
            ("GET", r"/v1/disputes", lambda given: disputes.listed_of(book, given)),
            ("GET", r"/v1/disputes/(\w+)", lambda name, given: found(book.disputes, name, "dispute")),
            ("GET", r"/v1/events", lambda given: listed(book.events, given, url="/v1/events")),
            ("GET", r"/v1/events/(\w+)", lambda name, given: found(book.events, name, "event")),
        )
        for verb, form, handler in routes:
            if verb == method and (match := re.fullmatch(form, path)):
                return handler, match.groups()
        raise invalid(f"Unrecognized request URL ({method}: {path}).", status=404)


class _Handler(BaseHTTPRequestHandler):
    server: StripeServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 60

    def log_message(self, *args: Any) -> None:
        """Say nothing: the control door lists the requests."""

    def do_GET(self) -> None:
        self._handle("GET")

    def do_POST(self) -> None:
        self._handle("POST")

    def _handle(self, method: str) -> None:
        parts = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        if length > MAX_BODY:
            self.close_connection = True
            return self._send(413, b"{}")
        raw = self.rfile.read(length).decode()
        if parts.path == "/health/ready":
            return self._send(200, b"{}")
        if parts.path.startswith("/_control/"):
            return self._send(*self.server.control.answer(parts.path.removeprefix("/_control/"), raw))
        if parts.path.startswith("/pay/"):
            return self._pay(
                method, parts.path.removeprefix("/pay/"), dict(parse_qsl(parts.query + "&" + raw))
            )
        return self._api(method, parts.path, raw if method == "POST" else parts.query)

    def _api(self, method: str, path: str, raw: str) -> None:
        began = time.monotonic()
        faults = self.server.faults.of_request(f"{method} {path}")
        key = self.headers.get("Idempotency-Key")
        is_first = key is None or not self.server.keys.is_answered(key)
        given = nested(raw)
        if "stall" in faults:
            time.sleep(self.server.faults.stall_s)
        if refused := self._refused_at_the_door(method, path, given, faults):
            answer = (refused.status, _encoded(refused.body))
        else:
            answer = self.server.answer(method=method, path=path, given=given, raw=raw, key=key)
            if "error_after" in faults and answer[0] == 200 and method == "POST":
                answer = (500, _encoded(Refused(500, "api_error", "An unknown error occurred").body))
                if key is not None and is_first:
                    self.server.keys.end(key=key, answer=answer)
        lost = "reply_lost" in faults
        with self.server.requests_lock:
            self.server.requests.append(
                {
                    "method": method,
                    "path": path,
                    "params": given,
                    "idempotency_key": key,
                    "status": None if lost else answer[0],
                    "faults": sorted(faults),
                    "took_s": time.monotonic() - began,
                }
            )
        if lost:
            self.close_connection = True
            return
        self._send(*answer)

    def _refused_at_the_door(self, method: str, path: str, given: Json, faults: set[str]) -> Refused | None:
        scheme, _, token = (self.headers.get("Authorization") or "").partition(" ")
        if scheme != "Bearer" or not token.startswith(("sk_test_", "rk_test_", "pk_test_")):
            return Refused(401, "invalid_request_error", "You did not provide an API key of test mode.")
        if token.startswith("pk_test_"):  # what a browser may do with an intent whose secret it has
            match = re.fullmatch(r"/v1/payment_intents/(\w+)(/confirm)?", path)
            intent = self.server.book.intents.get(match[1]) if match else None
            if intent is None or given.pop("client_secret", None) != intent["client_secret"]:
                return Refused(403, "invalid_request_error", "This publishable key may not do that.")
        if "rate_limited" in faults:
            return Refused(429, "invalid_request_error", "Request rate limit exceeded.", "rate_limit")
        if "unavailable" in faults:
            return Refused(503, "api_error", "Stripe is unavailable.")
        return None

    def _pay(self, method: str, name: str, given: Json) -> None:
        book, server = self.server.book, self.server
        with book.lock:
            if name not in book.intents:
                return self._send(404, b"no such payment", kind="text/plain")
            intent = book.intents[name]
            asked = given.get("return_url") or (
                (intent["next_action"] or {}).get("redirect_to_url") or {}
            ).get("return_url")
            return_url = asked if asked and pages.is_allowed(asked, server.return_origins) else ""
            said = ""
            if method == "POST":
                do, card = given.get("do", ""), given.get("card", "")
                intent, said = pages.act(book, name, do=do, card=card, return_url=return_url)
                if return_url and not said and intent["status"] != "requires_action":
                    return self._send(303, b"", location=pages.back_to(intent, return_url))
            page = pages.page(intent, return_url=return_url, said=said)
        return self._send(200, page.encode(), kind="text/html; charset=utf-8")

    def _send(self, status: int, body: bytes, *, kind: str = "application/json", location: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if location:
            self.send_header("Location", location)
        if self.close_connection:
            self.send_header("Connection", "close")
        # one write for head and body: two would wait for the client's acknowledgement of the first
        self._headers_buffer.append(b"\r\n" + body)  # type: ignore[attr-defined]
        self.flush_headers()


def _encoded(answer: Json) -> bytes:
    return json.dumps(answer).encode()
