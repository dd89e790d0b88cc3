"""`make run` as a visitor sees it: the real supervisor with the real programs, in a directory of its own."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from config import embedded_postgres

ROOT = Path(__file__).parents[2]


@dataclass
class Place:
    """Where one `make run` after the other has its data and its ports."""

    var: Path
    port: int
    stream_port: int
    stripe_port: int
    carrier_port: int
    runs: list[subprocess.Popen[str]] = field(default_factory=list)

    def run(self, **env: str) -> subprocess.Popen[str]:
        """Start `make run`, with an embedded server unless `env` names a database."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if name not in {"DATABASE_URL", "POLKU_ENV", "STRIPE_API_KEY", "EASYPOST_API_KEY"}
        }
        ours = {
            "POLKU_VAR": str(self.var),
            "POLKU_PORT": str(self.port),
            "POLKU_STREAM_PORT": str(self.stream_port),
            "POLKU_STRIPE_PORT": str(self.stripe_port),
            "POLKU_CARRIER_PORT": str(self.carrier_port),
        }
        run = subprocess.Popen(
            [sys.executable, "-m", "config.run"],
            cwd=ROOT,
            env={**kept, **ours, **env},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.runs.append(run)
        return run


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    place = Place(
        var=tmp_path / "var",
        port=free_port(),
        stream_port=free_port(),
        stripe_port=free_port(),
        carrier_port=free_port(),
    )
    yield place
    for run in place.runs:
        if run.poll() is None:
            run.kill()
        run.communicate()
    embedded_postgres.remove(data_dir=place.var / "postgres")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def read_until(run: subprocess.Popen[str], text: str) -> str:
    """What `run` says up to the line with `text`."""
    assert run.stdout
    said = ""
    for line in run.stdout:
        said += line
        if text in line:
            return said
    raise AssertionError(f"it ended with {run.wait()} and never said {text!r}:\n{said}")


def end(run: subprocess.Popen[str], number: int = signal.SIGINT) -> str:
    run.send_signal(number)
    said, _ = run.communicate(timeout=60)
    return said


def answers(port: int) -> bool:
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("GET", "/health/ready")
        status = connection.getresponse().status
        connection.close()
    except OSError:
        return False
    return status == 200


def url_of_database(said: str) -> str:
    found = re.search(r"postgresql://\S+", said)
    assert found, said
    return found[0]


def count_products(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT count(*) FROM pim_product").fetchone()
        assert row
        return int(row[0])


def pid_of_server(port: int) -> int:
    """The main process of the server on `port`: the first one made of those with its command line."""
    listed = subprocess.run(
        ["ps", "-eww", "-o", "pid=,args="], capture_output=True, text=True, check=True
    ).stdout
    lines = [line.split() for line in listed.splitlines() if f"--port {port} " in line]
    return min(int(words[0]) for words in lines if words[1] == sys.executable)


@pytest.mark.timeout(300)
def test_make_run_starts_all_of_it_and_stops_what_it_started_and_nothing_else(place: Place) -> None:
    first = place.run()
    said = read_until(first, "database ")
    url = url_of_database(said)

    assert answers(place.port)
    assert answers(place.stream_port)
    assert f"payments    http://127.0.0.1:{place.stripe_port}" in said
    assert answers(place.stripe_port)
    assert f"parcels     http://127.0.0.1:{place.carrier_port}" in said
    assert answers(place.carrier_port)
    products = count_products(url)
    assert products > 0

    # Beside the first: it says where that one is, and changes nothing.
    beside, _ = place.run().communicate(timeout=60)
    assert f"already running at http://localhost:{place.port}" in beside
    assert answers(place.port)

    # Ctrl-C ends everything it started, and says nothing of errors.
    rest = end(first)
    assert first.returncode == 0, rest
    assert "Traceback" not in rest
    assert not answers(place.port)
    assert not answers(place.stream_port)
    assert not answers(place.stripe_port)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url)

    # A PostgreSQL that was running before is used, and seeding it again changes nothing.
    server = embedded_postgres.start(data_dir=place.var / "postgres", settings={})
    again = place.run(STRIPE_API_KEY="sk_test_of_an_account")
    said = read_until(again, "database ")
    assert url_of_database(said) == server.url
    assert "payments    Stripe, by STRIPE_API_KEY" in said
    assert not answers(place.stripe_port)
    assert count_products(server.url) == products

    # A program that ends by itself ends the run, but not that PostgreSQL.
    os.kill(pid_of_server(place.stream_port), signal.SIGKILL)
    rest, _ = again.communicate(timeout=60)
    assert again.returncode == 1
    assert "streams ended with status 137; stopping the others." in rest
    assert not answers(place.port)
    assert count_products(server.url) == products
    server.stop()


def test_a_busy_port_is_named_with_the_variable_that_changes_it(place: Place) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", place.stream_port))
        other.listen()

        said, _ = place.run().communicate(timeout=60)

    assert place.runs[-1].returncode == 1
    assert f"Port {place.stream_port} is in use by another program" in said
    assert "POLKU_STREAM_PORT=" in said


def test_a_port_that_is_no_port_is_refused(place: Place) -> None:
    said, _ = place.run(POLKU_PORT="http").communicate(timeout=60)

    assert place.runs[-1].returncode == 1
    assert "POLKU_PORT is 'http'; it must be a port number." in said


def test_a_command_that_fails_ends_the_run(place: Place) -> None:
    nowhere = make_conninfo(os.environ["DATABASE_URL"], dbname="no_such_database")

    said, _ = place.run(DATABASE_URL=nowhere).communicate(timeout=60)

    assert place.runs[-1].returncode == 1
    assert "manage.py migrate failed." in said
    assert not place.var.joinpath("postgres").exists()
