"""Bringing a whole catalogue in.

An import goes from state to state (`ImportState`), each step in transactions of some hundred products. A step that was
interrupted is done again from the last transaction that was committed, so a killed import goes on where it was.
"""

import hashlib
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from django.conf import settings

from config.kernel.actors import Actor
from config.kernel.db import commit_lazily, lock, outside_transaction, transaction
from config.kernel.errors import FieldError, NotFound
from config.kernel.events import emit
from config.kernel.values import to_json
from pim.events import ImportRequested
from pim.intake import applying, steps
from pim.intake.applying import Words
from pim.intake.media import MediaShelf
from pim.intake.models import Import, ImportState, RefusalKind, RefusedRow
from pim.intake.ports import BadSource
from pim.intake.queries import ImportValue, find_unfinished, get_import, import_value
from pim.intake.readers import READERS, find_reader

_SET_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}", re.ASCII)


@transaction
def start_import(*, place: str, publishes: bool, by: Actor, now: datetime, all_or_none: bool = False) -> UUID:
    """Begin with the set at `place`, or go on with the import of this very set that was interrupted.

    A row that cannot be taken is refused and the rest goes on; with `all_or_none` nothing of such a set is taken.
    Errors: BadSource when no reader recognises it.
    """
    return _begin(place, publishes, all_or_none, by, now).public_id


@transaction
def request_import(
    *, set_name: str, publishes: bool, by: Actor, now: datetime, all_or_none: bool = False
) -> ImportValue:
    """Have a worker bring in the set of that name in the imports' directory; emits ImportRequested.

    What is wrong with its files as such is found out at once, as far as their beginnings tell.
    Errors: BadSource, also when there is no such set, when its name leads elsewhere, or when no reader recognises it.
    """
    place = settings.IMPORT_DIR / set_name
    if not _SET_NAME.fullmatch(set_name) or not place.resolve().is_relative_to(settings.IMPORT_DIR.resolve()):
        raise _bad_place("unsafe_path", "A set is named by its directory among the imports.")
    if not place.exists():
        raise _bad_place("unknown_set", "There is no such set among the imports.")
    batch = _begin(str(place), publishes, all_or_none, by, now)
    READERS[batch.reader].check(place=place, known=steps.known_attributes())
    emit(ImportRequested(import_id=batch.public_id), by=by, now=now)
    return import_value(batch)


def _bad_place(code: str, detail: str) -> BadSource:
    return BadSource([FieldError(pointer="/set", code=code, detail=detail)])


def _begin(place: str, publishes: bool, all_or_none: bool, by: Actor, now: datetime) -> Import:
    directory = Path(place)
    reader = find_reader(place=directory)
    if reader is None:
        raise _bad_place("unknown_format", "No reader knows this kind of set.")
    digest = _digest(directory)
    return find_unfinished(digest=digest, all_or_none=all_or_none) or Import.objects.create(
        reader=reader.name,
        place=str(directory),
        digest=digest,
        publishes=publishes,
        all_or_none=all_or_none,
        actor=to_json(by),
        created_at=now,
        changed_at=now,
    )


def _digest(place: Path) -> str:
    """Over names and contents of the set's files."""
    digest = hashlib.sha256()
    for path in [place] if place.is_file() else sorted(place.iterdir()):
        if path.is_file():
            digest.update(path.name.encode())
            with path.open("rb") as opened:
                digest.update(hashlib.file_digest(opened, "sha256").digest())
    return digest.hexdigest()


@outside_transaction
def run_import(
    *,
    import_id: UUID,
    by: Actor,
    now: datetime,
    tell: Callable[[ImportValue], None] | None = None,
) -> ImportValue:
    """Take every step that is left; `tell` is told after each piece.

    A set that cannot be read ends as failed, with the problem. Errors: NotFound.
    """
    words: Words | None = None
    while (found := get_import(import_id=import_id)).ended_at is None:
        if found.state == ImportState.WAITING:
            try:
                stage_rows(import_id=import_id, by=by, now=now)
            except BadSource as refused:
                fail_import(import_id=import_id, problem=_problem(refused), by=by, now=now)
        elif found.state == ImportState.STAGED and found.all_or_none:
            try:
                write_all(import_id=import_id, by=by, now=now)
            except RowsRefused as refused:
                give_up(import_id=import_id, refusals=refused.refusals, by=by, now=now)
        elif found.state == ImportState.STAGED:
            write_definitions(import_id=import_id, by=by, now=now)
        else:
            words = words or applying.load_words(media=_media(found.place))
            take_step(import_id=import_id, words=words, by=by, now=now)
        if tell is not None:
            tell(found)
    return found


def _media(place: str) -> MediaShelf:
    path = Path(place)
    return MediaShelf(source=path if path.is_dir() else path.parent, root=settings.MEDIA_ROOT)


def _problem(refused: BadSource) -> dict[str, Any]:
    return {
        "code": refused.code,
        "errors": [
            {"pointer": each.pointer, "code": each.code, "detail": each.detail} for each in refused.errors
        ],
    }


@transaction
def fail_import(*, import_id: UUID, problem: dict[str, Any], by: Actor, now: datetime) -> None:
    """End the import without a result. Errors: NotFound, IllegalMove."""
    _locked(import_id).fail(problem=problem, now=now)


def _locked(import_id: UUID) -> Import:
    """The import, held until the transaction ends: two runners of one import take turns."""
    rows = lock(Import.objects.filter(public_id=import_id))
    if not rows:
        raise NotFound
    return rows[0]


@transaction
def stage_rows(*, import_id: UUID, by: Actor, now: datetime) -> None:
    """Read the whole set into staged rows, all or nothing. Errors: BadSource, NotFound."""
    batch = _locked(import_id)
    if batch.state == ImportState.WAITING:
        steps.read(batch=batch, now=now)
        commit_lazily()


@transaction
def write_definitions(*, import_id: UUID, by: Actor, now: datetime) -> None:
    """Write attributes, families, categories, channels: all that products are judged by. Errors: NotFound."""
    batch = _locked(import_id)
    if batch.state == ImportState.STAGED and not batch.all_or_none:
        steps.define(batch=batch, by=by, now=now)


@transaction
def take_step(*, import_id: UUID, words: Words, by: Actor, now: datetime) -> None:
    """Write, link or publish the next products, all of them whole. Errors: NotFound."""
    batch = _locked(import_id)
    steps.advance(batch=batch, words=words, by=by, now=now)
    if batch.ended_at is None:
        commit_lazily()  # who is told that it has ended can rely on it


class RowsRefused(Exception):
    """An import that takes all rows or none has met one that it cannot take; `refusals` are all of them."""

    def __init__(self, refusals: list[RefusedRow]) -> None:
        super().__init__(len(refusals))
        self.refusals = refusals


@transaction
def write_all(*, import_id: UUID, by: Actor, now: datetime) -> None:
    """Write definitions, products and links in this one transaction, for an import that takes all rows or none.

    Every row is judged before it gives up, so that all refusals are known. Errors: RowsRefused, NotFound.
    """
    batch = _locked(import_id)
    if batch.state != ImportState.STAGED or not batch.all_or_none:
        return
    steps.define(batch=batch, by=by, now=now)
    words = applying.load_words(media=_media(batch.place))
    while batch.state in {ImportState.DEFINED, ImportState.WRITTEN}:
        steps.advance(batch=batch, words=words, by=by, now=now)
    refusals = list(batch.refusals.filter(kind=RefusalKind.ROW))
    if refusals:
        raise RowsRefused(refusals)


@transaction
def give_up(*, import_id: UUID, refusals: Sequence[RefusedRow], by: Actor, now: datetime) -> None:
    """End an import of which nothing was written, with everything that it refused. Errors: NotFound."""
    batch = _locked(import_id)
    batch.refusals.all().delete()
    for row in refusals:
        row.pk = None
    RefusedRow.objects.bulk_create(refusals)
    batch.rows.all().delete()
    rows = len({(row.file, row.line) for row in refusals})
    error = {"pointer": "", "code": "rows_refused", "detail": f"{rows} rows were refused, so none was taken."}
    batch.fail(problem={"code": "rows_refused", "errors": [error]}, now=now)
