"""One buyer of W4, as a process of its own: `python -m tests.performance.checkout_client`.

A checkout on invoice is seven requests: make a cart, add three lines, PATCH contact and address, PUT the delivery,
place. It reads its plan from standard input, waits for the common start, and buys until the time is over. Only the
standard library, so that sixteen of them start in a blink.
"""

import json
import random
import sys
import time
from collections import defaultdict
from typing import Any, Final

from tests.performance.processor_time import own_seconds
from tests.performance.thousand_skus import SKUS
from tests.wire import ON_INVOICE, Reply, Wire

LINES: Final = 3
REQUESTS: Final = ("cart", "line", "details", "delivery", "place")
_WHO: Final = {
    "name": "Aino Virtanen",
    "street": "Mannerheimintie 1",
    "postcode": "00100",
    "city": "Helsinki",
}

# What one client says: seconds of whole checkouts under "checkout", of each kind of request under its own name.
Took = dict[str, list[float]]


class UnexpectedAnswer(RuntimeError):
    """The server did not do what the workload needs, so its figure would mean nothing."""


def check_out(wire: Wire, *, option: str) -> Took:
    """One guest buys three articles; the seconds it took. Errors: UnexpectedAnswer."""
    took: Took = defaultdict(list)

    def say(kind: str, status: int, method: str, path: str, body: Any, **headers: str) -> Reply:
        reply = wire.ask(method, path, body, **headers)
        if reply.status != status:
            raise UnexpectedAnswer(f"{kind}: {reply.status}: {reply.body[:500]!r}")
        took[kind].append(reply.seconds)
        return reply

    made = say("cart", 201, "POST", "/store/v1/carts", {}).json()
    here, secret = f"/store/v1/carts/{made['id']}", made["secret"]
    for sku in random.sample(SKUS, LINES):
        say("line", 201, "POST", f"{here}/lines", {"sku": sku, "quantity": 1}, X_Cart_Secret=secret)
    mine = {**_WHO, "email": f"buyer-{made['id']}@example.fi"}
    say("details", 200, "PATCH", here, mine, X_Cart_Secret=secret)
    wish = {"option": option}
    chosen = say("delivery", 200, "PUT", f"{here}/deliveries/main", wish, X_Cart_Secret=secret)
    version = f'"v{chosen.json()["version"]}"'
    say("place", 201, "POST", f"{here}/place", ON_INVOICE, X_Cart_Secret=secret, If_Match=version)
    took["checkout"].append(sum(sum(each) for each in took.values()))
    return took


def main() -> None:
    """Repeat checkouts from the common start until the time is over; print how long everything took."""
    plan = json.load(sys.stdin)
    headers = {"X-Api-Key": plan["key"], "Accept-Language": "fi"}
    took: Took = defaultdict(list)
    with Wire(port=plan["port"], headers=headers) as wire:
        check_out(wire, option=plan["option"])
        time.sleep(max(0.0, plan["starts_at"] - time.time()))
        spent, until = own_seconds(), time.perf_counter() + plan["seconds"]
        while time.perf_counter() < until:
            done = check_out(wire, option=plan["option"])
            if time.perf_counter() <= until:  # what ends too late does not count
                for kind, each in done.items():
                    took[kind] += each
        json.dump({"took": took, "spent_s": own_seconds() - spent}, sys.stdout)


if __name__ == "__main__":
    main()
