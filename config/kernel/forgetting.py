"""What had its time is removed: a little at once, so that nobody waits for it and a stop in between costs nothing."""

from datetime import datetime
from typing import Any, Final

from django.db.models import QuerySet

from config.kernel.models import Delivery

BATCH: Final = 1000  # rows; a few milliseconds


def forget(rows: QuerySet[Any], *, at_once: int = BATCH) -> int:
    """Remove all of these rows, each batch by a statement of its own; how many. They come in the order of an index."""
    removed = 0
    while keys := list(rows.values_list("pk", flat=True)[:at_once]):
        rows.order_by().filter(pk__in=keys).delete()  # what was renewed meanwhile is none of them any more
        removed += len(keys)
    return removed


def forget_old_receipts(*, handled_before: datetime, at_once: int = BATCH) -> int:
    """Remove the receipts of deliveries that were handled before that; how many.

    What is still due stays, however old it is. The events themselves stay too, and none of them is delivered again:
    deliveries are made when an event gets its position, once. Receipts are walked through in the order in which they
    were made, which is nearly that of their handling, so that no index of moments is needed: the walk ends where a
    batch holds nothing that is old and something that is not.
    """
    removed = walked = 0
    while True:
        batch = list(
            Delivery.objects.filter(pk__gt=walked).order_by("pk").values_list("pk", "handled_at")[:at_once]
        )
        old = [pk for pk, handled_at in batch if handled_at is not None and handled_at < handled_before]
        Delivery.objects.filter(pk__in=old).delete()
        removed += len(old)
        is_recent = not old and any(handled_at is not None for _, handled_at in batch)
        if is_recent or len(batch) < at_once:
            return removed
        walked = batch[-1][0]
