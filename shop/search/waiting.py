"""Products that were rendered in the mass are found once they have all been shown.

What a shopper reads comes first: finding needs dictionaries and words, and takes as much work as rendering. While an
import or a rename goes on, its products wait here; a word that a thousand of them use is learnt once.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import connection

from config.kernel.actors import Actor
from config.kernel.db import transaction, transaction_required
from config.kernel.events import emit
from shop.events import IndexingDue
from shop.search.services import index_documents

QUIET_S: Final = 5  # a mass is complete when nothing has joined it for so long
LONGEST_S: Final = 60  # and whatever still comes, nothing waits for longer
BATCH: Final = 100

_QUEUE: Final = "search"

_NOTE: Final = """
    INSERT INTO shop_unindexed (product_ref, content_scope, noted_at)
    SELECT product_ref, %(scope)s, clock_timestamp() FROM unnest(%(refs)s::uuid[]) AS told (product_ref)
"""
# With each product all of its rows that are there by now; its listing is read afterwards, and what comes later stays.
_TAKE: Final = """
    WITH wait AS (
        SELECT max(noted_at) < clock_timestamp() - make_interval(secs => %(quiet_s)s) OR
            min(noted_at) < clock_timestamp() - make_interval(secs => %(longest_s)s) AS is_over
        FROM shop_unindexed
    ), chosen AS (
        SELECT DISTINCT product_ref, content_scope FROM (
            SELECT product_ref, content_scope FROM shop_unindexed, wait WHERE is_over ORDER BY id LIMIT %(batch)s
        ) first
    )
    DELETE FROM shop_unindexed WHERE id IN (
        SELECT each.id FROM shop_unindexed each JOIN chosen USING (product_ref, content_scope)
        FOR UPDATE OF each SKIP LOCKED
    )
    RETURNING content_scope, product_ref
"""


@transaction_required
def note_products(*, content_scope: str, product_refs: Collection[UUID], by: Actor, now: datetime) -> None:
    """Let these products be found by what their listings say, once no more of them come. Emits IndexingDue.

    Each call is answered, some seconds later; only the last one of a mass finds that it has become quiet.
    """
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, {"scope": content_scope, "refs": list(product_refs)})
    emit(IndexingDue(queue=_QUEUE, after_s=QUIET_S + 1), by=by, now=now)


@transaction
def index_waiting(*, by: Actor, now: datetime) -> None:
    """Let the next of those that wait be found, unless more are still coming. Emits IndexingDue when there may be more.

    Emits as `index_products`.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, {"batch": BATCH, "quiet_s": QUIET_S, "longest_s": LONGEST_S})
        taken: dict[str, list[UUID]] = {}
        for scope, product_ref in sorted(set(cursor.fetchall())):
            taken.setdefault(scope, []).append(product_ref)
    for scope, refs in taken.items():
        index_documents(content_scope=scope, product_refs=refs, by=by, now=now)
    if taken:
        emit(IndexingDue(queue=_QUEUE, after_s=0), by=by, now=now)
