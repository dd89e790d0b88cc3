"""Adding many rows by COPY, several times as fast as INSERT where there are many of them, or long ones.

The rows go over in PostgreSQL's binary form, so that JSON and bytes are neither spelled out nor read back.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any, Final, cast

from django.db import connections, models
from django.db.utils import DEFAULT_DB_ALIAS

from config.kernel.db import transaction_required

# Fields whose values psycopg takes as they are.
_PLAIN: Final = frozenset(
    {
        *("BigAutoField", "BigIntegerField", "IntegerField", "SmallIntegerField", "BooleanField"),
        *("CharField", "TextField", "UUIDField", "DateTimeField", "DateField", "ForeignKey", "OneToOneField"),
    }
)


@transaction_required
def copy_in(rows: Sequence[models.Model], *, keyed: bool = True) -> None:
    """Add rows of one table; each gets its key, unless the caller has no use for it."""
    if not rows:
        return
    model = type(rows[0])
    if keyed:
        _give_keys(rows)
    fields = _fields(model)
    names = [field.attname for field in fields if keyed or not field.primary_key]
    prepared: list[tuple[str, Callable[[Any], Any] | None]] = [
        (field.attname, _preparation(field)) for field in fields if field.attname in names
    ]
    _copy(
        model,
        names,
        (
            [getattr(row, name) if prepare is None else prepare(row) for name, prepare in prepared]
            for row in rows
        ),
    )


@transaction_required
def copy_values(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Add rows that are told as the values of these attributes, as psycopg takes them; the database numbers them."""
    _copy(model, names, rows)


def _copy(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    connection = connections[DEFAULT_DB_ALIAS]  # asking the proxy for each value takes longer than the value
    quote = connection.ops.quote_name
    by_name = {field.attname: field for field in _fields(model)}
    columns = ", ".join(quote(str(by_name[name].column)) for name in names)
    statement = f"COPY {quote(model._meta.db_table)} ({columns}) FROM STDIN (FORMAT BINARY)"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.set_types([_type_of(by_name[name]) for name in names])
        for row in rows:
            copy.write_row(row)


@cache
def _fields(model: type[models.Model]) -> "tuple[models.Field[Any, Any], ...]":
    return tuple(cast(Any, model._meta.local_concrete_fields))


@cache
def _type_of(field: "models.Field[Any, Any]") -> str:
    """The column's type, without its length."""
    named: str = field.db_parameters(connections[DEFAULT_DB_ALIAS])["type"] or ""
    plain, _, rest = named.partition("(")
    return plain + rest.partition(")")[2]


def _preparation(field: "models.Field[Any, Any]") -> Callable[[Any], Any] | None:
    """How a row's value of the field becomes what psycopg takes; None when it is that already."""
    if field.get_internal_type() in _PLAIN and not (
        getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False)
    ):
        return None
    connection = connections[DEFAULT_DB_ALIAS]
    return lambda row: field.get_db_prep_save(field.pre_save(row, True), connection)


def _give_keys(rows: Sequence[models.Model]) -> None:
    """Take the next numbers of the table's own sequence for the rows that have none."""
    connection = connections[DEFAULT_DB_ALIAS]
    meta = rows[0]._meta
    assert meta.pk is not None
    without = [row for row in rows if row.pk is None]
    if not without:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
            [connection.ops.quote_name(meta.db_table), meta.pk.column, len(without)],
        )
        keys = cursor.fetchall()
    for row, (key,) in zip(without, keys, strict=True):
        row.pk = key
        row._state.adding, row._state.db = False, connection.alias
