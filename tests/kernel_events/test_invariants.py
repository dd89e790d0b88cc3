"""`manage.py check_invariants`, and the registry behind it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from io import StringIO
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from config.kernel import invariants
from config.kernel.invariants import Offenders, check, invariant
from config.kernel.models import StoredEvent
from tests.kernel_events.sample import ring

pytestmark = pytest.mark.django_db


@pytest.fixture
def no_bells() -> Iterator[None]:
    """A rule in each of the three forms, for the length of one test."""
    before = dict(invariants._invariants)

    @invariant("T1", "events about bells, as values")
    def as_values() -> Offenders:
        return StoredEvent.objects.filter(topic__startswith="bell:").values("name")

    @invariant("T2", "events about bells, as rows")
    def as_rows() -> Offenders:
        return StoredEvent.objects.filter(topic__startswith="bell:")

    @invariant("T3", "events about bells, in SQL")
    def in_sql() -> Offenders:
        return "SELECT name FROM kernel_storedevent WHERE topic LIKE 'bell:%%' AND occurred_at <= %(now)s"

    yield
    invariants._invariants.clear()
    invariants._invariants.update(before)


@pytest.mark.usefixtures("no_bells")
def test_a_broken_rule_names_itself_and_its_rows(bell: UUID, now: datetime) -> None:
    ring(bell, now=now)

    found = {violation.code: violation.rows for violation in check(now=now)}

    assert found["T1"] == found["T3"] == ({"name": "tests.bell_rang"},)
    (row,) = found["T2"]
    assert (row["name"], row["about"]) == ("tests.bell_rang", bell)


@pytest.mark.usefixtures("no_bells")
def test_the_command_prints_broken_rules_and_fails(bell: UUID, now: datetime) -> None:
    ring(bell, now=now - timedelta(seconds=1))
    said = StringIO()

    with pytest.raises(SystemExit) as ended:
        call_command("check_invariants", stdout=said)

    assert ended.value.code == 1
    assert "T1: events about bells, as values\n    name=tests.bell_rang\n" in said.getvalue()


def test_the_command_is_content_when_every_rule_holds() -> None:
    said = StringIO()

    call_command("check_invariants", stdout=said)

    assert "rules hold" in said.getvalue()


def test_the_command_finds_what_will_be_left_undone_if_nothing_works_any_more(bell: UUID) -> None:
    ring(bell, now=timezone.now())
    said = StringIO()

    call_command("check_invariants", stdout=said)
    with pytest.raises(SystemExit) as ended:
        call_command("check_invariants", "--in", "16m", stdout=said)

    assert ended.value.code == 1
    assert "I12: events that have had no position for more than 15 minutes" in said.getvalue()


@pytest.mark.parametrize("words", ["1", "h", "-1h", "1w", "1h30m", "soon"])
def test_the_command_takes_a_length_of_time_with_its_unit_and_nothing_else(words: str) -> None:
    with pytest.raises(CommandError, match="no length of time"):
        call_command("check_invariants", f"--in={words}")
