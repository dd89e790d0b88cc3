"""Gives a test run its PostgreSQL before Django reads the settings: `DATABASE_URL`, or an embedded server of its own.

Loaded with `-p` from pyproject.toml. A conftest would be too late: pytest-django has read the settings by then. Each
run has its own cluster, so two runs in one checkout do not meet; the workers of xdist inherit the controller's.
"""

import os
from collections.abc import Generator
from pathlib import Path

import pytest

from config import embedded_postgres

_CLUSTERS = Path(__file__).resolve().parents[1] / "var" / "test-postgres"
# Nothing in it has to survive the machine.
_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
}


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, object, object]:
    """Set the environment that `config.settings` is read from."""
    os.environ["POLKU_ENV"] = "test"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if not os.environ.get("DATABASE_URL"):
        _remove_leftovers()
        data_dir = _CLUSTERS / str(os.getpid())
        server = embedded_postgres.start(data_dir=data_dir, settings=_SETTINGS)
        os.environ["DATABASE_URL"] = server.url

        def give_back() -> None:
            del os.environ["DATABASE_URL"]
            server.stop()
            embedded_postgres.remove(data_dir=data_dir)

        early_config.add_cleanup(give_back)
    return (yield)


def _remove_leftovers() -> None:
    """Delete the clusters of runs that were killed; their servers stopped with them."""
    for lock in _CLUSTERS.glob("*.lock"):
        try:
            os.kill(int(lock.stem), 0)
        except ProcessLookupError:
            embedded_postgres.remove(data_dir=lock.with_suffix(""))
        except PermissionError:
            continue  # somebody else's, and running
