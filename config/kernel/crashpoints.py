"""Named points at which a test may kill this process, as a power cut would.

`CRASH_AT=name` (or `name:n` for the n-th passage) makes `crashpoint(name)` end the process by SIGKILL; otherwise the
call does nothing. Names are listed here, so that a test can walk over all of them.

A process that is replaced inherits the wish to die. With `CRASH_ONCE=path` only the first of all processes dies: the
one that makes that file.
"""

import os
import signal
from collections import Counter
from pathlib import Path
from typing import Final

CRASH_POINTS: Final = (
    "place.before_lock",
    "place.cart_locked",
    "place.stock_reserved",
    "place.order_created",
    "place.cart_consumed",
    "place.before_commit",
    "place.after_commit",
    "begin_payment.before_commit",
    "begin_payment.after_commit",
    "pay.before_call",
    "pay.after_call",
    "write_answer.before_commit",
    "write_answer.after_commit",
    "fail_attempt.before_commit",
    "fail_attempt.after_commit",
    "burn_attempt_key.before_commit",
    "burn_attempt_key.after_commit",
    "receive_message.before_commit",
    "receive_message.after_commit",
    "message.after_call",
    "settle_message.before_commit",
    "settle_message.after_commit",
    "refund_by_staff.before_commit",
    "refund_by_staff.after_commit",
    "operation.before_call",
    "operation.after_call",
    "burn_key.before_commit",
    "burn_key.after_commit",
    "settle_operation.before_commit",
    "settle_operation.after_commit",
    "expire.before_call",
    "expire.after_call",
    "end_unpaid_order.before_commit",
    "end_unpaid_order.after_commit",
    "dispatch.before_pack",
    "pack_parcel.before_commit",
    "pack_parcel.after_commit",
    "dispatch.shipment_opened",
    "keep_shipment.before_commit",
    "keep_shipment.after_commit",
    "dispatch.label_booked",
    "dispatch.stock_taken",
    "send_parcel.before_commit",
    "send_parcel.after_commit",
    "store_message.before_commit",
    "store_message.after_commit",
    "dispatcher.sequenced",
    "dispatcher.before_handler",
    "dispatcher.after_handler",
    "dispatcher.after_commit",
)

_passed: Counter[str] = Counter()


def crashpoint(name: str) -> None:
    """Die here if the environment says so; a no-op in every other process."""
    wanted = os.environ.get("CRASH_AT")
    if wanted is None:
        return
    wanted_name, _, wanted_passage = wanted.partition(":")
    if name != wanted_name:
        return
    _passed[name] += 1
    if _passed[name] == int(wanted_passage or 1) and _is_first(os.environ.get("CRASH_ONCE")):
        os.kill(os.getpid(), signal.SIGKILL)


def _is_first(token: str | None) -> bool:
    """Whether no process has made the file yet; then it is made, so exactly one process is told so."""
    if token is None:
        return True
    try:
        Path(token).touch(exist_ok=False)
    except FileExistsError:
        return False
    return True
