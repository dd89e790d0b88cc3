"""Children that cannot outlive who started them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from config.processes import Child, start_child

ROOT = Path(__file__).parents[2]


def run_script(script: str, *, stop_signal: str = "TERM") -> Child:
    """Start a Python whose first line of output says that it is ready."""
    child = start_child(
        argv=[sys.executable, "-c", script],
        env=os.environ,
        cwd="/",
        output=subprocess.PIPE,
        stop_signal=stop_signal,
    )
    assert child.output
    assert child.output.readline() == b"ready\n"
    return child


def rest_of_output(child: Child) -> bytes:
    assert child.output
    with child.output as output:
        return output.read()


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_child_that_ends_hands_on_its_status() -> None:
    child = run_script("print('ready', flush=True); raise SystemExit(7)")

    wait_until(lambda: child.exit_status() is not None)
    child.stop(grace_s=5)

    assert child.exit_status() == 7
    rest_of_output(child)


@pytest.mark.parametrize("stop_signal", ["TERM", "INT"])
def test_a_child_is_stopped_by_the_signal_it_expects(stop_signal: str) -> None:
    # It naps: a signal that comes between two of Python's steps and a long sleep would be noticed after the sleep.
    child = run_script(
        f"import signal, time\nsignal.signal(signal.SIG{stop_signal}, lambda number, _: print(number) or exit(3))\n"
        "print('ready', flush=True)\nwhile True: time.sleep(0.01)",
        stop_signal=stop_signal,
    )

    child.stop(grace_s=5)

    assert child.exit_status() == 3
    assert rest_of_output(child).strip() == b"%d" % getattr(signal, f"SIG{stop_signal}")


def test_a_child_that_does_not_listen_is_killed_after_its_grace() -> None:
    child = run_script(
        "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint('ready', flush=True)\ntime.sleep(60)"
    )

    child.stop(grace_s=0.2)

    assert child.exit_status() == -signal.SIGKILL
    rest_of_output(child)


def test_a_killed_child_takes_along_what_it_started() -> None:
    child = run_script(
        "import os, subprocess, time\nprint('ready', flush=True)\n"
        "print(subprocess.Popen(['sleep', '60']).pid, os.getpid(), flush=True)\ntime.sleep(60)"
    )
    assert child.output
    grandchild, pid = map(int, child.output.readline().split())

    os.kill(pid, signal.SIGKILL)

    wait_until(lambda: child.exit_status() == 128 + signal.SIGKILL)
    wait_until(lambda: not is_alive(grandchild))
    child.stop(grace_s=1)
    rest_of_output(child)


def test_a_child_stops_when_its_starter_is_killed() -> None:
    script = (
        "import os, sys, time\nfrom config.processes import start_child\n"
        "start_child(argv=['/bin/sh', '-c', 'echo $$; sleep 60'], env=os.environ, cwd='/')\ntime.sleep(60)"
    )
    starter = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert starter.stdout
    pid = int(starter.stdout.readline())

    starter.kill()
    starter.wait()

    wait_until(lambda: not is_alive(pid))
    starter.stdout.close()


def test_a_terminals_ctrl_c_does_not_reach_a_child() -> None:
    child = run_script("import os\nprint('ready', flush=True)\nprint(os.getsid(0), flush=True)")

    assert int(rest_of_output(child)) != os.getsid(0)

    child.stop(grace_s=5)
