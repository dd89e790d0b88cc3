"""What one change makes stale in many places, looked at again in batches and once however many changes asked for it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import connection

from config.kernel.actors import Actor
from config.kernel.db import transaction_required
from config.kernel.events import emit
from shop.catalog.services import render_again
from shop.events import RenderingDue

# So few that whoever publishes something meanwhile waits for a fraction of a second.
BATCH: Final = 10


@transaction_required
def note_figures(*, sku: str, by: Actor, now: datetime) -> None:
    """Let the prices and the availability of the product with this SKU be looked at again, once for many changes.

    Emits RenderingDue unless that was asked for already.
    """
    _note(_NOTE_FIGURES, {"sku": sku}, by, now)


@transaction_required
def note_word(*, word: str, by: Actor, now: datetime) -> None:
    """Let every product be rendered again that shows this word (`wording.word_of_…`). Emits RenderingDue."""
    _note(_NOTE_WORD, {"words": [word]}, by, now)


def _note(statement: str, wanted: Mapping[str, Any], by: Actor, now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, wanted)
        noted = cursor.rowcount
    if noted:
        emit(RenderingDue(queue=_QUEUE), by=by, now=now)


_QUEUE: Final = "catalog"

# A row that somebody has just taken is waited for, and written anew: he may not have seen what changed.
_NOTE_FIGURES: Final = """
    INSERT INTO shop_stale (product_ref, texts)
    SELECT DISTINCT product_ref, false FROM shop_availability WHERE sku = %(sku)s
    ORDER BY product_ref
    ON CONFLICT (product_ref) DO NOTHING
"""
_NOTE_WORD: Final = """
    INSERT INTO shop_stale AS stale (product_ref, texts)
    SELECT DISTINCT product_ref, true FROM shop_showing WHERE words @> %(words)s::text[] AND NOT withdrawn
    ORDER BY product_ref
    ON CONFLICT (product_ref) DO UPDATE SET texts = true WHERE NOT stale.texts
"""
_TAKE: Final = """
    DELETE FROM shop_stale WHERE id IN (
        SELECT id FROM shop_stale ORDER BY id LIMIT %(batch)s FOR UPDATE SKIP LOCKED
    )
    RETURNING product_ref, texts
"""


@transaction_required
def render_some(*, by: Actor, now: datetime) -> None:
    """Take a batch of what is to be looked at again. Emits RenderingDue when there may be more.

    Locks the products' showings, in the order of their ids.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, {"batch": BATCH})
        taken: list[tuple[UUID, bool]] = sorted(cursor.fetchall())
    for product_ref, texts in taken:
        render_again(product_ref=product_ref, texts=texts, by=by, now=now)
    if len(taken) == BATCH:
        emit(RenderingDue(queue=_QUEUE), by=by, now=now)
