"""Who wrote what: one row per committed use case, in its transaction. Read by operators, altered by nobody."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from config.kernel.actors import Actor
from config.kernel.context import request_id
from config.kernel.models import AuditEntry

_NAMES_AN_OBJECT = ("_id", "_ref", "sku", "slug", "channel", "location")


def record(*, action: str, by: Actor, arguments: Mapping[str, Any], now: datetime) -> None:
    """Note that `by` did `action`; of the arguments only ids are kept, never what a person typed."""
    subject = {
        name: str(value)
        for name, value in arguments.items()
        if name.endswith(_NAMES_AN_OBJECT) and isinstance(value, str | int | UUID)
    }
    AuditEntry.objects.create(
        action=action,
        subject=subject,
        actor_kind=by.kind,
        actor_ref=by.ref,
        actor_label=by.label,
        actor_store=by.store,
        actor_device=by.device,
        request_id=request_id.get(),
        done_at=now,
    )
