"""How the house's programs are started: the REST servers, the stream server, the worker and the commands.

One place for their command lines: `make run` and the tests start them as children; `python -m config.servers web`
becomes one, for the containers of docker-compose.yml.
"""

import argparse
import http.client
import os
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from config.processes import Child, start_child

ROOT = Path(__file__).resolve().parent.parent
# Each thread keeps a connection: PostgreSQL's max_connections must cover workers x threads, the streams' pool and the
# worker's.
# With more threads those who place orders wait longer for a turn, and no more orders are placed.
WEB_THREADS = 3
STREAM_CONNECTIONS = 10_000  # granian's own limit is 1024, at which further streams wait for ever
LONG_STATEMENT_MS = "60000"  # what jobs and commands may take


class ServerEnded(RuntimeError):
    """A server ended, or did not answer in time."""


@dataclass(frozen=True)
class Command:
    """A program's command line, and what it adds to the environment."""

    argv: tuple[str, ...]
    env: Mapping[str, str]
    counts_together: bool = False  # its processes add their figures up (/metrics)


def web_command(*, port: int, host: str = "127.0.0.1", workers: int = 2) -> Command:
    """The REST API: `workers` processes, each replaced when it dies.

    A worker that dies within 5.5 s of its own replacement ends the whole server: granian takes it for a crash loop.
    """
    return Command(
        argv=(
            *_granian(interface="wsgi", host=host, port=port),
            *("--workers", str(workers)),
            *("--blocking-threads", str(WEB_THREADS)),
            *(
                "--blocking-threads-idle-timeout",
                "600",
            ),  # an idle thread takes its database connection with it
            *("--backlog", "2048"),
            "--respawn-failed-workers",
            *("--workers-kill-timeout", "10"),
            "config.wsgi:application",
        ),
        env={},
        counts_together=True,
    )


def stream_command(*, port: int, host: str = "127.0.0.1") -> Command:
    """The streams (`…/stream`): one process, since each listens to PostgreSQL for all its readers."""
    return Command(
        argv=(
            *_granian(interface="asginl", host=host, port=port),
            *("--workers", "1"),
            *("--backlog", "2048"),
            *("--backpressure", str(STREAM_CONNECTIONS)),
            "--respawn-failed-workers",
            *("--workers-kill-timeout", "3"),  # open streams would hold up the end without limit
            "config.asgi:application",
        ),
        env={"POLKU_STREAMS": "1"},
    )


def worker_command() -> Command:
    """The worker: jobs, schedules and the delivery of events."""
    return manage_command("work")


def fake_stripe_command(*, port: int, webhooks_to: str, secret: str, return_to: str, keep: Path) -> Command:
    """A stand-in for Stripe, for a machine without an account there; of a checkout only, no image has it.

    It sends webhooks signed with `secret`, sends people back to the origin `return_to`, and keeps payments in `keep`.
    """
    return Command(
        argv=(
            *(sys.executable, "-m", "tests.fakes.stripe", "--port", str(port)),
            *(
                "--webhooks-to",
                webhooks_to,
                "--secret",
                secret,
                "--return-to",
                return_to,
                "--keep",
                str(keep),
            ),
        ),
        env={},
    )


def fake_carrier_command(*, port: int, webhooks_to: str, secret: str) -> Command:
    """A stand-in for EasyPost, for a machine without an account there; of a checkout only, no image has it.

    It gives labels, plays each parcel's journey within a quarter of a minute, and tells of it signed with `secret`.
    """
    return Command(
        argv=(
            *(sys.executable, "-m", "tests.fakes.carrier", "--port", str(port)),
            *("--webhooks-to", webhooks_to, "--secret", secret),
        ),
        env={},
    )


def manage_command(*words: str) -> Command:
    """A command of `manage.py`, with time enough for long statements."""
    return Command(
        argv=(sys.executable, "manage.py", *words),
        env={"STATEMENT_TIMEOUT_MS": LONG_STATEMENT_MS},
    )


def start_program(
    command: Command, *, env: Mapping[str, str], output: int | IO[bytes] | None = None
) -> Child:
    """Start a program with `env` over our own environment. It stops with us, whatever we die of."""
    return start_child(
        argv=command.argv,
        env={**os.environ, "PYTHONUNBUFFERED": "1", **_figures(command), **command.env, **env},
        cwd=str(ROOT),
        output=output,
    )


def wait_until_ready(*, child: Child, port: int, host: str = "127.0.0.1", patience_s: float = 60.0) -> None:
    """Return when the server answers 200 on /health/ready.

    Errors: ServerEnded, with the last answer, when the child ends or `patience_s` passes.
    """
    deadline = time.monotonic() + patience_s
    last = "no answer"
    while time.monotonic() < deadline:
        if (status := child.exit_status()) is not None:
            raise ServerEnded(f"The server for port {port} ended with status {status} before it was ready.")
        try:
            connection = http.client.HTTPConnection(host, port, timeout=5)
            try:
                connection.request("GET", "/health/ready")
                response = connection.getresponse()
                last = f"{response.status} {response.read(500).decode(errors='replace')}"
            finally:
                connection.close()
            if response.status == 200:
                return
        except (OSError, http.client.HTTPException) as error:
            last = str(error)
        time.sleep(0.1)
    raise ServerEnded(f"The server for port {port} was not ready within {patience_s:g} s: {last}")


def _figures(command: Command) -> dict[str, str]:
    """An empty folder for the figures that the program's processes share; the system's temporary files are swept."""
    if not command.counts_together or "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        return {}
    return {"PROMETHEUS_MULTIPROC_DIR": tempfile.mkdtemp(prefix="polku-figures-")}


def _granian(*, interface: str, host: str, port: int) -> tuple[str, ...]:
    return (
        *(sys.executable, "-m", "granian"),
        *("--interface", interface, "--http", "1", "--no-ws"),
        *("--host", host, "--port", str(port)),
        *("--log-level", "warning"),
    )


def main() -> None:
    """Become the program named on the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m config.servers", description="Start one program of Polku."
    )
    parser.add_argument("program", choices=["web", "streams", "worker"])
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--workers", type=int, default=2, help="processes of `web`")
    wish = parser.parse_args()
    if wish.program == "web":
        command = web_command(port=wish.port, host=wish.host, workers=wish.workers)
    elif wish.program == "streams":
        command = stream_command(port=wish.port, host=wish.host)
    else:
        command = worker_command()
    os.chdir(ROOT)
    os.execve(command.argv[0], command.argv, {**os.environ, **_figures(command), **command.env})  # noqa: S606 - the parts stand above


if __name__ == "__main__":
    main()
