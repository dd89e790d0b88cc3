"""The real servers on a database of their own: web, streams and worker, as `make run` starts them.

A test module that asks for `shop` gets a migrated and seeded database, servers on free ports and the demo's accounts,
and everything is gone afterwards. Nothing of it uses pytest-django's test database or its flushes.
"""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg
from psycopg import sql

from config.processes import Child
from config.servers import ROOT, start_program, stream_command, wait_until_ready, web_command, worker_command
from tests.forks import Forks
from tests.people import Person

TEMPLATE: Final = "polku_servers_template"


def free_port() -> int:
    """A TCP port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def url_of(database: str) -> str:
    """The tests' PostgreSQL, with another database's name."""
    parts = urlsplit(os.environ["DATABASE_URL"])
    return urlunsplit(parts._replace(path=f"/{database}"))


def manage(*words: str, database: str, check: bool = True, **env: str) -> subprocess.CompletedProcess[str]:
    """Run a command of `manage.py` against a database. Errors: AssertionError with what it said when it fails."""
    result = subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env={**os.environ, "STATEMENT_TIMEOUT_MS": "60000", **env, "DATABASE_URL": url_of(database)},
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )
    assert not check or result.returncode == 0, f"manage.py {words[0]}: {result.stdout}{result.stderr}"
    return result


@dataclass
class Shop:
    """A running Polku. `accounts` is what `manage.py demo_accounts --json` says."""

    database: str
    port: int
    stream_port: int
    accounts: Mapping[str, Any]
    env: Mapping[str, str]
    log: Path
    web_processes: int = 2
    children: dict[str, Child] = field(default_factory=dict)
    people: list[Person] = field(default_factory=list)
    _forks: Forks | None = None

    @property
    def url(self) -> str:
        """Where the REST API is."""
        return f"http://127.0.0.1:{self.port}"

    def start(self, program: str, **env: str) -> Child:
        """Start `web`, `streams` or `worker`, with more environment if wanted."""
        command = {
            "web": lambda: web_command(port=self.port, workers=self.web_processes),
            "streams": lambda: stream_command(port=self.stream_port),
            "worker": worker_command,
        }[program]()
        with self.log.open("ab") as log:
            child = start_program(command, env={**self.env, **env}, output=log)
        self.children[program] = child
        if program in {"web", "streams"}:
            wait_until_ready(child=child, port=self.port if program == "web" else self.stream_port)
        return child

    def stop(self, program: str) -> None:
        """Stop one of them."""
        self.children.pop(program).stop(grace_s=10)

    def guest(self, **headers: str) -> Person:
        """Somebody without an account, at an address of her own."""
        return self._meet(Person(self.url, X_Api_Key=self.accounts["publishable_key"], **headers))

    def person(self, account: str, **headers: str) -> Person:
        """Somebody of the demo's accounts: shopper_a, clerk_x, packer, merchandiser, system ..."""
        key = self.accounts["publishable_key"]
        return self._meet(Person(self.url, token=self.accounts[account], X_Api_Key=key, **headers))

    def _meet(self, person: Person) -> Person:
        self.people.append(person)
        return person

    def rows(self, query: str, *arguments: Any) -> list[tuple[Any, ...]]:
        """Look into the database as its owner."""
        with psycopg.connect(url_of(self.database), autocommit=True) as connection:
            return connection.execute(query, arguments).fetchall()  # type: ignore[arg-type]

    def execute(self, statement: str, *arguments: Any) -> None:
        """Change the database as its owner: only for what no door offers, such as dropping a constraint."""
        with psycopg.connect(url_of(self.database), autocommit=True) as connection:
            connection.execute(statement, arguments)  # type: ignore[arg-type]

    @contextmanager
    def shell(self, words: str) -> Iterator[subprocess.Popen[str]]:
        """A process with our code and this database that runs `words`; its standard input and output are text."""
        with subprocess.Popen(
            [sys.executable, "manage.py", "shell", "--no-imports", "-c", words],
            cwd=ROOT,
            env={**os.environ, **self.env},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                yield process
            finally:
                process.kill()

    def run(self, words: str, **env: str) -> int:
        """Run `words` with our code and this database in a process that ends with them; its exit code."""
        if self._forks is None:
            self._forks = Forks({**os.environ, "STATEMENT_TIMEOUT_MS": "60000", **self.env})
        return self._forks.run(words, **env)

    def close(self) -> None:
        """Stop whatever runs here, and hang up."""
        for person in self.people:
            person.http.close()
        for program in list(self.children):
            self.stop(program)
        if self._forks is not None:
            self._forks.close()

    def violated_invariants(self, *, later: str = "0s") -> str:
        """What `manage.py check_invariants` complains of; empty when all hold.

        Most rules about what is left undone grant it some minutes, so who asks right after a kill asks as of `later`.
        """
        result = manage("check_invariants", "--in", later, database=self.database, check=False)
        return "" if result.returncode == 0 else result.stdout + result.stderr


@contextmanager
def running_shop(
    log: Path, *, programs: tuple[str, ...] = ("web", "worker"), web_processes: int = 2
) -> Iterator[Shop]:
    """A seeded database and the servers on it, for as long as the block lasts.

    Who starts a server for each of many tests gives it one process: most of such a test is loading us.
    """
    database = f"polku_{uuid4().hex[:12]}"
    with psycopg.connect(url_of("postgres"), autocommit=True) as connection:
        accounts = _make_template(connection)
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(database), sql.Identifier(TEMPLATE)
            )
        )
    shop = Shop(
        database=database,
        port=free_port(),
        stream_port=free_port(),
        accounts=accounts,
        env={"DATABASE_URL": url_of(database), "POLKU_ENV": "test", "LOG_LEVEL": "WARNING"},
        log=log,
        web_processes=web_processes,
    )
    shop.env = {**shop.env, "STREAMS_URL": f"http://127.0.0.1:{shop.stream_port}"}
    try:
        for program in programs:
            shop.start(program)
        yield shop
    finally:
        shop.close()
        with psycopg.connect(url_of("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(database)))


def _make_template(connection: psycopg.Connection[Any]) -> Mapping[str, Any]:
    """Migrate and seed once per run of the tests, whichever process comes first; the accounts of every copy."""
    connection.execute("SELECT pg_advisory_lock(hashtext(%s))", [TEMPLATE])
    try:
        run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
        found = connection.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [TEMPLATE]
        ).fetchone()
        if found is not None and (note := json.loads(found[0] or "{}")).get("run") == run:
            return dict(note["accounts"])
        name = sql.Identifier(TEMPLATE)
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
        connection.execute(sql.SQL("CREATE DATABASE {}").format(name))
        manage("migrate", "--verbosity", "0", database=TEMPLATE)
        manage("seed_demo", "--small", database=TEMPLATE)
        accounts = json.loads(manage("demo_accounts", "--json", database=TEMPLATE).stdout)
        note = json.dumps({"run": run, "accounts": accounts})
        connection.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(name, sql.Literal(note)))
        return dict(accounts)
    finally:
        connection.execute("SELECT pg_advisory_unlock(hashtext(%s))", [TEMPLATE])
