"""Pages of lists: by number where a shopper leafs, by cursor where a list has no end.

A page number is convenient and lies when rows come and go between two requests; a cursor says after which row to go on,
so it neither repeats nor skips (`api.md` 10 and 11). A cursor is signed for one list and one caller.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from django.core import signing
from django.db.models import Field, Model, QuerySet
from rest_framework import serializers

from config.kernel.errors import InvalidInput, invalid
from config.kernel.rest.inputs import NumberField, PatternField, Query

M = TypeVar("M", bound=Model)

MAX_LIMIT: Final = 100
_LAST_PAGE: Final = 100_000  # so that an offset stays a number PostgreSQL can count to in reasonable time


class TokenField(PatternField):
    """A cursor in a parameter; what is in it concerns only who made it."""

    wrong = "invalid_page"
    absent = frozenset({"required"})
    default_error_messages = {"invalid_page": "This is not a cursor of ours."}

    def matches(self, value: str) -> bool:
        return 0 < len(value) <= 500 and value.isascii() and value.isprintable()


class SortField(serializers.ChoiceField):
    """`?sort=`: one of the orders the list knows; a minus means descending."""

    default_error_messages = {"unknown_filter": "This list cannot be sorted so."}

    def to_internal_value(self, data: Any) -> Any:
        if data not in self.choices:
            self.fail("unknown_filter")
        return data


class PageQuery(Query):
    """`?page=2&limit=24`: for lists a shopper leafs through."""

    page = NumberField(min_value=1, max_value=_LAST_PAGE, default=1)
    limit = NumberField(min_value=1, max_value=MAX_LIMIT, default=24)


class CursorQuery(Query):
    """`?after=…&limit=50`: for lists without an end; `after` is the previous answer's `next_after`."""

    after = TokenField(required=False)
    limit = NumberField(min_value=1, max_value=MAX_LIMIT, default=50)


@dataclass(frozen=True, kw_only=True)
class Slice(Generic[M]):
    """Some rows of an endless list, and the cursor that goes on after them (None at the end)."""

    rows: Sequence[M]
    next_after: str | None


def page_after(rows: QuerySet[M], *, key: str, wanted: Mapping[str, Any], scope: str) -> Slice[M]:
    """The next rows in the order of `key`, a unique column, or of `-key`; `wanted` is what a `CursorQuery` read.

    `scope` names the list and, where it is somebody's, whose: a cursor of another scope is no cursor.
    Errors: InvalidInput with `invalid_page`.
    """
    name, further = (key[1:], "lt") if key.startswith("-") else (key, "gt")
    if cursor := wanted.get("after"):
        column = rows.model._meta.get_field(name)
        assert isinstance(column, Field)
        try:
            position = column.to_python(open_cursor(scope=scope, cursor=cursor))
        except (TypeError, ValueError):
            raise _not_a_cursor()
        rows = rows.filter(**{f"{name}__{further}": position})
    limit = wanted["limit"]
    found = list(rows.order_by(key)[: limit + 1])
    more = len(found) > limit
    found = found[:limit]
    return Slice(
        rows=found, next_after=seal_cursor(scope=scope, position=getattr(found[-1], name)) if more else None
    )


def seal_cursor(*, scope: str, position: Any) -> str:
    """A cursor after `position`; it can be read, but not altered or used on another list."""
    return signing.dumps(str(position), salt=f"cursor:{scope}")


def open_cursor(*, scope: str, cursor: str) -> str:
    """The position. Errors: InvalidInput with `invalid_page` when we did not seal it for this scope."""
    try:
        return str(signing.loads(cursor, salt=f"cursor:{scope}"))
    except (signing.BadSignature, ValueError):
        raise _not_a_cursor()


def _not_a_cursor() -> InvalidInput:
    return invalid("?after", "invalid_page", "`after` must be the `next_after` of an answer of this list.")
