"""`make run`: everything a visitor needs, from an empty machine to URLs and demo accounts, in one terminal.

It starts PostgreSQL (unless `DATABASE_URL` names one), migrates, seeds, starts a stand-in for Stripe (unless
`STRIPE_API_KEY` is set), the REST servers, the stream server and the worker, and waits. Ctrl-C stops what it started
and nothing else. A second `make run` beside the first says where that one is.
"""

import ast
import errno
import fcntl
import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from secrets import token_hex
from types import FrameType
from typing import IO

from config import embedded_postgres
from config.processes import Child
from config.servers import (
    ROOT,
    Command,
    ServerEnded,
    fake_carrier_command,
    fake_stripe_command,
    manage_command,
    start_program,
    stream_command,
    wait_until_ready,
    web_command,
    worker_command,
)

VAR = Path(os.environ.get("POLKU_VAR") or ROOT / "var").resolve()  # data, locks and logs of this machine
_GRACE_S = 15.0
_printing = threading.Lock()


class CannotRun(RuntimeError):
    """Why `make run` gives up, in words for who typed it."""


class _ToldToStop(BaseException):
    """Ctrl-C, or another signal that asks us to end."""


def main() -> int:
    """Run until told to stop. Returns the exit status: 1 when something failed or a program ended by itself."""
    with ExitStack() as stack:
        try:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, _stop)
            _run(stack)
        except _ToldToStop:
            _say("stopping")
            return 0
        except (CannotRun, ServerEnded, embedded_postgres.ServerDidNotStart) as error:
            _say(str(error))
            return 1
        finally:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)  # the stack stops everything, undisturbed
    return 0


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise _ToldToStop


def _run(stack: ExitStack) -> None:
    """Start everything, and hand `stack` what undoes it.

    Errors: CannotRun, ServerEnded, ServerDidNotStart; _ToldToStop when it is over.
    """
    port, stream_port = _port("POLKU_PORT", 8000), _port("POLKU_STREAM_PORT", 8001)
    stripe_port = None if os.environ.get("STRIPE_API_KEY") else _port("POLKU_STRIPE_PORT", 8002)
    carrier_port = None if os.environ.get("EASYPOST_API_KEY") else _port("POLKU_CARRIER_PORT", 8003)
    url, stream_url = f"http://localhost:{port}", f"http://localhost:{stream_port}"
    running = stack.enter_context(_only_run(url))
    if running is not None:
        _say(f"Polku is already running at {running}")
        return
    ports = {
        "POLKU_PORT": port,
        "POLKU_STREAM_PORT": stream_port,
        "POLKU_STRIPE_PORT": stripe_port,
        "POLKU_CARRIER_PORT": carrier_port,
    }
    for name, number in ports.items():
        if number is not None:
            _refuse_busy_port(name=name, port=number)

    env = {
        "POLKU_ENV": "local",
        "PUBLIC_URL": url,
        "STREAMS_URL": stream_url,
        "CORS_ALLOWED_ORIGINS": f"{url},http://127.0.0.1:{port}",
        "MAIL_DIR": str(VAR / "mail"),
    }
    env = {name: os.environ.get(name, value) for name, value in env.items()}
    server = None
    if not os.environ.get("DATABASE_URL"):
        _say("starting PostgreSQL")
        server = embedded_postgres.start(data_dir=VAR / "postgres", settings={})
        stack.callback(server.stop)
        env["DATABASE_URL"] = server.url
        _warn_of_changed_migrations(server.data_dir)
    hint = f" To begin with empty data, remove {server.data_dir}." if server else ""
    _manage("migrate", "--verbosity", "0", env=env, stack=stack, hint=hint)
    if server is not None:
        _remember_migrations()
    _manage("seed_demo", env=env, stack=stack, hint=hint)

    programs: dict[str, Child] = {}
    stack.callback(_stop_programs, programs)
    if stripe_port is not None:
        programs["stripe"] = _start_fake_stripe(port=stripe_port, web_port=port, env=env)
    if carrier_port is not None:
        programs["carrier"] = _start_fake_carrier(port=carrier_port, web_port=port, env=env)
    for name, command in (
        ("web", web_command(port=port)),
        ("streams", stream_command(port=stream_port)),
        ("worker", worker_command()),
    ):
        programs[name] = _start_with_prefix(name=name, command=command, env=env)
    for name, number in (("web", port), ("streams", stream_port)):
        wait_until_ready(child=programs[name], port=number)

    _manage("demo_accounts", env=env, stack=stack)
    _say(f"""Polku is running. Ctrl-C stops it.

  shop        {url}/
  API         {url}/store/v1/products
  description {url}/api/
  streams     {stream_url}
  payments    {env.get("STRIPE_API_BASE", "Stripe, by STRIPE_API_KEY")}
  parcels     {env.get("EASYPOST_API_BASE", "EasyPost, by EASYPOST_API_KEY")}
  messages    {env["MAIL_DIR"]}
  database    {env.get("DATABASE_URL") if server else "the one of DATABASE_URL"}
""")
    _watch(programs)


@contextmanager
def _only_run(url: str) -> Iterator[str | None]:
    """Hold the lock of this checkout's run and give None, or give the URL of the run that holds it."""
    VAR.mkdir(exist_ok=True)
    with (VAR / "run.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            yield lock.read().strip()
            return
        lock.truncate(0)
        lock.write(url)
        lock.flush()
        yield None


def _port(name: str, default: int) -> int:
    value = os.environ.get(name) or str(default)
    if not value.isdigit() or not 0 < int(value) < 65536:
        raise CannotRun(f"{name} is {value!r}; it must be a port number.")
    return int(value)


def _refuse_busy_port(*, name: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(
            socket.SOL_SOCKET, socket.SO_REUSEADDR, 1
        )  # connections of an earlier run may linger
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise CannotRun(
                    f"Port {port} is in use by another program. Choose another one: {name}={port + 100} make run"
                ) from None
            raise CannotRun(f"Port {port} ({name}) cannot be used: {error.strerror}") from None


def _manage(*words: str, env: Mapping[str, str], stack: ExitStack, hint: str = "") -> None:
    """Run a command of manage.py to its end. It stops with us.

    Errors: CannotRun, with `hint`, when it fails.
    """
    if words[0] != "demo_accounts":
        _say(words[0])
    child = start_program(manage_command(*words), env=env)
    stack.callback(child.stop, grace_s=_GRACE_S)
    while (status := child.exit_status()) is None:
        time.sleep(0.05)
    if status != 0:
        raise CannotRun(f"manage.py {words[0]} failed.{hint}")


def _start_fake_stripe(*, port: int, web_port: int, env: dict[str, str]) -> Child:
    """Start the stand-in for Stripe, and tell `env` to pay there. Errors: ServerEnded."""
    secret = f"whsec_{token_hex(16)}"
    command = fake_stripe_command(
        port=port,
        webhooks_to=f"http://127.0.0.1:{web_port}/hooks/v1/stripe",
        secret=secret,
        return_to=env["PUBLIC_URL"],
        keep=VAR / "stripe.json",
    )
    env |= {
        "STRIPE_API_BASE": f"http://127.0.0.1:{port}",
        "STRIPE_API_KEY": "sk_test_of_the_stand_in",
        "STRIPE_PUBLISHABLE_KEY": "pk_test_of_the_stand_in",
        "STRIPE_WEBHOOK_SECRETS": secret,
    }
    child = _start_with_prefix(name="stripe", command=command, env=env)
    wait_until_ready(child=child, port=port)
    return child


def _start_fake_carrier(*, port: int, web_port: int, env: dict[str, str]) -> Child:
    """Start the stand-in for EasyPost, and tell `env` to book labels there. Errors: ServerEnded."""
    secret = token_hex(16)
    command = fake_carrier_command(
        port=port, webhooks_to=f"http://127.0.0.1:{web_port}/hooks/v1/easypost", secret=secret
    )
    env |= {
        "EASYPOST_API_BASE": f"http://127.0.0.1:{port}",
        "EASYPOST_API_KEY": "EZTK_of_the_stand_in",
        "EASYPOST_WEBHOOK_SECRETS": secret,
    }
    child = _start_with_prefix(name="carrier", command=command, env=env)
    wait_until_ready(child=child, port=port)
    return child


def _start_with_prefix(*, name: str, command: Command, env: Mapping[str, str]) -> Child:
    child = start_program(command, env=env, output=subprocess.PIPE)
    assert child.output is not None
    threading.Thread(target=_copy_output, args=(name, child.output), daemon=True).start()
    return child


def _copy_output(name: str, output: IO[bytes]) -> None:
    for line in output:
        with _printing:
            sys.stdout.write(f"{name:<8}| {line.decode(errors='replace').rstrip()}\n")
            sys.stdout.flush()


def _watch(programs: Mapping[str, Child]) -> None:
    """Wait until a program ends by itself.

    Errors: ServerEnded.
    """
    while True:
        for name, child in programs.items():
            if (status := child.exit_status()) is not None:
                raise ServerEnded(f"{name} ended with status {status}; stopping the others.")
        time.sleep(0.2)


def _stop_programs(programs: Mapping[str, Child]) -> None:
    for child in programs.values():
        child.ask_to_stop()
    for child in programs.values():
        child.stop(grace_s=_GRACE_S)


def _say(text: str) -> None:
    with _printing:
        print(f"polku   | {text}", flush=True)


# Until 1.0 a migration may be rewritten after this machine applied it; then the data made here does not fit.


def _migrations() -> dict[str, str]:
    """{path: digest of what it says}; comments and layout do not count."""
    paths = [*ROOT.glob("*/migrations/0*.py"), *ROOT.glob("config/kernel/migrations/0*.py")]
    return {
        str(path.relative_to(ROOT)): hashlib.sha256(
            ast.dump(ast.parse(path.read_text())).encode()
        ).hexdigest()
        for path in sorted(paths)
    }


def _warn_of_changed_migrations(data_dir: Path) -> None:
    applied = VAR / "postgres.migrations"
    if not applied.exists() or not data_dir.exists():
        return
    now = _migrations()
    changed = [path for path, digest in json.loads(applied.read_text()).items() if now.get(path) != digest]
    if changed:
        _say(
            f"These migrations were rewritten after your local data was made: {', '.join(changed)}. "
            f"Reset it when something is odd: stop, and remove {data_dir} and {applied}."
        )


def _remember_migrations() -> None:
    (VAR / "postgres.migrations").write_text(json.dumps(_migrations(), indent=1))


if __name__ == "__main__":
    sys.exit(main())
