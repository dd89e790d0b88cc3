"""Reading imports."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from config.kernel.errors import NotFound
from pim.intake.models import Import, ImportState, RefusedRow

# Which part of the work a step is, as shares of the whole.
_BEFORE = {
    ImportState.WAITING: 0,
    ImportState.STAGED: 5,
    ImportState.DEFINED: 10,
    ImportState.WRITTEN: 60,
    ImportState.LINKED: 65,
    ImportState.DONE: 100,
}
_SHARE = {ImportState.DEFINED: 50, ImportState.WRITTEN: 5, ImportState.LINKED: 35}


@dataclass(frozen=True, kw_only=True)
class ImportValue:
    """How far an import has come. `counts` are {kind: {fate: number}}; `percent` is an estimate by products."""

    import_id: UUID
    reader: str
    place: str
    all_or_none: bool
    state: str
    percent: int
    products: int
    counts: Mapping[str, Mapping[str, int]]
    left: Mapping[str, int]
    refused_rows: int
    problem: Mapping[str, Any] | None
    created_at: datetime
    ended_at: datetime | None

    @property
    def wrote_nothing(self) -> bool:
        """Whether everything was so already."""
        return not any(
            fates.get(fate) for fates in self.counts.values() for fate in ("created", "changed", "published")
        )


def get_import(*, import_id: UUID) -> ImportValue:
    """The import of that public id. Errors: NotFound."""
    row = Import.objects.filter(public_id=import_id).first()
    if row is None:
        raise NotFound
    return import_value(row)


def import_value(row: Import) -> ImportValue:
    """What others may know of the import."""
    return ImportValue(
        import_id=row.public_id,
        reader=row.reader,
        place=row.place,
        all_or_none=row.all_or_none,
        state=row.state,
        percent=_percent(row),
        products=row.groups,
        counts=row.counts,
        left=row.left,
        refused_rows=row.refusals.filter(kind="row").values("file", "line").distinct().count(),
        problem=row.problem,
        created_at=row.created_at,
        ended_at=row.ended_at,
    )


def _percent(row: Import) -> int:
    state = ImportState(row.state)
    whole = _SHARE.get(state, 0) if row.has_links else 90  # what has no links is published as it is written
    share = whole * row.position // row.groups if row.groups else 0
    return _BEFORE.get(state, 0) + share


def list_refusals(*, import_id: UUID) -> QuerySet[RefusedRow]:
    """What the import refused, in the order of files and lines."""
    return RefusedRow.objects.filter(batch__public_id=import_id).order_by("file", "line", "id")


def find_unfinished(*, digest: str, all_or_none: bool) -> Import | None:
    """The import of this very set, in this mode, that was begun and has not ended."""
    ended = (ImportState.DONE, ImportState.FAILED)
    begun = Import.objects.filter(digest=digest, all_or_none=all_or_none)
    return begun.exclude(state__in=ended).order_by("-id").first()
