"""Which worker of a parallel run takes which file: tests that wait go beside tests that work.

Files that start servers, kill them and wait for them leave a core idle half of the time; the others never do. Were
they all run one after the other, as pytest-xdist does by itself (files with many tests first), two cores would be busy
in the first half of a run and bored in the second. Here there are two lanes: every worker but the last begins with the
files of real processes, the last one with the rest, and who finds a lane empty goes on in the other.
"""

from pathlib import PurePosixPath
from typing import Any, Final

from xdist.scheduler import LoadFileScheduling

# Folders of tests that start servers, kill them and wait for them, on machines that may be busy with something else.
PROCESSES: Final = {"browser", "journeys", "kernel_events", "performance", "platform"}
PROMISES: Final = {"concurrency", "faults", "stateful"}
# Single files like them.
ALSO_WAITING: Final = {"tests/orders/test_tracking_live.py", "tests/pim/test_import_by_worker.py"}
# What takes longest begins first, so that nobody waits for it alone at the end.
FIRST: Final = (
    "tests/platform/test_run.py",
    "tests/browser/test_own_pages.py",
    "tests/faults/test_kills_while_paying.py",
)


class Lanes(LoadFileScheduling):
    """One worker runs a whole file, from its own lane while there is one."""

    def _assign_work_unit(self, node: Any) -> None:
        files = list(self.workqueue)
        works = len(self.nodes) > 1 and node is self.nodes[-1]
        mine = [file for file in files if is_waiting(file) is not works]
        self.workqueue.move_to_end(min(mine or files, key=_place), last=False)
        super()._assign_work_unit(node)


def is_waiting(file: str) -> bool:
    """Whether the file's tests mostly wait for processes. `file` as pytest names it: `tests/faults/test_x.py`."""
    return file in ALSO_WAITING or bool({*PROCESSES, *PROMISES} & set(PurePosixPath(file).parts[1:2]))


def _place(file: str) -> int:
    """Its place among the first; all others keep their order, which is many tests first."""
    return FIRST.index(file) if file in FIRST else len(FIRST)
