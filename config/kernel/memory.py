"""The garbage collector, where many objects are made at once."""

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.Lock()
_resting = 0


@contextmanager
def collector_rests() -> Iterator[None]:
    """Keep the collector of cycles from running in the block: for a batch of documents, which have none.

    Each of them is thousands of objects, and looking through all that is there after every few hundred takes a third
    of a batch's time. What is no longer used is freed as always. Blocks of several threads may overlap.
    """
    global _resting  # noqa: PLW0603 - the collector is the process's, and so is the count of those who stop it
    with _lock:
        _resting += 1
        gc.disable()
    try:
        yield
    finally:
        with _lock:
            _resting -= 1
            if not _resting:
                gc.enable()
