"""Child processes that cannot outlive who started them.

A program that starts servers can die by SIGKILL, and then no handler of its own stops what it started. So each child
stands behind a small shell that reads a pipe from the starter: when the starter says so, or is gone, the pipe ends
and the shell signals the child. The kernel closes the pipe whatever the starter died of; there is no file of handles
that could lie.
"""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import IO

# The shell reaps the child at once (a zombie's pid still looks alive to PostgreSQL's lock file), ends what the child
# left of itself in its process group, and hands on its exit status. $0 is the signal that means "stop", the rest is
# the child's command line.
_SHELL = """
exec 3<&0
"$@" </dev/null 3<&- &
child=$!
( read -r _ <&3; kill -"$0" "$child" ) 2>/dev/null &
wait "$child"
status=$?
trap '' TERM
kill -TERM 0
exit "$status"
"""


@dataclass(frozen=True)
class Account:
    """The operating system's account a child runs as, where it is not ours."""

    uid: int
    gid: int


@dataclass(frozen=True)
class Child:
    """A running program that stops when `stop` is called, or when we die."""

    shell: subprocess.Popen[bytes]

    @property
    def output(self) -> IO[bytes] | None:
        """What the child prints, when it was started with `output=subprocess.PIPE`."""
        return self.shell.stdout

    def exit_status(self) -> int | None:
        """The child's exit status (128 + n when signal n ended it), or None while it runs."""
        return self.shell.poll()

    def ask_to_stop(self) -> None:
        """Send the child its stop signal and return at once. Harmless when it has ended."""
        if self.shell.stdin is None or self.shell.stdin.closed:
            return
        # A word, not only the end of the pipe: a process forked from ours may hold a copy of our end.
        with self.shell.stdin as pipe, suppress(BrokenPipeError):
            pipe.write(b"stop\n")

    def stop(self, *, grace_s: float) -> None:
        """Stop the child, and kill its whole process group when it still runs after `grace_s` seconds."""
        self.ask_to_stop()
        try:
            self.shell.wait(timeout=grace_s)
        except subprocess.TimeoutExpired:
            os.killpg(self.shell.pid, signal.SIGKILL)
            self.shell.wait()


def start_child(
    *,
    argv: Sequence[str],
    env: Mapping[str, str],
    cwd: str,
    output: int | IO[bytes] | None = None,
    stop_signal: str = "TERM",
    account: Account | None = None,
) -> Child:
    """Start a program in a session of its own, so that a terminal's Ctrl-C reaches it only through us.

    `env` is its whole environment; `output` takes both its standard output and its errors; `account` needs root.
    """
    shell = subprocess.Popen(
        ["/bin/sh", "-c", _SHELL, stop_signal, *argv],
        env=dict(env),
        cwd=cwd,
        stdin=subprocess.PIPE,
        stdout=output,
        stderr=subprocess.STDOUT if output is not None else None,
        bufsize=0,
        start_new_session=True,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )
    return Child(shell=shell)
