"""The REST application with `lock()` taken out of the module `UNLOCKED_MODULE`: it reads the rows and locks nothing.

For the controls of the races, on scratch databases: a test that finds no oversell means something only when it finds
one without the lock. It is the one patch of our own code that tests may make (docs/reliability.md).
"""

import importlib
import os
from types import SimpleNamespace

from config.wsgi import application

_module = importlib.import_module(os.environ["UNLOCKED_MODULE"])
if hasattr(_module, "lock"):
    _module.lock = list  # type: ignore[attr-defined]
else:
    _module.db = SimpleNamespace(lock=list)  # type: ignore[attr-defined]

__all__ = ["application"]
