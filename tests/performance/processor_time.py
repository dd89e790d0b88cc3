"""Processor time by process: what a workload costs, whatever else the machine is doing.

On a machine that does other work the clock says little; the time that the servers, PostgreSQL's processes and the
clients spent on a processor says the same as on a quiet one, give or take the caches. Linux only (`/proc`).
"""

import os
import resource
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

_TICK_S: Final = 1 / os.sysconf("SC_CLK_TCK")

# Seconds by who spent them: `web`, `worker`, `postgres for web`, `postgres: walwriter` ...
Spent = dict[str, float]
# `{pid: (name, seconds)}` at one moment.
Times = dict[int, tuple[str, float]]


def spent_by_children(processes: Mapping[str, int]) -> Times:
    """The times of each named process and of everything that it started and that still runs."""
    started = defaultdict(list)
    stats = dict(_stats())
    for pid, (parent, _) in stats.items():
        started[parent].append(pid)
    found: Times = {}
    for name, root in processes.items():
        rest = [root]
        while rest:
            pid = rest.pop()
            if pid in stats:
                found[pid] = (name, stats[pid][1])
                rest += started[pid]
    return found


def spent_by_postgres(*, backends: Iterable[tuple[int, str, str]]) -> Times:
    """The same for PostgreSQL's processes: (pid, type, application) as `pg_stat_activity` lists them."""
    stats = dict(_stats())
    return {
        pid: (
            f"postgres for {application or 'others'}" if kind == "client backend" else f"postgres: {kind}",
            stats[pid][1],
        )
        for pid, kind, application in backends
        if pid in stats
    }


def difference(before: Times, after: Times) -> Spent:
    """What was spent meanwhile, by name. Processes that ended meanwhile are missing."""
    spent: Spent = defaultdict(float)
    for pid, (name, seconds) in after.items():
        spent[name] += seconds - before.get(pid, ("", 0.0))[1]
    return dict(spent)


def own_seconds() -> float:
    """What this process has spent so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _stats() -> Iterator[tuple[int, tuple[int, float]]]:
    """Every process's parent and seconds; the name in the second field may hold anything but ends in the last `)`."""
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has ended
        yield int(entry.name), (int(fields[1]), (int(fields[11]) + int(fields[12])) * _TICK_S)
