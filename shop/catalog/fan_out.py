"""What one change makes stale in many places, looked at again in batches and once however many changes asked for it.

Prices and stock come before texts, and what somebody publishes by hand does not stand in this queue at all: it is shown
between two batches.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import structlog
from django.db import connection
from django.db import transaction as django_transaction

from config.kernel.actors import Actor
from config.kernel.db import transaction_required
from config.kernel.errors import Busy
from config.kernel.events import emit
from shop.catalog.models import Depth
from shop.catalog.services import refresh, render_again, show
from shop.events import RenderingDue

# So few that whoever publishes something meanwhile waits for a fraction of a second, so many that the statements of a
# batch are shared by many.
BATCH: Final = 50

logger = structlog.get_logger(__name__)


@transaction_required
def note_figures(*, skus: Collection[str], by: Actor, now: datetime) -> None:
    """Let the prices and the availability of the products with these SKUs be looked at again, once for many changes.

    Emits RenderingDue unless that was asked for already.
    """
    _note(_NOTE_FIGURES, {"skus": list(skus), "depth": Depth.FIGURES}, by, now)


@transaction_required
def note_publications(*, product_refs: Collection[UUID], by: Actor, now: datetime) -> None:
    """Let what was published of these products be shown. Emits RenderingDue unless that was asked for already."""
    _note(_NOTE_PRODUCTS, {"refs": list(product_refs), "depth": Depth.PUBLICATIONS}, by, now)


@transaction_required
def note_word(*, word: str, by: Actor, now: datetime) -> None:
    """Let every product be rendered again that shows this word (`wording.word_of_…`). Emits RenderingDue."""
    _note(_NOTE_WORD, {"words": [word], "depth": Depth.TEXTS}, by, now)


def _note(statement: str, wanted: Mapping[str, Any], by: Actor, now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, wanted)
        noted = cursor.rowcount
    if noted:
        emit(RenderingDue(queue=_QUEUE), by=by, now=now)


_QUEUE: Final = "catalog"

# A row that somebody has just taken is waited for, and written anew: he may not have seen what changed.
_NOTE_FIGURES: Final = """
    INSERT INTO shop_stale (product_ref, depth)
    SELECT DISTINCT product_ref, %(depth)s::smallint FROM shop_availability WHERE sku = ANY(%(skus)s::text[])
    ORDER BY product_ref
    ON CONFLICT (product_ref, depth) DO NOTHING
"""
_NOTE_PRODUCTS: Final = """
    INSERT INTO shop_stale (product_ref, depth)
    SELECT DISTINCT product_ref, %(depth)s::smallint FROM unnest(%(refs)s::uuid[]) AS told (product_ref)
    ORDER BY product_ref
    ON CONFLICT (product_ref, depth) DO NOTHING
"""
_NOTE_WORD: Final = """
    INSERT INTO shop_stale (product_ref, depth)
    SELECT DISTINCT product_ref, %(depth)s::smallint
    FROM shop_showing WHERE words @> %(words)s::text[] AND NOT withdrawn
    ORDER BY product_ref
    ON CONFLICT (product_ref, depth) DO NOTHING
"""
_TAKE: Final = """
    DELETE FROM shop_stale WHERE id IN (
        SELECT id FROM shop_stale ORDER BY depth, id LIMIT %(batch)s FOR UPDATE SKIP LOCKED
    )
    RETURNING depth, product_ref
"""


@transaction_required
def render_some(*, by: Actor, now: datetime) -> None:
    """Take a batch of what is to be looked at again. Emits RenderingDue when there may be more.

    A product that cannot be rendered goes back to the end of the queue, and is logged as an error; the others do not
    wait for it. Locks the products' showings, in the order of their ids.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, {"batch": BATCH})
        taken: dict[Depth, list[UUID]] = {}
        for depth, product_ref in sorted(cursor.fetchall(), reverse=True):
            taken.setdefault(Depth(depth), []).append(product_ref)
    for depth, refs in taken.items():
        _look_again(depth, refs, by, now)
    if sum(map(len, taken.values())) == BATCH:
        emit(RenderingDue(queue=_QUEUE), by=by, now=now)


def _look_again(depth: Depth, refs: list[UUID], by: Actor, now: datetime) -> None:
    """All at once; when that fails, each by itself."""
    try:
        with django_transaction.atomic():
            _at_depth(depth, refs, by, now)
    except Busy:
        raise
    except Exception:
        if len(refs) > 1:
            for ref in refs:
                _look_again(depth, [ref], by, now)
            return
        logger.exception("a product cannot be rendered", product_ref=str(refs[0]), depth=depth.name)
        with connection.cursor() as cursor:
            cursor.execute(_NOTE_PRODUCTS, {"refs": refs, "depth": depth})


def _at_depth(depth: Depth, refs: list[UUID], by: Actor, now: datetime) -> None:
    match depth:
        case Depth.FIGURES:
            refresh(product_refs=refs)
        case Depth.PUBLICATIONS:
            show(product_refs=refs, by=by, now=now)
        case Depth.TEXTS:
            render_again(product_refs=refs, by=by, now=now)
