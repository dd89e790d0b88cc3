"""The steps of an import, each inside its caller's transaction: reading rows, then writing, linking and publishing."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import orjson
from django.db import connection

from config.kernel.actors import Actor
from config.kernel.events import emit_all
from config.kernel.memory import collector_rests
from pim.catalogue.models import Channel, Product
from pim.catalogue.news import news_of
from pim.catalogue.queries import list_untold, with_code
from pim.catalogue.writing import load, write
from pim.enrichment.services import assess
from pim.intake import applying, defining, linking
from pim.intake.applying import Words
from pim.intake.models import Import, ImportState, RefusalKind, RefusedRow, StagedRow
from pim.intake.ports import Kind, KnownAttribute, Left, Refused, Row
from pim.intake.readers import READERS
from pim.publishing.services import Campaign, open_campaign, publish_all
from pim.structure.models import Attribute

GROUPS_AT_A_TIME: Final = 200


def read(*, batch: Import, now: datetime) -> None:
    """Read the whole set into staged rows. Errors: BadSource."""
    rows = READERS[batch.reader].read(place=Path(batch.place), known=known_attributes())
    staging = _Staging(batch)
    columns = 'batch_id, "group", position, kind, file, line, code, parent, root, data'
    with (
        collector_rests(),
        connection.cursor() as cursor,
        cursor.copy(f"COPY pim_stagedrow ({columns}) FROM STDIN") as copy,
    ):
        for record in staging.records(rows):
            copy.write_row(record)
    batch.groups, batch.left, batch.has_links = staging.groups, staging.left, staging.has_links
    _refuse(batch, staging.refused)
    _refuse_doubles(batch)
    batch.move(to=ImportState.STAGED, now=now)


def define(*, batch: Import, by: Actor, now: datetime) -> None:
    """Write all definitions, and tell what changed in those there were."""
    rows: dict[Kind, list[StagedRow]] = {}
    for row in StagedRow.objects.filter(batch=batch, group=0).order_by("position"):
        rows.setdefault(Kind(row.kind), []).append(row)
    defined = defining.define(rows=rows)
    for kind, fates in defined.counts.items():
        for fate, number in fates.items():
            batch.count(kind=kind, fate=fate, number=number)
    _refuse(batch, defined.refused)
    emit_all(news_of(changed=defined.changed, asking=defined.asking), by=by, now=now)
    batch.move(to=ImportState.DEFINED, now=now)


def advance(*, batch: Import, words: Words, by: Actor, now: datetime) -> None:
    """Write, link or publish the next products, all of them whole; what an import that has ended does not need goes."""
    steps: dict[
        str, tuple[Callable[[Import, Sequence[StagedRow], Words, Actor, datetime], None], ImportState]
    ] = {
        ImportState.DEFINED: (_write_products, ImportState.WRITTEN),
        ImportState.WRITTEN: (_write_links, ImportState.LINKED),
        ImportState.LINKED: (_publish, ImportState.DONE),
    }
    if batch.state not in steps:
        return
    step, following = steps[batch.state]
    if not batch.has_links:  # then nothing that is written later is said in a publication
        step, following = _write_and_publish, ImportState.DONE
    upto = batch.position + GROUPS_AT_A_TIME
    rows = StagedRow.objects.filter(batch=batch, group__gt=batch.position, group__lte=upto)
    if batch.state == ImportState.WRITTEN:
        rows = rows.exclude(data__links={})
    if batch.state != ImportState.LINKED or batch.publishes:
        with collector_rests():
            step(batch, list(rows.order_by("group", "position")), words, by, now)
    batch.advance(position=min(upto, batch.groups), now=now)
    if upto >= batch.groups:
        batch.move(to=following, now=now)
    if batch.ended_at is not None:
        StagedRow.objects.filter(batch=batch).delete()


def known_attributes() -> dict[str, KnownAttribute]:
    """What readers are told of the attributes that are here, by lower-case code."""
    return {
        row.code.lower(): KnownAttribute(
            code=row.code, type=row.type, localisable=row.localisable, scopable=row.scopable
        )
        for row in Attribute.objects.all()
    }


class _Staging:
    """Numbers rows and puts those of one product into one group."""

    def __init__(self, batch: Import) -> None:
        self.batch = batch
        self.groups = 0
        self.left: dict[str, int] = {}
        self.refused: list[Refused] = []
        self.has_links = False
        self._groups: dict[str, tuple[int, str]] = {}  # of models, by lower-case code: group and root

    def records(self, read: Iterable[Row | Refused | Left]) -> Iterator[tuple[Any, ...]]:
        """The rows as the table wants them."""
        for position, row in enumerate(read):
            match row:
                case Refused():
                    self.refused.append(row)
                case Left():
                    self.left[row.what] = self.left.get(row.what, 0) + row.count
                case Row():
                    group, root = self._place(row)
                    self.has_links |= bool(row.data.get("links"))
                    yield (
                        self.batch.pk,
                        group,
                        position,
                        str(row.kind),
                        row.file,
                        row.line,
                        row.code,
                        row.parent,
                        root,
                        orjson.dumps(row.data).decode(),
                    )

    def _place(self, row: Row) -> tuple[int, str]:
        if row.kind not in {Kind.MODEL, Kind.PRODUCT}:
            return 0, ""
        above = self._groups.get(row.parent.lower()) if row.parent else None
        if above is None:
            self.groups += 1
            above = (self.groups, row.parent or row.code)
            if row.parent:  # it may be there already, with other rows of this set below it
                self._groups[row.parent.lower()] = above
        if row.kind is Kind.MODEL:
            self._groups[row.code.lower()] = above
        return above


def _refuse(batch: Import, refused: Iterable[Refused], kind: str = RefusalKind.ROW) -> None:
    RefusedRow.objects.bulk_create(
        RefusedRow(
            batch=batch,
            kind=kind,
            file=each.file,
            line=each.line,
            column=each.column,
            code=each.code,
            reason=each.reason,
            detail=each.detail,
        )
        for each in refused
    )


_DOUBLES: Final = """
    WITH numbered AS (
        SELECT id, count(*) OVER (PARTITION BY kind, lower(code), lower(data->>'attribute')) AS times
        FROM pim_stagedrow WHERE batch_id = %s
    ), gone AS (
        DELETE FROM pim_stagedrow USING numbered
        WHERE pim_stagedrow.id = numbered.id AND numbered.times > 1
        RETURNING pim_stagedrow.file, pim_stagedrow.line, pim_stagedrow.code
    )
    SELECT file, line, code FROM gone ORDER BY file, line
"""


def _refuse_doubles(batch: Import) -> None:
    """A code that several rows claim belongs to none of them: nobody can know which is meant."""
    with connection.cursor() as cursor:
        cursor.execute(_DOUBLES, [batch.pk])
        doubles = cursor.fetchall()
    detail = "Several rows of the file have this code."
    _refuse(
        batch,
        [
            Refused(file=file, line=line, column="", reason="duplicate_code", detail=detail, code=code)
            for file, line, code in doubles
        ],
    )


def _write_products(batch: Import, rows: Sequence[StagedRow], words: Words, by: Actor, now: datetime) -> None:
    roots = applying.roots_of(rows=rows)
    codes = {code.lower() for code in _codes(rows, roots)}
    saved = load(codes=codes)
    judged = applying.judge(rows=rows, roots=roots, saved=saved, words=words)
    write(writes=judged.writes, definitions=words.definitions, by=by, now=now)
    assess(product_ids=set(with_code(Product, codes).values_list("pk", flat=True)), now=now)
    new = sum(each.saved is None for each in judged.writes)
    batch.count(kind="rows", fate="read", number=judged.rows)
    batch.count(kind="products", fate="created", number=new)
    batch.count(kind="products", fate="changed", number=len(judged.writes) - new)
    batch.count(kind="products", fate="same", number=len(saved) - (len(judged.writes) - new))
    batch.count(kind="media", fate="found", number=judged.media_found)
    batch.count(kind="media", fate="missing", number=judged.media_missing)
    _refuse(batch, judged.refused)


def _write_and_publish(
    batch: Import, rows: Sequence[StagedRow], words: Words, by: Actor, now: datetime
) -> None:
    _write_products(batch, rows, words, by, now)
    if batch.publishes:
        _publish(batch, rows, words, by, now)


def _write_links(batch: Import, rows: Sequence[StagedRow], words: Words, by: Actor, now: datetime) -> None:
    if not rows:
        return
    roots = applying.roots_of(rows=rows)
    saved = load(codes=_codes(rows, roots))
    untold = list_untold(products=[each.row for each in saved.values()])
    judged = linking.judge_links(rows=rows, roots=roots, saved=saved, untold=untold, words=words)
    write(writes=judged.writes, definitions=words.definitions, by=by, now=now)
    linked = sum(each.saved is not None and each.saved.form != each.form for each in judged.writes)
    batch.count(kind="links", fate="changed", number=linked)
    _refuse(batch, judged.refused)


def _publish(batch: Import, rows: Sequence[StagedRow], words: Words, by: Actor, now: datetime) -> None:
    """Publish to every channel; what a definition's change makes different is published again."""
    campaign: Campaign = open_campaign(channels=list(Channel.objects.values_list("code", flat=True)))
    again = any(
        fates.get("changed")
        for kind, fates in batch.counts.items()
        if kind in {Kind.CHANNEL, Kind.ATTRIBUTE, Kind.CATEGORY, Kind.FAMILY}
    )
    roots = applying.roots_of(rows=rows)
    outcome = publish_all(campaign=campaign, codes=_codes(rows, roots), again=again, by=by, now=now)
    batch.count(kind="publications", fate="published", number=outcome.published)
    batch.count(kind="publications", fate="held back", number=len(outcome.held_back))
    first = {row.root.lower(): row for row in reversed(rows)}
    _refuse(
        batch,
        [
            Refused(
                file=first[held.code.lower()].file if held.code.lower() in first else "",
                line=first[held.code.lower()].line if held.code.lower() in first else 0,
                column=each.pointer,
                reason=each.code,
                detail=f"{held.channel}: {each.detail}",
                code=held.code,
            )
            for held in outcome.held_back
            for each in held.obstacles
        ],
        RefusalKind.PUBLICATION,
    )


def _codes(rows: Iterable[StagedRow], roots: dict[str, str]) -> set[str]:
    """The products that the rows belong to."""
    return {roots.get(row.root.lower(), row.root) for row in rows}
