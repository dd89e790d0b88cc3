"""`/health/live` says that the process answers; `/health/ready` that it can work, and what it lacks.

A missing worker does not take a web process out of service: shoppers can buy, and events wait. So that is 200 with
`status: degraded` and the reason in words.
"""

from functools import cache
from typing import Any

from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse

from config.kernel import worker_beats
from config.kernel.rest.rendering import dumps


def live(request: HttpRequest) -> HttpResponse:
    """This process answers; nothing else is asked."""
    return _answer({"status": "ok"}, 200)


def ready(request: HttpRequest) -> HttpResponse:
    """200 when requests can be served, 503 with `problems[]` when not; `warnings[]` name what is missing behind."""
    try:
        silent = worker_beats.silent_for_s() if _migrations_are_applied() else None
    except (DatabaseError, InterfaceError):
        return _answer({"status": "unavailable", "problems": ["the database cannot be reached"]}, 503)
    except _NotMigrated as error:
        return _answer({"status": "unavailable", "problems": [str(error)]}, 503)
    warnings = []
    if silent is None:
        warnings.append("no worker has ever reported: events are kept but not delivered")
    elif silent > worker_beats.SILENT_AFTER_S:
        warnings.append(f"no worker has reported for {silent:.0f} s: events are kept but not delivered")
    return _answer({"status": "degraded" if warnings else "ok", "warnings": warnings}, 200)


class _NotMigrated(Exception):
    """The database is older than the code."""


@cache
def _migrations_are_applied() -> bool:
    """Whether the database has every migration of this code: asked until it has, then never again.

    Errors: _NotMigrated.
    """
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        raise _NotMigrated(f"{len(missing)} migrations are missing, first {missing[0][0]}")
    return True


def _answer(body: dict[str, Any], status: int) -> HttpResponse:
    return HttpResponse(dumps(body), status=status, content_type="application/json")
