"""Three words for transactions, and one for locks.

`@transaction` is a use case: it opens the transaction and refuses to be nested. `@transaction_required` joins its
caller's. `@outside_transaction` is a use case of several transactions with a call to the outside between them.
Transactions that a test case wraps round itself do not count, so a missing one is found by the tests.
"""

import functools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Generic, ParamSpec, Protocol, TypeVar, cast, get_type_hints

from django.db import DEFAULT_DB_ALIAS, OperationalError, connection, connections, models
from django.db import transaction as django_transaction

from config.kernel import audit, idempotency
from config.kernel.actors import Actor
from config.kernel.crashpoints import crashpoint
from config.kernel.errors import Busy
from config.kernel.idempotency import Once
from config.kernel.prepared import Prepared, Values
from config.kernel.values import from_json, to_json

P = ParamSpec("P")
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)
M = TypeVar("M", bound=models.Model)

# lock_not_available, deadlock_detected: somebody else holds what we need; nothing was done.
_HELD_BY_ANOTHER: Final = frozenset({"55P03", "40P01"})
# query_canceled: a locking statement waited for several rows in turn, each shorter than the lock time-out.
_WAITED_TOO_LONG: Final = _HELD_BY_ANOTHER | {"57014"}


class TransactionMisuse(RuntimeError):
    """A mistake in our code: a transaction is missing, or one is open where none may be."""


def in_transaction() -> bool:
    """Whether our own code has opened a transaction; those of test cases do not count."""
    return any(not getattr(block, "_from_testcase", False) for block in connection.atomic_blocks)


@contextmanager
def _translate_locks(states: frozenset[str] = _HELD_BY_ANOTHER) -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) in states:
            raise Busy from error
        raise


@contextmanager
def open_transaction() -> Iterator[None]:
    """The one place that begins a transaction: for `@transaction` and for the event dispatcher.

    Errors: TransactionMisuse when one is open; Busy when rows stayed locked for three seconds.
    """
    if in_transaction():
        raise TransactionMisuse("a transaction is already open")
    with _translate_locks(), django_transaction.atomic():
        yield


class UseCase(Protocol[P, R_co]):
    """What `@transaction` makes of a function: it can be called, or called once for a caller's key."""

    __name__: str
    transaction_word: str

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R_co:
        """Run it."""
        ...

    def once(self, once: Once, /, *args: P.args, **kwargs: P.kwargs) -> R_co:
        """Run it at most once for this key; a repetition gets the stored result. Errors: KeyInFlight, KeyReused."""
        ...


# Who did it and what was answered, in one round trip.
_INSERT_BOTH: Final = Prepared(f"WITH entry AS ({audit.INSERT.text}) {idempotency.INSERT.text}")


def transaction(use_case: Callable[P, R]) -> UseCase[P, R]:
    """Run a use case in a transaction of its own, and write who ran it (`by=`) at which moment (`now=`).

    `use_case.once(key, …)` runs it at most once for that key. Its result is then stored, so it must be a dataclass or
    None, and the return annotation must say which.
    """
    action = f"{use_case.__module__.removesuffix('.services')}.{use_case.__name__}"

    def run_for(once: Once | None, *args: P.args, **kwargs: P.kwargs) -> R:
        by, now = kwargs["by"], kwargs["now"]
        if not isinstance(by, Actor) or not isinstance(now, datetime):
            raise TypeError(f"{action} needs by=Actor and now=datetime")
        with open_transaction():
            if once is not None and (stored := idempotency.claim(once)) is not None:
                return cast(R, from_json(_result_type(use_case), stored["value"]))
            result = use_case(*args, **kwargs)
            entry = audit.values_of(action=action, by=by, arguments=kwargs, now=now)
            if once is None:
                audit.INSERT.run(entry)
            else:
                answer = idempotency.values_of(once, result={"value": to_json(result)}, now=now)
                _INSERT_BOTH.run([*entry, *answer])
            crashpoint(f"{use_case.__name__}.before_commit")
        crashpoint(f"{use_case.__name__}.after_commit")
        return result

    @functools.wraps(use_case)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        return run_for(None, *args, **kwargs)

    def run_once(once: Once, /, *args: P.args, **kwargs: P.kwargs) -> R:
        return run_for(once, *args, **kwargs)

    use_case_with_word = cast(Any, run)
    use_case_with_word.transaction_word = "transaction"
    use_case_with_word.once = run_once
    return cast(UseCase[P, R], run)


@functools.cache
def _result_type(use_case: Callable[..., Any]) -> Any:
    return get_type_hints(use_case)["return"]


def transaction_required(function: Callable[P, R]) -> Callable[P, R]:
    """Join the caller's transaction. Errors: TransactionMisuse when there is none."""

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        if not in_transaction():
            raise TransactionMisuse(f"{function.__qualname__} needs its caller's transaction")
        return function(*args, **kwargs)

    run.transaction_word = "transaction_required"  # type: ignore[attr-defined]
    return run


@transaction_required
def commit_lazily() -> None:
    """Let this transaction's commit not wait for the disk.

    For a step of work that notes in the same transaction how far it has come: what a crash of the server takes back, it
    takes back with that note, and it is done again.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit TO off")


def outside_transaction(use_case: Callable[P, R]) -> Callable[P, R]:
    """A use case that calls the outside between transactions. Errors: TransactionMisuse inside one."""

    @functools.wraps(use_case)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        if in_transaction():
            raise TransactionMisuse(f"{use_case.__qualname__} may not run inside a transaction")
        return use_case(*args, **kwargs)

    run.transaction_word = "outside_transaction"  # type: ignore[attr-defined]
    return run


def lock(rows: "models.QuerySet[M] | Chosen[M]") -> list[M]:
    """Lock these rows until the transaction ends, in the order of their keys, and read them.

    The one order of tables is in `docs/locking.md`. The connection waits three seconds for a lock. It is FOR NO KEY
    UPDATE: our keys never change, so rows that only refer to a locked one need not wait for it.
    Errors: Busy; TransactionMisuse outside a transaction.
    """
    if not in_transaction():
        raise TransactionMisuse("a lock needs a transaction")
    with _translate_locks(_WAITED_TOO_LONG):
        if isinstance(rows, Chosen):
            return rows.statement.lock(rows.values)
        return list(rows.select_for_update(of=("self",), no_key=True).order_by("pk"))


class Lookup(Generic[M]):
    """A table's rows that meet one condition, in the order of their keys, read by one prepared statement.

    For what every order reads: composing such a statement takes Django longer than carrying it out takes PostgreSQL.
    """

    def __init__(self, model: type[M], *, where: str) -> None:
        self._model = model
        self._fields: Final = [str(field.attname) for field in model._meta.concrete_fields]
        columns = ", ".join(f'"{field.column}"' for field in model._meta.concrete_fields)
        self._text: Final = f"SELECT {columns} FROM {model._meta.db_table} WHERE {where} ORDER BY id"  # noqa: S608
        self._look: Final = Prepared(self._text, binary=True)

    def look(self, values: Values) -> list[M]:
        """Read them."""
        return self._rows(self._look.fetch_all(values))

    def get(self, values: Values) -> M:
        """The one there is. Errors: DoesNotExist of the model."""
        for row in self.look(values):
            return row
        raise self._model.DoesNotExist(f"no {self._model.__name__} {values}")  # type: ignore[attr-defined]

    def _rows(self, rows: Sequence[Sequence[Any]]) -> list[M]:
        return [self._model.from_db(DEFAULT_DB_ALIAS, self._fields, row) for row in rows]


class Locking(Lookup[M]):
    """The same, to be locked: `lock(locking(values))`."""

    def __init__(self, model: type[M], *, where: str) -> None:
        super().__init__(model, where=where)
        self._lock: Final = Prepared(f"{self._text} FOR NO KEY UPDATE", binary=True)

    def __call__(self, values: Values) -> "Chosen[M]":
        """Those rows, not yet locked."""
        return Chosen(statement=self, values=values)

    def lock(self, values: Values) -> list[M]:
        """Lock and read them: for `db.lock` alone, which knows what it means when they stay locked."""
        return self._rows(self._lock.fetch_all(values))


@dataclass(frozen=True, kw_only=True)
class Chosen(Generic[M]):
    """Rows that `lock` is to lock, by a prepared statement; who goes through them without it only reads them."""

    statement: Locking[M]
    values: Values

    def __iter__(self) -> Iterator[M]:
        return iter(self.statement.look(self.values))


@transaction_required
def add_rows(rows: Sequence[models.Model], *, unless_there: bool = False) -> bool:
    """Add rows of one table by one plain statement and give them their keys; whether they were added.

    For what every order writes: Django's own way composes the statement anew each time, which costs more than running
    it. With `unless_there` nothing is added, and nothing raised, where a unique key is taken.
    """
    if not rows:
        return True
    meta = rows[0]._meta
    fields = [field for field in meta.local_concrete_fields if not field.primary_key]
    django = connections[DEFAULT_DB_ALIAS]  # its proxy would look it up for each field
    values = [field.get_db_prep_save(field.pre_save(row, True), django) for row in rows for field in fields]
    keys = [key for (key,) in _insert_statement(type(rows[0]), len(rows), unless_there).fetch_all(values)]
    for row, key in zip(rows, keys, strict=False):
        row.pk = key
        row._state.adding, row._state.db = False, connection.alias
    return len(keys) == len(rows)


@functools.lru_cache(maxsize=256)
def _insert_statement(model: type[models.Model], rows: int, unless_there: bool) -> Prepared:
    quote = connection.ops.quote_name
    columns = [
        quote(str(field.column)) for field in model._meta.local_concrete_fields if not field.primary_key
    ]
    one = f"({', '.join(['%s'] * len(columns))})"
    return Prepared(
        f"INSERT INTO {quote(model._meta.db_table)} ({', '.join(columns)}) VALUES {', '.join([one] * rows)}"  # noqa: S608
        f"{' ON CONFLICT DO NOTHING' if unless_there else ''} RETURNING {quote(str(model._meta.pk.column))}"
    )


@transaction_required
def store_fields(row: models.Model, *names: str) -> None:
    """Write these fields of a row that is there, by one plain statement; all of them where none is named.

    For what every order changes, as `add_rows` is for what it adds.
    """
    fields = _fields_of(type(row), names)
    django = connections[DEFAULT_DB_ALIAS]
    values = [field.get_db_prep_save(field.pre_save(row, False), django) for field in fields]
    _update_statement(type(row), names).run([*values, row.pk])


@functools.lru_cache(maxsize=256)
def _fields_of(model: type[models.Model], names: tuple[str, ...]) -> "tuple[models.Field[Any, Any], ...]":
    fields = {field.name: field for field in model._meta.local_concrete_fields if not field.primary_key}
    return tuple(fields[name] for name in names or fields)


@functools.lru_cache(maxsize=256)
def _update_statement(model: type[models.Model], names: tuple[str, ...]) -> Prepared:
    quote = connection.ops.quote_name
    changes = ", ".join(f"{quote(str(field.column))} = %s" for field in _fields_of(model, names))
    key = quote(str(model._meta.pk.column))
    return Prepared(f"UPDATE {quote(model._meta.db_table)} SET {changes} WHERE {key} = %s")  # noqa: S608


def put_related(row: models.Model, name: str, children: Sequence[models.Model]) -> None:
    """Let `row.name.all()` be these, which were read by themselves, as if Django had prefetched them."""
    manager = getattr(row, name)
    found = manager.get_queryset()
    found._result_cache, found._prefetch_done = list(children), True
    vars(row).setdefault("_prefetched_objects_cache", {})[name] = found
    for child in children:
        setattr(child, manager.field.name, row)
