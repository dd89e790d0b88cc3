"""One buyer of W4, as a process of its own: `python -m tests.performance.checkout_client`.

A checkout on invoice is seven requests: make a cart, add three lines, PATCH contact and address, PUT the delivery,
place. By card her browser then confirms at Stripe's stand-in with the secret that `place` answered, as Stripe's library
would, and looks at the order. It reads its plan from standard input, waits for the common start, and buys until the
time is over. Only the standard library, so that sixteen of them start in a blink.
"""

import http.client
import json
import random
import sys
import time
from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from tests.performance.processor_time import own_seconds
from tests.performance.thousand_skus import SKUS
from tests.wire import BY_CARD, ON_INVOICE, Reply, Wire

LINES: Final = 3
# What a checkout asks for, by kind, as (method, path); `confirm` is asked of Stripe's stand-in, and by card alone.
REQUESTS: Final = {
    "cart": ("POST", "/store/v1/carts"),
    "line": ("POST", "/store/v1/carts/{id}/lines"),
    "details": ("PATCH", "/store/v1/carts/{id}"),
    "delivery": ("PUT", "/store/v1/carts/{id}/deliveries/main"),
    "place": ("POST", "/store/v1/carts/{id}/place"),
    "confirm": ("POST", "/v1/payment_intents/{id}/confirm"),
    "order": ("GET", "/store/v1/orders/{id}"),
}
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


def check_out(wire: Wire, plan: Mapping[str, Any]) -> Took:
    """One guest buys three articles; the seconds it took. Errors: UnexpectedAnswer."""
    took: Took = defaultdict(list)

    def say(kind: str, status: int, path: str, body: Any = None, **headers: str) -> Reply:
        reply = wire.ask(REQUESTS[kind][0], path, body, **headers)
        if reply.status != status:
            raise UnexpectedAnswer(f"{kind}: {reply.status}: {reply.body[:500]!r}")
        took[kind].append(reply.seconds)
        return reply

    made = say("cart", 201, "/store/v1/carts", {}).json()
    here, secret = f"/store/v1/carts/{made['id']}", made["secret"]
    for sku in random.sample(SKUS, LINES):
        say("line", 201, f"{here}/lines", {"sku": sku, "quantity": 1}, X_Cart_Secret=secret)
    mine = {**_WHO, "email": f"buyer-{made['id']}@example.fi"}
    say("details", 200, here, mine, X_Cart_Secret=secret)
    wish = {"option": plan["option"]}
    chosen = say("delivery", 200, f"{here}/deliveries/main", wish, X_Cart_Secret=secret)
    version = f'"v{chosen.json()["version"]}"'
    wish = BY_CARD if plan["stripe_port"] else ON_INVOICE
    placed = say("place", 201, f"{here}/place", wish, X_Cart_Secret=secret, If_Match=version).json()
    if plan["stripe_port"]:
        took["confirm"].append(_confirm(placed["payment"]["next_action"], port=plan["stripe_port"]))
        say("order", 200, f"/store/v1/orders/{placed['id']}", X_Order_Secret=placed["secret"])
    took["checkout"].append(sum(sum(each) for each in took.values()))
    return took


def _confirm(action: Mapping[str, str], *, port: int) -> float:
    """What Stripe's library in her browser does with her card; the seconds it took. Errors: UnexpectedAnswer."""
    began = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    name = action["client_secret"].partition("_secret_")[0]
    form = {"client_secret": action["client_secret"], "payment_method": "pm_card_visa"}
    headers = {
        "Authorization": f"Bearer {action['publishable_key']}",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    connection.request("POST", f"/v1/payment_intents/{name}/confirm", urlencode(form), headers)
    answer = connection.getresponse()
    if answer.status != 200 or json.loads(answer.read())["status"] != "requires_capture":
        raise UnexpectedAnswer(f"confirm: {answer.status}")
    connection.close()
    return time.perf_counter() - began


def main() -> None:
    """Repeat checkouts from the common start until the time is over; print how long everything took."""
    plan = json.load(sys.stdin)
    headers = {"X-Api-Key": plan["key"], "Accept-Language": "fi"}
    took: Took = defaultdict(list)
    with Wire(port=plan["port"], headers=headers) as wire:
        check_out(wire, plan)
        time.sleep(max(0.0, plan["starts_at"] - time.time()))
        spent, until = own_seconds(), time.perf_counter() + plan["seconds"]
        while time.perf_counter() < until:
            done = check_out(wire, plan)
            if time.perf_counter() <= until:  # what ends too late does not count
                for kind, each in done.items():
                    took[kind] += each
        json.dump({"took": took, "spent_s": own_seconds() - spent}, sys.stdout)


if __name__ == "__main__":
    main()
