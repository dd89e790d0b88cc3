"""What was measured of whole checkouts, for a terminal and as a section of `docs/performance.md`."""

import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Any, Final

from tests.performance.checkout_client import REQUESTS, Took
from tests.performance.processor_time import Spent
from tests.performance.sections import CHECKOUT, CHECKOUT_BY_CARD

# What is wanted at sixteen clients.
_CLIENTS: Final = 16
_ORDERS_ON_INVOICE: Final = 40.0
_ORDERS_BY_CARD: Final = 25.0
_PLACE_P95_S: Final = 0.150

_COLUMNS: Final = (
    "clients",
    "orders a second",
    "(lowest - highest)",
    "checkout p50",
    "`place` p50",
    "p95",
    "processor time",
    "all",
    "left to the worker, and done",
)
_OF_SHOP: Final = ("web", "postgres for web", "worker", "postgres for worker")


@dataclass(frozen=True, kw_only=True)
class Load:
    """What was measured: the seconds of what ended in time, by kind of request, and what everybody spent meanwhile.

    `undone` are the deliveries and jobs that were left to the worker at the end, `drained_s` how long it took for them.
    `at_stripe` is the time of each call within Stripe's stand-in, by kind.
    """

    clients: int
    seconds: float
    took: Took
    spent: Spent
    undone: tuple[int, int]
    drained_s: float = 0.0
    at_stripe: Mapping[str, Sequence[float]]

    @property
    def orders(self) -> int:
        """Whole checkouts."""
        return len(self.took["checkout"])

    @property
    def per_second(self) -> float:
        """Whole checkouts a second."""
        return self.orders / self.seconds

    @property
    def spent_ms(self) -> float:
        """Processor time of one order, of everybody together."""
        return sum(self.spent.values()) / self.orders * 1000

    def lines(self) -> Iterator[str]:
        """As the terminal shows it."""
        yield f"{self.clients} clients: {self.per_second:.1f} orders/s ({self.orders} in {self.seconds:g} s)"
        for kind in self.kinds():
            each, asked = self.took[kind], " ".join(REQUESTS.get(kind, ()))
            yield (
                f"  {kind:<9} p50 {median(each) * 1000:7.1f} ms   p95 {p95(each) * 1000:7.1f} ms"
                f"   {len(each) / self.orders:.0f} x {asked}"
            )
        yield f"  processor time of an order: {self.spent_ms:.1f} ms, of which"
        for name, seconds in sorted(self.spent.items(), key=lambda one: -one[1]):
            if (ms := seconds / self.orders * 1000) >= 0.05:
                yield f"    {name:<32}{ms:7.2f} ms"
        yield (
            f"  left to the worker: {self.undone[0]} deliveries, {self.undone[1]} jobs,"
            f" done within {self.drained_s:.1f} s"
        )
        for call, each in sorted(self.at_stripe.items()):
            yield f"  within the stand-in: {call:<42} p50 {median(each) * 1000:6.2f} ms   {len(each)} calls"

    def kinds(self) -> tuple[str, ...]:
        """What was measured of it, the whole first."""
        return ("checkout", *(kind for kind in REQUESTS if kind in self.took))


def p95(each: Sequence[float]) -> float:
    """What nineteen of twenty stay below."""
    return quantiles(each, n=20)[18] if len(each) > 1 else each[0]


def calls_by_kind(requests: Iterable[Mapping[str, Any]]) -> dict[str, list[float]]:
    """How long the calls took within the stand-in for Stripe, by kind."""
    calls = defaultdict(list)
    for call in requests:
        calls[f"{call['method']} {re.sub(r'pi_[^/]+', '{id}', call['path'])}"].append(call["took_s"])
    return calls


def middle(loads: Sequence[Load]) -> Load:
    """The one with the median of orders a second."""
    return sorted(loads, key=lambda load: load.per_second)[len(loads) // 2]


def section(*, rounds: Sequence[Sequence[Load]], by_card: bool) -> str:
    """The figures as a section of the documentation: of each number of clients the middle round, and its requests."""
    counted = [middle(loads) for loads in rounds]
    last, requests = counted[-1], "\n".join(_requests(counted[-1]))
    how = (
        "The same by card: her browser confirms at Stripe's stand-in, a process of its own, and looks at the order."
        if by_card
        else "A basket of three lines out of a thousand SKUs, while the worker delivers what orders say. Each client"
        "\nis a process that asks again as soon as it is answered."
    )
    others = "clients and the stand-in" if by_card else "clients"
    table = "\n".join(
        f"| {load.clients} | {load.per_second:.1f} | {_spread(loads)} | {_ms(median(load.took['checkout']))} "
        f"| {_ms(median(load.took['place']))} | {_ms(p95(load.took['place']))} "
        f"| {' + '.join(f'{load.spent.get(name, 0.0) / load.orders * 1000:.1f}' for name in _OF_SHOP)} "
        f"| {load.spent_ms:.1f} | {load.undone[0]} in {load.drained_s:.1f} s |"
        for load, loads in zip(counted, rounds, strict=True)
    )
    return f"""{CHECKOUT_BY_CARD if by_card else CHECKOUT}

{how} Median of {len(rounds[0])} rounds of {last.seconds:g} s, milliseconds.
Processor time of an order is that of web, its PostgreSQL, worker and its PostgreSQL; *all* counts {others} too.
The machine's load at the end: {os.getloadavg()[0]:.1f}.

| {" | ".join(_COLUMNS)} |
|{"---:|" * len(_COLUMNS)}
{table}

Its requests, of {last.clients} clients:

| request | times | p50 | p95 |
|---|---:|---:|---:|
{requests}

{_verdict(last, by_card=by_card)}
"""


def _requests(load: Load) -> Iterator[str]:
    for kind in load.kinds()[1:]:
        each = load.took[kind]
        asked = " ".join(REQUESTS[kind])
        yield f"| `{asked}` | {len(each) / load.orders:.0f} | {_ms(median(each))} | {_ms(p95(each))} |"
    for call, each in sorted(load.at_stripe.items()):
        asked_us = f"| the stand-in's own time for `{call}`"
        yield f"{asked_us} | {len(each) / load.orders:.0f} | {median(each) * 1000:.2f} | {p95(each) * 1000:.2f} |"


def _verdict(load: Load, *, by_card: bool) -> str:
    if load.clients != _CLIENTS:
        return ""
    least = _ORDERS_BY_CARD if by_card else _ORDERS_ON_INVOICE
    said = [
        _judged(f"{load.per_second:.1f} orders a second", f"at least {least:g}", load.per_second >= least)
    ]
    if not by_card:
        slow = p95(load.took["place"])
        said.append(
            _judged(f"`place` p95 {_ms(slow)} ms", f"under {_PLACE_P95_S * 1000:g} ms", slow < _PLACE_P95_S)
        )
    return "\n".join(said)


def _judged(seen: str, wanted: str, reached: bool) -> str:
    return f"- {seen}, wanted {wanted}: {'reached' if reached else '**missed**'}"


def _spread(loads: Sequence[Load]) -> str:
    each = [load.per_second for load in loads]
    return f"{min(each):.1f} - {max(each):.1f}"


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f}"
