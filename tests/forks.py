"""A process of ours that is ready: it has loaded the house once, and runs each errand in a copy of itself.

A test that kills a process at each of many steps needs many processes, and nearly all that each of them does is to
load Django and us. A copy (`fork`) is a process like any other: it has its own connections, is killed alone, and
nothing that it changes in itself is seen by the next.

Run as a program it reads errands, a line of JSON each, and answers each with the copy's exit code.
"""

import json
import os
import subprocess
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Self

ROOT = Path(__file__).resolve().parents[1]


class Forks:
    """A ready process with this environment, from the first errand to `close`."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.forks"],
            cwd=ROOT,
            env=dict(env),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, words: str, **env: str) -> int:
        """The exit code of a process that ran `words` with more environment; negative is the signal it died of."""
        assert self._process.stdin
        assert self._process.stdout
        print(json.dumps({"words": words, "env": env}), file=self._process.stdin, flush=True)
        return int(self._process.stdout.readline())

    def close(self) -> None:
        """No more errands."""
        with self._process:
            assert self._process.stdin
            self._process.stdin.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _serve() -> None:
    import django

    django.setup()
    import config.urls  # noqa: F401 - what an errand needs is loaded before it is asked for

    for line in sys.stdin:
        errand = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _run(errand["words"], errand["env"])
        _, status = os.waitpid(pid, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


def _run(words: str, env: Mapping[str, str]) -> None:
    """In the copy: what it prints goes where errors go, for the answer is the exit code alone."""
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    os.environ.update(env)
    code = 0
    try:
        exec(words, {})
    except BaseException:  # noqa: BLE001 - the copy ends here, whatever it was
        traceback.print_exc()
        code = 1
    finally:
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    _serve()
