"""How the fake misbehaves: by chance with a seed, or once on demand.

The chance of the n-th request to a path is drawn from the seed, the fault, the path's form and n: the same requests
in the same order meet the same faults.
"""

import random
import re
import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

REQUEST_FAULTS: Final = (
    "rate_limited",  # 429, and nothing happens
    "unavailable",  # 503, and nothing happens
    "stall",  # nothing happens for `stall_s`, then all as usual
    "error_after",  # 500 after the effect
    "reply_lost",  # the effect happens, the connection ends without a reply
)
WEBHOOK_FAULTS: Final = (
    "duplicate",  # delivered twice
    "delayed",  # delivered up to `delay_s` later
    "shuffled",  # lets the ones behind it go first
    "unknown_type",  # another event, of a type that nobody knows, goes with it
    "other_version",  # says it is of another API version
)


@dataclass
class Planned:
    """A fault that will meet the next `times` requests whose "METHOD /path" matches `where`."""

    fault: str
    where: str
    times: int


@dataclass
class Faults:
    """The odds (0 to 1) of each fault, and what is planned."""

    seed: int = 0
    odds: dict[str, float] = field(default_factory=dict)
    stall_s: float = 10.0
    delay_s: float = 0.5
    planned: list[Planned] = field(default_factory=list)
    met: Counter[str] = field(default_factory=Counter)
    _asked: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, *, seed: int = 0, stall_s: float = 10.0, delay_s: float = 0.5, **odds: float) -> None:
        """Begin anew with these odds. Errors: ValueError for a fault that is not one."""
        unknown = set(odds) - {*REQUEST_FAULTS, *WEBHOOK_FAULTS}
        if unknown:
            raise ValueError(f"no such fault: {', '.join(sorted(unknown))}")
        with self._lock:
            self.seed, self.odds, self.stall_s, self.delay_s = seed, odds, stall_s, delay_s
            self.planned.clear()
            self._asked.clear()
            self.met.clear()

    def plan(self, *, fault: str, where: str = ".*", times: int = 1) -> None:
        """Let `fault` meet the next `times` matching requests. Errors: ValueError."""
        if fault not in REQUEST_FAULTS:
            raise ValueError(f"no such fault: {fault}")
        with self._lock:
            self.planned.append(Planned(fault=fault, where=where, times=times))

    def of_request(self, line: str) -> set[str]:
        """The faults that meet the request `line` ("POST /v1/refunds")."""
        with self._lock:
            found = {planned.fault for planned in self.planned if re.search(planned.where, line)}
            for planned in self.planned:
                planned.times -= bool(re.search(planned.where, line))
            self.planned = [planned for planned in self.planned if planned.times > 0]
            found |= self._drawn(re.sub(r"/[a-z]+_[0-9a-f]{24}", "/{id}", line), REQUEST_FAULTS)
            self.met.update(found)
            return found

    def of_webhook(self, kind: str) -> set[str]:
        """The faults that meet the delivery of an event of type `kind`."""
        with self._lock:
            found = self._drawn(kind, WEBHOOK_FAULTS)
            self.met.update(found)
            return found

    def _drawn(self, form: str, faults: tuple[str, ...]) -> set[str]:
        self._asked[form] += 1
        n = self._asked[form]
        return {
            fault
            for fault in faults
            if self.odds.get(fault)
            and random.Random(f"{self.seed}|{fault}|{form}|{n}").random() < self.odds[fault]
        }

    def delay(self, event_id: str) -> float:
        """How many seconds a delayed event waits."""
        return random.Random(f"{self.seed}|{event_id}").random() * self.delay_s

    def shown(self) -> dict[str, Any]:
        """The state of it, for the control door."""
        return {"seed": self.seed, "odds": self.odds, "met": dict(self.met)}
