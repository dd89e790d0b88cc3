"""The three words for transactions mean what they say, and a lock waits."""

import threading
from datetime import datetime

import pytest
from django.db import connection, transaction

from config.kernel import db
from config.kernel.actors import Actor, system
from config.kernel.context import request_id
from config.kernel.db import TransactionMisuse, open_transaction, outside_transaction, transaction_required
from config.kernel.errors import Busy
from config.kernel.models import AuditEntry, User

pytestmark = pytest.mark.django_db


@db.transaction
def rename(*, user_ref: str, name: str, by: Actor, now: datetime, fail: bool = False) -> None:
    User.objects.filter(public_id=user_ref).update(name=name)
    if fail:
        raise RuntimeError("after the write")


@transaction_required
def joins() -> str:
    return "joined"


@outside_transaction
def calls_the_outside() -> str:
    return "called"


@pytest.fixture
def user() -> User:
    return User.objects.create_user(email="aino@example.fi", name="Aino")


def test_a_use_case_writes_who_ran_it_and_on_what(user: User, now: datetime) -> None:
    token = request_id.set("request-1")

    rename(user_ref=str(user.public_id), name="Aino Aalto", by=system("test"), now=now)

    request_id.reset(token)
    entry = AuditEntry.objects.get()
    assert entry.action.endswith(".rename")
    assert entry.subject == {"user_ref": str(user.public_id)}, "what a person typed is not kept"
    assert (entry.actor_kind, entry.actor_ref, entry.request_id) == ("system", "test", "request-1")


def test_a_use_case_that_fails_leaves_neither_its_effect_nor_its_audit(user: User, now: datetime) -> None:
    with pytest.raises(RuntimeError):
        rename(user_ref=str(user.public_id), name="Nobody", by=system("test"), now=now, fail=True)

    user.refresh_from_db()
    assert user.name == "Aino"
    assert not AuditEntry.objects.exists()


def test_a_use_case_refuses_to_run_inside_another_transaction(user: User, now: datetime) -> None:
    with transaction.atomic(), pytest.raises(TransactionMisuse):
        rename(user_ref=str(user.public_id), name="Nested", by=system("test"), now=now)

    user.refresh_from_db()
    assert user.name == "Aino"


def test_what_joins_a_transaction_refuses_to_run_without_one_even_inside_a_test_case() -> None:
    with pytest.raises(TransactionMisuse):
        joins()
    with open_transaction():
        assert joins() == "joined"


def test_what_calls_the_outside_refuses_to_run_inside_a_transaction() -> None:
    assert calls_the_outside() == "called"
    with open_transaction(), pytest.raises(TransactionMisuse):
        calls_the_outside()


def test_a_lock_needs_a_transaction() -> None:
    with pytest.raises(TransactionMisuse):
        db.lock(User.objects.all())


def test_a_lock_is_taken_in_the_order_of_keys(django_assert_num_queries: object) -> None:
    for name in "cab":
        User.objects.create_user(email=f"{name}@example.fi")

    with open_transaction():
        locked = db.lock(User.objects.order_by("email"))

    assert [user.pk for user in locked] == sorted(user.pk for user in locked)


@pytest.mark.django_db(transaction=True)
def test_rows_that_stay_locked_make_the_caller_busy_after_three_seconds(user: User) -> None:
    locked, done = threading.Event(), threading.Event()

    def hold() -> None:
        with open_transaction():
            db.lock(User.objects.all())
            locked.set()
            done.wait(10)
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    locked.wait(5)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '200ms'")
        with pytest.raises(Busy), open_transaction():
            db.lock(User.objects.all())
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = 0; SET statement_timeout = '200ms'")
        with pytest.raises(Busy), open_transaction():
            db.lock(User.objects.all())
    finally:
        done.set()
        holder.join()
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '3s'; SET statement_timeout = '60s'")


def _asked(statement: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return str(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_only_the_transaction_that_says_so_commits_lazily() -> None:
    setting = "current_setting('synchronous_commit')"
    _asked("SELECT set_config('synchronous_commit', 'on', false)")
    with open_transaction():
        db.commit_lazily()
        assert _asked(f"SELECT {setting}") == "off"

    assert _asked(f"SELECT {setting}") == "on"
    with pytest.raises(TransactionMisuse):
        db.commit_lazily()
    connection.close()  # and with it what was set for the whole session
