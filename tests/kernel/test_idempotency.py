"""One key, one effect, whatever happens between (`reliability.md` G3)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from config.kernel import audit, db, idempotency
from config.kernel.actors import Actor, system
from config.kernel.errors import Refusal
from config.kernel.idempotency import KeyInFlight, KeyReused, Once
from config.kernel.ids import new_id
from config.kernel.models import IdempotencyRecord, User
from config.kernel.prepared import Prepared
from tests.concurrency.together import kinds, together


@dataclass(frozen=True, kw_only=True)
class Created:
    user_id: UUID
    name: str
    at: datetime


class Refused(Refusal):
    code = "not_today"


@db.transaction
def create_user(*, name: str, by: Actor, now: datetime) -> Created:
    if name == "refuse":
        raise Refused
    user = User.objects.create_user(email=f"{new_id()}@example.fi", name=name)
    return Created(user_id=user.public_id, name=name, at=now)


def once(key: str = "key-1", body: bytes = b"body", principal: str = "shopper-a") -> Once:
    return Once(principal=principal, key=key, fingerprint=body)


@pytest.mark.django_db
def test_a_repetition_gets_the_first_result_and_does_nothing(now: datetime) -> None:
    first = create_user.once(once(), name="Aino", by=system("test"), now=now)
    again = once()
    second = create_user.once(again, name="Aino", by=system("test"), now=now + timedelta(hours=1))

    assert second == first
    assert again.replayed
    assert User.objects.count() == 1


@pytest.mark.django_db
def test_a_key_used_for_another_request_is_refused(now: datetime) -> None:
    create_user.once(once(), name="Aino", by=system("test"), now=now)

    with pytest.raises(KeyReused):
        create_user.once(once(body=b"other"), name="Eino", by=system("test"), now=now)

    assert User.objects.count() == 1


@pytest.mark.django_db
def test_two_callers_may_use_the_same_key(now: datetime) -> None:
    create_user.once(once(), name="Aino", by=system("test"), now=now)
    create_user.once(once(principal="shopper-b"), name="Eino", by=system("test"), now=now)

    assert User.objects.count() == 2


@pytest.mark.django_db
def test_a_refusal_is_not_remembered_so_the_same_key_may_succeed_later(now: datetime) -> None:
    with pytest.raises(Refused):
        create_user.once(once(), name="refuse", by=system("test"), now=now)

    assert not IdempotencyRecord.objects.exists()
    assert create_user.once(once(), name="Aino", by=system("test"), now=now).name == "Aino"


@pytest.mark.django_db
def test_keys_are_forgotten_after_a_day_and_not_before(now: datetime) -> None:
    create_user.once(once(), name="Aino", by=system("test"), now=now)

    assert idempotency.forget_old_keys(now=now + timedelta(hours=23, minutes=59)) == 0
    assert idempotency.forget_old_keys(now=now + timedelta(hours=24, seconds=1)) == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_one_key_has_two_effects(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idempotency, "claim", lambda once: None)
    monkeypatch.setattr(db, "_INSERT_BOTH", Prepared("SELECT 1"))
    monkeypatch.setattr(idempotency, "values_of", lambda once, **_: [])
    monkeypatch.setattr(audit, "values_of", lambda **_: [])

    together(*[lambda: create_user.once(once(), name="Aino", by=system("test"), now=now) for _ in range(2)])

    assert User.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_one_key_at_once_from_eight_sides_has_one_effect(now: datetime) -> None:
    results = together(
        *[lambda: create_user.once(once(), name="Aino", by=system("test"), now=now) for _ in range(8)]
    )

    assert User.objects.count() == 1
    assert set(kinds(results)) <= {"done", KeyInFlight.__name__}
    assert len({result.user_id for result in results if isinstance(result, Created)}) == 1
