"""Statements that every shopper's request sends: planned once by each connection, and sent by the shortest way.

Django puts values into the text of a statement, so PostgreSQL parses and plans it anew each time, which for these takes
several times as long as carrying them out. Here values travel beside the text, which PostgreSQL keeps.

They are handed to libpq itself, past Django's cursor and psycopg's, which together need longer for a small statement
than PostgreSQL does. psycopg prepares nothing by itself: after a rollback it would have the server forget ours too.

None may say `SELECT *`: PostgreSQL refuses a kept plan whose columns have become others, as by a migration.
"""

import functools
import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from itertools import count
from typing import Any, Final

import psycopg
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.utils import CursorDebugWrapper
from psycopg import pq
from psycopg.adapt import PyFormat, Transformer
from psycopg.pq.abc import PGresult

from config.kernel.postgresql.libpq import checked

Row = tuple[Any, ...]
Values = Sequence[Any] | Mapping[str, Any]

_PLACE: Final = re.compile(r"%(?:\((?P<name>\w+)\))?s|%%")
_KEPT: Final = 200  # statements by each connection; a plan takes some tens of kilobytes there
_KEEPS_PLANS: Final = bool(settings.PREPARES_STATEMENTS)
_HERE: Final = "_polku_session"
_number = count(1)


class Prepared:
    """A statement of fixed text, with a `%s` for each value or `%(name)s`, as cursors have them.

    PostgreSQL takes a value's type from where it stands, so one that stands nowhere in particular says it:
    `%s::uuid`. Values are those that psycopg knows.
    """

    def __init__(self, text: str, *, binary: bool = False, keeps_plan: bool = True) -> None:
        """Answers come as text, which is what Django's readers know, or as they are stored.

        A statement about many rows at once does not keep its plan: planning is little beside its work, and a plan
        made while a table was small would read all of it once it is large.
        """
        self.text: Final = text
        self._format: Final = pq.Format.BINARY if binary else pq.Format.TEXT
        self._name: Final = f"polku_{next(_number)}".encode() if keeps_plan else None
        self._keys: list[str] = []
        self._places = 0
        self._sent: Final = _PLACE.sub(self._numbered, text).encode()

    def _numbered(self, place: re.Match[str]) -> str:
        if place[0] == "%%":
            return "%"
        name = place["name"]
        if name is None or not _KEEPS_PLANS:
            self._places += 1
            return f"${self._places}"
        if name not in self._keys:
            self._keys.append(name)
        return f"${self._keys.index(name) + 1}"

    def fetch_all(self, values: Values = ()) -> list[Row]:
        """The rows of its answer."""
        session, answer = self._ask(values)
        session.transformer.set_pgresult(answer)
        return session.transformer.load_rows(0, answer.ntuples, tuple)

    def fetch_one(self, values: Values = ()) -> Row | None:
        """The first row of its answer, if there is one."""
        rows = self.fetch_all(values)
        return rows[0] if rows else None

    def run(self, values: Values = ()) -> int:
        """Carry it out; how many rows it changed."""
        return self._ask(values)[1].command_tuples or 0

    def _ask(self, values: Values) -> tuple["_Session", PGresult]:
        """Errors: those of Django's cursors."""
        django = connections[DEFAULT_DB_ALIAS]  # its proxy would look it up for each of the following
        django.close_if_health_check_failed()
        django.ensure_connection()
        django.validate_no_broken_transaction()
        given = [values[key] for key in self._keys] if isinstance(values, Mapping) else values
        with django.wrap_database_errors:
            session = _session_of(django.connection)
            if django.queries_logged or django.execute_wrappers:
                return session, self._ask_watched(django, session, values, given)
            return session, session.ask(self._name, self._sent, given, self._format)

    def _ask_watched(
        self, django: Any, session: "_Session", values: Values, given: Sequence[Any]
    ) -> PGresult:
        """As a cursor of Django's that notes what it does: for tests, and for whoever looks for slow statements."""

        def ask(*_: Any) -> PGresult:
            said = psycopg.ClientCursor(django.connection).mogrify(self.text, values)
            with CursorDebugWrapper(None, django).debug_sql(said) if django.queries_logged else nullcontext():
                return session.ask(self._name, self._sent, given, self._format)

        for wrapper in reversed(django.execute_wrappers):
            ask = functools.partial(wrapper, ask)
        return ask(self.text, values, False, {"connection": django, "cursor": None})


class _Session:
    """What one connection knows: which statements its server has planned, and how values are written and read."""

    def __init__(self, held: "psycopg.Connection[Any]") -> None:
        self.transformer = Transformer(held)
        self._server = held.pgconn
        self._planned: OrderedDict[bytes, None] = OrderedDict()

    def ask(self, name: bytes | None, text: bytes, values: Sequence[Any], form: pq.Format) -> PGresult:
        """The server's answer. Errors: psycopg's."""
        sent: Any = self.transformer.dump_sequence(values, [PyFormat.TEXT] * len(values)) if values else ()
        if name is None or not _KEEPS_PLANS:
            return checked(self._server, self._server.exec_params(text, sent, result_format=form))
        if name in self._planned:
            self._planned.move_to_end(name)
        else:
            self._plan(name, text)
        return checked(self._server, self._server.exec_prepared(name, sent, result_format=form))

    def _plan(self, name: bytes, text: bytes) -> None:
        while len(self._planned) >= _KEPT:
            checked(self._server, self._server.exec_(b"DEALLOCATE %b" % self._planned.popitem(last=False)[0]))
        checked(self._server, self._server.prepare(name, text))
        self._planned[name] = None


def _session_of(held: "psycopg.Connection[Any]") -> _Session:
    # On the connection itself, since the two refer to each other and end together.
    session: _Session | None = vars(held).get(_HERE)
    if session is None:
        session = vars(held)[_HERE] = _Session(held)
    return session


@functools.lru_cache(maxsize=_KEPT)
def _prepared(text: str, *, keeps_plan: bool = True) -> Prepared:
    return Prepared(text, binary=True, keeps_plan=keeps_plan)


def fetch_all(*, statement: str, parameters: Values, keeps_plan: bool = True) -> list[Row]:
    """The rows of a statement that reads and whose text is made up of fixed parts; bytes come as they are stored."""
    return _prepared(statement, keeps_plan=keeps_plan).fetch_all(parameters)


def write_all(*, statement: str, parameters: Values) -> None:
    """Run a statement that writes what long arrays say: they are neither quoted here nor parsed there."""
    _prepared(statement, keeps_plan=False).run(parameters)
