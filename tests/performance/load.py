"""One buyer of the bench, as a process of its own: `python -m tests.performance.load`.

It reads its plan from standard input, waits for the common start, repeats one workload until the time is over, and
prints how long each repetition took. Only the standard library, so that sixteen of them start in a blink.
"""

import json
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from tests.wire import ON_INVOICE, Reply, Wire

Plan = Mapping[str, Any]
Step = Callable[[], None]

_UNITS_PER_CART: Final = 900  # a line holds 999


class UnexpectedAnswer(RuntimeError):
    """The server did not do what the workload needs, so its figure would mean nothing."""


def main() -> None:
    """Run the plan, print the seconds of each repetition as JSON."""
    plan = json.load(sys.stdin)
    headers = {"X-Api-Key": plan["key"], "Accept-Language": "fi"}
    with Wire(port=plan["port"], headers=headers) as wire:
        step = WORKLOADS[plan["workload"]](wire, plan)
        step()
        time.sleep(max(0.0, plan["starts_at"] - time.time()))
        took = _repeat(step, until=time.perf_counter() + plan["seconds"])
    json.dump(took, sys.stdout)


def _repeat(step: Step, *, until: float) -> list[float]:
    """The seconds of each repetition that ended in time."""
    took: list[float] = []
    while True:
        began = time.perf_counter()
        step()
        ended = time.perf_counter()
        if ended > until:
            return took
        took.append(ended - began)


def _expect(status: int, reply: Reply) -> Reply:
    if reply.status != status:
        raise UnexpectedAnswer(f"{reply.status} where {status} was expected: {reply.body[:500]!r}")
    return reply


def _add_line(wire: Wire, plan: Plan) -> Step:
    """Put one more unit into a cart that stands; its answer is the whole cart."""
    place = {"here": "", "secret": "", "left": 0}

    def step() -> None:
        if not place["left"]:
            made = _expect(201, wire.ask("POST", "/store/v1/carts", {})).json()
            place.update(here=f"/store/v1/carts/{made['id']}", secret=made["secret"], left=_UNITS_PER_CART)
        place["left"] -= 1  # type: ignore[operator]
        line = {"sku": plan["sku"], "quantity": 1}
        _expect(201, wire.ask("POST", f"{place['here']}/lines", line, X_Cart_Secret=str(place["secret"])))

    return step


def _check_out(wire: Wire, plan: Plan) -> Step:
    """A guest buys one article on invoice: cart, line, address, delivery, order. Five requests."""
    who = {
        "email": "bench@example.fi",
        "name": "Aino Virtanen",
        "street": "Mannerheimintie 1",
        "postcode": "00100",
        "city": "Helsinki",
    }

    def step() -> None:
        made = _expect(201, wire.ask("POST", "/store/v1/carts", {})).json()
        here, secret = f"/store/v1/carts/{made['id']}", made["secret"]
        line = {"sku": plan["sku"], "quantity": 1}
        _expect(201, wire.ask("POST", f"{here}/lines", line, X_Cart_Secret=secret))
        mine = who | {"email": f"buyer-{made['id']}@example.fi"}
        _expect(200, wire.ask("PATCH", here, mine, X_Cart_Secret=secret))
        chosen = wire.ask("PUT", f"{here}/deliveries/main", {"option": plan["option"]}, X_Cart_Secret=secret)
        version = _expect(200, chosen).json()["version"]
        payment = ON_INVOICE
        placed = wire.ask("POST", f"{here}/place", payment, X_Cart_Secret=secret, If_Match=f'"v{version}"')
        _expect(201, placed)

    return step


WORKLOADS: Final[Mapping[str, Callable[[Wire, Plan], Step]]] = {
    "add-line": _add_line,
    "checkout": _check_out,
}


if __name__ == "__main__":
    main()
