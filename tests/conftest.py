"""What every test stands on: real PostgreSQL as the application role, and no network but this machine.

The database is created and flushed with the owner's rights; the tests themselves run as the role that production runs
as, so a missing grant or a write to an append-only table is found here.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection

from config.kernel.kept import forget_all
from tests.lanes import PROCESSES, PROMISES, Lanes

if TYPE_CHECKING:
    from tests.factories.world import World

TESTS = Path(__file__).parent
NOT_IN_TIME = ["TimeoutError", "TimeoutExpired", "ReadTimeout", "ConnectTimeout", "ConnectError", "Empty"]
SHARED_DATA = Path(settings.BASE_DIR).parent / "shared" / "data"


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """Create the database with the login's own rights: the application role may not."""
    connection.settings_dict["OPTIONS"].pop("assume_role", None)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """From here on every connection acts as the application role, until the database is dropped."""
    with django_db_blocker.unblock():
        connection.close()
    connection.settings_dict["OPTIONS"]["assume_role"] = settings.DATABASE_APP_ROLE
    yield
    connection.settings_dict["OPTIONS"].pop("assume_role", None)
    with django_db_blocker.unblock():
        connection.close()


@pytest.fixture(autouse=True)
def _fresh_caches(settings: Any) -> None:
    """Configuration is kept for seconds: no test may see another's, and none may meet its end on a slow machine."""
    settings.CONFIGURATION_LIVES_S = 3600
    cache.clear()
    forget_all()


@pytest.fixture
def now() -> datetime:
    """The present, to the microsecond, as a view would read it."""
    return datetime.now(tz=UTC)


@pytest.fixture(scope="module")
def _standing_world(django_db_setup: None, django_db_blocker: Any) -> Iterator["World"]:
    """Made once for all tests of a module, in a transaction that is rolled back."""
    from tests.factories.world import standing_world  # its models can be imported once Django is set up

    with django_db_blocker.unblock(), standing_world() as world:
        yield world


@pytest.fixture
def world(_standing_world: "World", db: None) -> "World":
    """An open shop and its people. What a test does to it is undone after the test."""
    return _standing_world


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of real processes get a second chance; those of real data are skipped, with the reason, without it.

    A second chance is shown in the summary (`RERUN`). What a promise of the house is tested by gets it only when
    something did not come in time: an assertion about orders, stock or money fails at once.
    """
    for item in items:
        room = item.path.relative_to(TESTS).parts[0]
        if room in PROCESSES:
            item.add_marker(pytest.mark.flaky(reruns=1))
        elif room in PROMISES:
            item.add_marker(pytest.mark.flaky(reruns=1, only_rerun=NOT_IN_TIME))
    if SHARED_DATA.is_dir():
        return
    for item in items:
        if item.get_closest_marker("shared_data"):
            item.add_marker(pytest.mark.skip(reason=f"the shared data is not at {SHARED_DATA}"))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Lanes:
    """Beside tests that wait for processes run tests that wait for nothing."""
    return Lanes(config, log)
