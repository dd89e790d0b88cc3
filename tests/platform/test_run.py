"""`make run` as a visitor sees it: the real supervisor with the real programs, in a directory of its own."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from config import embedded_postgres

ROOT = Path(__file__).parents[2]
PATIENCE_S = 90.0


@dataclass
class Place:
    """Where one `make run` after the other has its data and its ports."""

    var: Path
    port: int
    stream_port: int
    runs: list[subprocess.Popen[str]] = field(default_factory=list)

    def run(self, **env: str) -> subprocess.Popen[str]:
        """Start `make run`, with an embedded server unless `env` names a database."""
        kept = {
            name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "POLKU_ENV"}
        }
        ours = {
            "POLKU_VAR": str(self.var),
            "POLKU_PORT": str(self.port),
            "POLKU_STREAM_PORT": str(self.stream_port),
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
    place = Place(var=tmp_path / "var", port=free_port(), stream_port=free_port())
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


def wait_until_silent(port: int) -> None:
    deadline = time.monotonic() + 20
    while answers(port):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def url_of_database(said: str) -> str:
    found = re.search(r"postgresql://\S+", said)
    assert found, said
    return found[0]


def count_products(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT count(*) FROM pim_product").fetchone()
        assert row
        return int(row[0])


@pytest.mark.timeout(300)
def test_make_run_starts_all_of_it_and_a_second_time_is_harmless(place: Place) -> None:
    first = place.run()
    said = read_until(first, "database ")
    url = url_of_database(said)

    assert answers(place.port)
    assert answers(place.stream_port)
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
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url)

    # After the first: the data is still there, and seeding it again changed nothing.
    again = place.run()
    assert count_products(url_of_database(read_until(again, "database "))) == products

    # Killed without a word it leaves nothing running either.
    again.kill()
    again.wait()
    wait_until_silent(place.port)
    wait_until_silent(place.stream_port)


@pytest.mark.timeout(300)
def test_a_program_that_ends_by_itself_ends_the_run_and_a_given_database_stays(place: Place) -> None:
    given = os.environ["DATABASE_URL"]
    with psycopg.connect(given, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS run_test")
        connection.execute("CREATE DATABASE run_test")
    run = place.run(DATABASE_URL=make_conninfo(given, dbname="run_test"))
    read_until(run, "database ")
    listed = subprocess.run(
        ["ps", "-eww", "-o", "pid=,args="], capture_output=True, text=True, check=True
    ).stdout
    masters = [
        int(line.split()[0])
        for line in listed.splitlines()
        if f"--port {place.stream_port} " in line and line.split()[1] == sys.executable
    ]

    os.kill(min(masters), signal.SIGKILL)
    rest, _ = run.communicate(timeout=60)

    assert run.returncode == 1
    assert "streams ended with status 137; stopping the others." in rest
    assert not answers(place.port)
    with psycopg.connect(given, autocommit=True) as connection:
        connection.execute("DROP DATABASE run_test WITH (FORCE)")


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


def test_a_command_that_fails_ends_the_run_with_what_to_do(place: Place) -> None:
    said, _ = place.run(DATABASE_APP_ROLE="pg_not_allowed").communicate(timeout=60)

    assert place.runs[-1].returncode == 1
    assert "manage.py migrate failed. To begin with empty data, remove" in said
