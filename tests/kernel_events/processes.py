"""Real servers and workers on the test's database."""

import os
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import httpx
from django.db import connection
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from config import servers
from config.processes import Child, start_child

ROOT = Path(__file__).resolve().parents[2]

T = TypeVar("T")


def test_environment(**extra: str) -> dict[str, str]:
    """This process's environment, with the database that the tests use."""
    parts = conninfo_to_dict(os.environ["DATABASE_URL"]) | {"dbname": connection.settings_dict["NAME"]}
    return dict(os.environ) | {"DATABASE_URL": make_conninfo(**parts)} | extra


@contextmanager
def running_worker(**environment: str) -> Iterator[Child]:
    """A worker process; stopped at the end, if it still runs."""
    child = start_child(
        argv=[sys.executable, "-m", "tests.kernel_events.worker_process"],
        env=test_environment(STATEMENT_TIMEOUT_MS="60000", **environment),
        cwd=str(ROOT),
    )
    try:
        yield child
    finally:
        child.stop(grace_s=5)


@contextmanager
def running_streams() -> Iterator[str]:
    """A stream server, as `config.servers` starts it but with the tests' routes; its URL."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = servers.stream_command(port=port)
    *options, application = command.argv
    assert application == "config.asgi:application"
    child = start_child(
        argv=[*options, "tests.kernel_events.stream_app:application"],
        env=test_environment(**command.env),
        cwd=str(ROOT),
    )
    url = f"http://127.0.0.1:{port}"
    try:
        eventually(lambda: _answers(f"{url}/subscriptions") or child.exit_status() is not None)
        yield url
    finally:
        child.stop(grace_s=5)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url).status_code == 200
    except httpx.TransportError:
        return False


def eventually(question: Callable[[], T | None], *, within_s: float = 20) -> T:
    """Ask until the answer is truthy. Errors: AssertionError when it is not in time."""
    deadline = time.monotonic() + within_s
    while not (answer := question()):
        assert time.monotonic() < deadline, f"not within {within_s} s: {answer!r}"
        time.sleep(0.05)
    return answer
