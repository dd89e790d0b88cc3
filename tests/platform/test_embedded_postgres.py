"""The launcher of the embedded PostgreSQL, against every trap that the wheel's own Python layer falls into.

Each test starts real servers in a directory of its own. Run as root these tests see the server drop to `nobody`; run
as anybody else those few are skipped.
"""

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import psycopg
import pytest

from config import embedded_postgres
from config.embedded_postgres import Server, ServerDidNotStart

ROOT = Path(__file__).parents[2]
QUICK = {"fsync": "off", "shared_buffers": "4MB"}
only_as_root = pytest.mark.skipif(os.geteuid() != 0, reason="what root must not do is seen only as root")

Start = Callable[..., Server]


@pytest.fixture
def place() -> Iterator[Path]:
    """A directory that everybody may enter, unlike pytest's own."""
    path = Path(tempfile.mkdtemp(prefix="polku-test-", dir="/tmp"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def start(place: Path) -> Iterator[Start]:
    """`embedded_postgres.start` with a place of its own; what it started is stopped at the end."""
    started: list[Server] = []

    def start_here(
        *,
        data_dir: Path = place / "data",
        settings: Mapping[str, str] = QUICK,
        patience_s: float = 30,
    ) -> Server:
        server = embedded_postgres.start(
            data_dir=data_dir,
            settings=settings,
            roots_place=place / "of-root",
            patience_s=patience_s,
        )
        started.append(server)
        return server

    yield start_here
    for server in started:
        server.stop()


def ask(server: Server, query: str) -> Any:
    with psycopg.connect(server.url, autocommit=True) as connection:
        cursor = connection.execute(query.encode())
        return cursor.fetchone()[0] if cursor.description else None  # type: ignore[index]


def postmaster_of(server: Server) -> int:
    return int((server.data_dir / "postmaster.pid").read_text().split()[0])


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    wait_until(
        lambda: not Path(f"/proc/{pid}/cmdline").exists() or not Path(f"/proc/{pid}/cmdline").read_bytes()
    )


def wait_until(condition: Callable[[], bool], *, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def in_another_process(code: str, *, place: Path, **env: str) -> subprocess.Popen[str]:
    """A Python that starts the server of `place`, prints what `code` prints and waits for a line."""
    prelude = (
        "import sys; from pathlib import Path; from config.embedded_postgres import start\n"
        f"place = Path({str(place)!r})\n"
        f"server = start(data_dir=place / 'data', settings={QUICK!r}, roots_place=place / 'of-root')\n"
    )
    return subprocess.Popen(
        [
            sys.executable,
            "-c",
            f"{prelude}{code}\nsys.stdout.flush(); sys.stdin.readline(); server.stop()",
        ],
        cwd=ROOT,
        env={**os.environ, **env},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_a_server_starts_with_our_settings_and_without_a_network(start: Start) -> None:
    server = start(settings={**QUICK, "max_connections": "37"})

    assert ask(server, "SELECT current_user || '@' || current_database()") == "polku_owner@polku"
    assert ask(server, "SHOW max_connections") == "37"
    assert ask(server, "SHOW listen_addresses") == ""
    assert stat.S_IMODE(Path(server.socket_dir).stat().st_mode) == 0o700


def test_letters_of_every_language_have_their_small_forms(start: Start) -> None:
    server = start()

    assert ask(server, "SELECT lower('ÄITI ÅBO ŠUMAVA')") == "äiti åbo šumava"
    assert ask(server, "SELECT 'Öljy' ILIKE 'ÖLJY'")
    assert ask(server, "SELECT to_tsvector('simple', 'tyyny–päällinen')::text") == "'päällinen':2 'tyyny':1"
    assert ask(server, "SHOW server_encoding") == "UTF8"


def test_a_second_start_uses_the_running_server_and_leaves_it_running(
    start: Start,
) -> None:
    server = start()

    second = start()
    second.stop()

    assert second.url == server.url
    assert ask(server, "SELECT 1") == 1


def test_a_stopped_server_starts_again_with_its_data(start: Start) -> None:
    server = start()
    ask(server, "CREATE TABLE kept AS SELECT 1 AS one")

    server.stop()

    assert not Path(server.socket_dir).exists()
    assert ask(start(), "SELECT one FROM kept") == 1


def test_two_processes_that_start_at_once_share_one_server(place: Path) -> None:
    pair = [
        in_another_process("print(server.socket_dir, server.child is not None)", place=place) for _ in "ab"
    ]

    said = [process.stdout.readline().split() for process in pair if process.stdout]
    for process in pair:
        process.communicate("\n", timeout=60)

    assert said[0][0] == said[1][0]
    assert sorted(owns for _, owns in said) == ["False", "True"]


def test_a_killed_starter_leaves_no_server_behind(place: Path) -> None:
    process = in_another_process("print(server.data_dir)", place=place)
    assert process.stdout
    pid_file = Path(process.stdout.readline().strip()) / "postmaster.pid"
    pid = int(pid_file.read_text().split()[0])

    process.kill()
    process.communicate()

    wait_until(lambda: not pid_file.exists() and not Path(f"/proc/{pid}").exists())


def test_a_killed_server_starts_at_once_at_the_same_url_with_its_data(
    start: Start,
) -> None:
    server = start()
    ask(server, "CREATE TABLE kept AS SELECT 1 AS one")

    os.kill(
        postmaster_of(server), signal.SIGKILL
    )  # and no waiting: its pid lingers, its backends are still leaving
    again = start()

    assert again.url == server.url
    assert ask(again, "SELECT one FROM kept") == 1


def test_a_server_that_is_just_stopping_is_waited_for(start: Start) -> None:
    server = start()

    os.kill(postmaster_of(server), signal.SIGINT)
    again = start()

    assert again.child is not None
    assert ask(again, "SELECT 1") == 1


def test_a_pid_that_another_program_got_does_not_pass_for_a_server(
    start: Start,
) -> None:
    server = start()
    ask(server, "CREATE TABLE kept AS SELECT 1 AS one")
    owner = server.data_dir.stat()
    program = ask(server, "SELECT setting FROM pg_config WHERE name = 'BINDIR'") + "/postgres"
    kill(postmaster_of(server))
    as_its_account: dict[str, Any] = (
        {"user": owner.st_uid, "group": owner.st_gid} if os.geteuid() == 0 else {}
    )
    stranger = subprocess.Popen(["sleep", "60"], cwd="/", **as_its_account)
    pid_file = server.data_dir / "postmaster.pid"
    pid_file.write_text("\n".join([str(stranger.pid), *pid_file.read_text().splitlines()[1:], ""]))

    # The control: PostgreSQL by itself takes the stranger for a server and refuses.
    plain = subprocess.run(
        [program, "-D", server.data_dir],
        cwd="/",
        env={},
        check=False,
        capture_output=True,
        text=True,
        **as_its_account,
    )
    assert "lock file" in plain.stderr
    again = start()

    assert ask(again, "SELECT one FROM kept") == 1
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


def test_a_server_that_does_not_answer_is_not_robbed_of_its_directory(
    start: Start,
) -> None:
    server = start()
    pid = postmaster_of(server)
    os.kill(pid, signal.SIGSTOP)

    with pytest.raises(ServerDidNotStart, match=f"Process {pid} holds"):
        start(patience_s=0.1)

    os.kill(pid, signal.SIGCONT)
    assert ask(server, "SELECT 1") == 1


def test_a_long_path_does_not_break_the_socket(start: Start, place: Path) -> None:
    deep = place / ("a-directory-name-of-forty-eight-characters-or-so-" * 3)

    server = start(data_dir=deep / "data")

    assert len(str(deep)) > 107
    assert ask(server, "SELECT 1") == 1


def test_an_interrupted_first_start_is_begun_again(start: Start, place: Path) -> None:
    half = place / "data.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")

    assert ask(start(), "SELECT 1") == 1
    assert not half.exists()


def test_a_server_that_cannot_start_says_why(start: Start) -> None:
    with pytest.raises(
        ServerDidNotStart,
        match='unrecognized configuration parameter "no_such_setting"',
    ):
        start(settings={"no_such_setting": "1"})


@only_as_root
def test_as_root_the_server_runs_as_nobody_and_no_directory_is_opened(start: Start, place: Path) -> None:
    modes = {path: path.stat().st_mode for path in (place, *place.parents, *Path(sys.prefix).parents)}

    server = start()

    assert server.data_dir == place / "data"
    assert Path(f"/proc/{postmaster_of(server)}").owner() == "nobody"
    assert {path: path.stat().st_mode for path in modes} == modes


@only_as_root
def test_as_root_data_in_a_private_directory_is_kept_where_nobody_can_go(start: Start, place: Path) -> None:
    private = place / "private"
    private.mkdir(mode=0o700)

    server = start(data_dir=private / "data")
    again = start(data_dir=private / "data")

    assert server.data_dir.parent == place / "of-root"
    assert again.url == server.url
    assert stat.S_IMODE(private.stat().st_mode) == 0o700


@only_as_root
def test_as_root_programs_in_a_private_directory_are_copied(place: Path) -> None:
    package = Path(sys.modules["psycopg"].__file__ or "").parents[1]
    private = place / "private"
    private.mkdir(mode=0o700)
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(package / name, private / name, symlinks=True)

    process = in_another_process("print(server.child is not None)", place=place, PYTHONPATH=str(private))
    said, _ = process.communicate("\n", timeout=60)

    assert said.strip() == "True"
    copies = list((place / "of-root").glob("*/embedded_postgres/pginstall/bin/postgres"))
    assert [copy.owner() for copy in copies] == ["root"]
    assert stat.S_IMODE(private.stat().st_mode) == 0o700


@only_as_root
@pytest.mark.parametrize("trap", ["made by nobody", "writable by all", "a link"])
def test_as_root_a_place_that_somebody_else_prepared_is_refused(start: Start, place: Path, trap: str) -> None:
    private = place / "private"
    private.mkdir(mode=0o700)
    of_root = place / "of-root"
    if trap == "a link":
        of_root.symlink_to(private)
    else:
        of_root.mkdir()
        of_root.chmod(0o777 if trap == "writable by all" else 0o755)
        os.chown(of_root, 65534 if trap == "made by nobody" else 0, -1)

    with pytest.raises(ServerDidNotStart, match="only root may write to"):
        start(data_dir=private / "data")

    assert not list(private.glob("data/*"))


@only_as_root
def test_data_of_another_user_is_left_alone(start: Start, place: Path) -> None:
    data = place / "data"
    data.mkdir()
    os.chown(data, 12345, -1)

    with pytest.raises(ServerDidNotStart, match="belongs to user 12345"):
        start()


def test_settings_do_not_know_the_launcher() -> None:
    code = "import sys, config.settings; sys.exit('config.embedded_postgres' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
