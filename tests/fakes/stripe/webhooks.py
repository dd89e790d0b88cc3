"""Webhooks: events signed as Stripe signs them, sent to one URL, and sent again until it answers 2xx.

While they are held they pile up, and `release` sends them in the order and number a test wants.
"""

import hashlib
import heapq
import hmac
import http.client
import itertools
import json
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from typing import Any, Final

from tests.fakes.stripe import objects
from tests.fakes.stripe.faults import Faults
from tests.fakes.stripe.objects import Json

SECRET: Final = "whsec_fake_stripe_of_this_machine"
_SENDERS: Final = 4
_PATIENCE_S: Final = (0.2, 0.5, 1, 2, 5, 10, 30, 60, 60, 60)  # Stripe's own stretches over three days
_TIMEOUT_S: Final = 10.0
_DIRECT: Final = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # never by a proxy


def signature(body: bytes, *, secrets: list[str], at: int | None = None) -> str:
    """The `Stripe-Signature` header: one v1 per secret, while two are valid."""
    stamp = int(time.time()) if at is None else at
    signed = f"{stamp}.".encode() + body
    each = (hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest() for secret in secrets)
    return ",".join([f"t={stamp}", *(f"v1={value}" for value in each)])


@dataclass(order=True)
class _Due:
    at: float
    turn: int
    event: Json = field(compare=False)
    tries: int = field(compare=False, default=0)


class Webhooks:
    """What is still to be sent, and who sends it."""

    def __init__(self, *, url: str | None, secrets: list[str], faults: Faults) -> None:
        self.url = url
        self.secrets = secrets
        self.faults = faults
        self.held: list[Json] | None = None
        self.deliveries: list[Json] = []  # {event, type, status, took_s}, in the order of the answers
        self._due: list[_Due] = []
        self._turns = itertools.count()
        self._under_way = 0
        self._changed = threading.Condition()
        self._closed = False
        for number in range(_SENDERS):
            threading.Thread(target=self._send_for_ever, name=f"webhooks-{number}", daemon=True).start()

    def tell(self, event: Json) -> None:
        """Send `event`, now or when it is released, with the faults that meet it."""
        with self._changed:
            if self.held is not None:
                self.held.append(event)
                return
            met = self.faults.of_webhook(event["type"])
            sent = {**event, "api_version": "2020-08-27"} if "other_version" in met else event
            wait = self.faults.delay(event["id"]) if "delayed" in met else 0.0
            wait += 0.1 if "shuffled" in met else 0.0
            self._put(sent, wait=wait)
            if "duplicate" in met:
                self._put(sent, wait=wait)
            if "unknown_type" in met:
                self._put(objects.unheard_of(), wait=wait)

    def hold(self) -> None:
        """Keep what happens from now on."""
        with self._changed:
            self.held = self.held if self.held is not None else []

    def release(self, events: list[Json] | None = None) -> None:
        """Send what was held, or `events` in this order and number, as it is; and hold no longer."""
        with self._changed:
            held, self.held = self.held or [], None
        self.send(held if events is None else events)

    def send(self, events: list[Json]) -> None:
        """Send these events now, whatever is held, without faults."""
        with self._changed:
            for event in events:
                self._put(event, wait=0.0)

    def wait_until_quiet(self, *, timeout_s: float = 30.0) -> bool:
        """Wait until everything is taken. Gives whether it was in time."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._due and not self._under_way, timeout_s)

    def forget(self) -> None:
        """Give up what is still to be sent."""
        with self._changed:
            self._due.clear()
            self._changed.notify_all()

    def close(self) -> None:
        """Send nothing any more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _put(self, event: Json, *, wait: float, tries: int = 0) -> None:
        heapq.heappush(self._due, _Due(time.monotonic() + wait, next(self._turns), event, tries))
        self._changed.notify_all()

    def _send_for_ever(self) -> None:
        while True:
            with self._changed:
                while not self._closed and (not self._due or self._due[0].at > time.monotonic()):
                    self._changed.wait(max(self._due[0].at - time.monotonic(), 0) if self._due else None)
                if self._closed:
                    return
                due = heapq.heappop(self._due)
                self._under_way += 1
            taken = self._send(due.event)
            with self._changed:
                self._under_way -= 1
                if not taken and due.tries < len(_PATIENCE_S) and not self._closed:
                    self._put(due.event, wait=_PATIENCE_S[due.tries], tries=due.tries + 1)
                self._changed.notify_all()

    def _send(self, event: Json) -> bool:
        if not self.url:
            return True
        body = json.dumps(event, indent=2).encode()
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": signature(body, secrets=self.secrets),
            "User-Agent": "Stripe/1.0 (a fake of it)",
        }
        began = time.monotonic()
        status: Any = None
        try:
            asked = urllib.request.Request(self.url, data=body, headers=headers, method="POST")
            with _DIRECT.open(asked, timeout=_TIMEOUT_S) as answer:
                status = answer.status
        except urllib.error.HTTPError as error:
            status = error.code
            error.close()
        except (OSError, http.client.HTTPException) as error:
            status = type(error).__name__
        took = time.monotonic() - began
        self.deliveries.append(
            {"event": event["id"], "type": event["type"], "status": status, "took_s": took}
        )
        return isinstance(status, int) and 200 <= status < 300
