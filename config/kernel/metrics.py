"""`GET /metrics` in Prometheus' text format: requests by route, what is undelivered, when a worker was last seen.

Each server process counts for itself. Where there are several, `PROMETHEUS_MULTIPROC_DIR` names an empty directory
that they share (the environment variable is prometheus-client's own), and any of them answers for all.
"""

import ipaddress
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from config.kernel import worker_beats
from config.kernel.errors import NotFound
from config.kernel.rest.problems import problem_response

_REGISTRY: Final = CollectorRegistry()
_REQUESTS: Final = Histogram(
    "polku_request_seconds",
    "Time to answer a request, by route, method and status.",
    ("route", "method", "status"),
    registry=_REGISTRY,
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
)
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


# The values of a figure's labels, and the figure.
Readings: TypeAlias = Iterable[tuple[Sequence[str], float]]


@dataclass(frozen=True, kw_only=True)
class _Gauge:
    """A figure of an app's, read from the database at the moment of asking."""

    name: str
    says: str
    labels: Sequence[str]
    read: Callable[[], Readings]


_gauges: dict[str, _Gauge] = {}


def gauge(
    name: str, says: str, *, labels: Sequence[str] = ()
) -> Callable[[Callable[[], Readings]], Callable[[], Readings]]:
    """Register a figure of an app's: the function reads it, by its labels, and quickly, for it is asked often."""

    def register(read: Callable[[], Readings]) -> Callable[[], Readings]:
        _gauges[name] = _Gauge(name=name, says=says, labels=labels, read=read)
        return read

    return register


def observe_request(*, route: str, method: str, status: int, seconds: float) -> None:
    """Count one answered request. `route` is the pattern, never the path, so that there are few."""
    method = method if method in _METHODS else "other"
    _REQUESTS.labels(route, method, status).observe(seconds)


class _HouseState(Collector):
    """What the database says at the moment of asking; the same whichever process answers."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*), coalesce(extract(epoch FROM clock_timestamp() - min(due_at)), 0)::float8 "
                "FROM kernel_delivery WHERE handled_at IS NULL"
            )
            undelivered, oldest_s = cursor.fetchone()
        yield GaugeMetricFamily(
            "polku_undelivered_events", "Deliveries of events to handlers that are due.", undelivered
        )
        yield GaugeMetricFamily(
            "polku_oldest_undelivered_seconds",
            "How long the oldest of them has been due.",
            max(0.0, oldest_s),
        )
        silent = worker_beats.silent_for_s()
        if silent is not None:
            yield GaugeMetricFamily(
                "polku_worker_silent_seconds", "Since a worker was last heard of.", silent
            )
        for each in _gauges.values():
            family = GaugeMetricFamily(each.name, each.says, labels=each.labels)
            for values, figure in each.read():
                family.add_metric(values, figure)
            yield family


def exposition(request: HttpRequest) -> HttpResponse:
    """The figures, for `settings.METRICS_ALLOWED` networks; for all others there is no such page."""
    if not _is_allowed(getattr(request, "client_address", "")):
        return problem_response(NotFound())
    requests = _REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        requests = CollectorRegistry()
        MultiProcessCollector(requests)  # type: ignore[no-untyped-call]
    state = CollectorRegistry()
    state.register(_HouseState())
    return HttpResponse(generate_latest(requests) + generate_latest(state), content_type=CONTENT_TYPE_LATEST)


def _is_allowed(address: str) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(parsed in ipaddress.ip_network(network) for network in settings.METRICS_ALLOWED)
