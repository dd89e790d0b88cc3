"""Who wrote what: one row per committed use case, in its transaction. Read by operators, altered by nobody."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson

from config.kernel.actors import Actor
from config.kernel.context import request_id
from config.kernel.prepared import Prepared

_NAMES_AN_OBJECT = ("_id", "_ref", "sku", "slug", "channel", "location")


# Written with every use case, so it goes to the database as it is. Its values are those of `values_of`.
INSERT: Final = Prepared(
    """
    INSERT INTO kernel_auditentry
        (action, subject, actor_kind, actor_ref, actor_label, actor_store, actor_device, request_id, done_at)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
    """
)


def values_of(*, action: str, by: Actor, arguments: Mapping[str, Any], now: datetime) -> list[Any]:
    """What notes that `by` did `action`.

    Of the arguments only ids are kept, never what a person typed.
    """
    subject = {
        name: str(value)
        for name, value in arguments.items()
        if name.endswith(_NAMES_AN_OBJECT) and isinstance(value, str | int | UUID)
    }
    return [
        action,
        orjson.dumps(subject).decode(),
        by.kind,
        by.ref,
        by.label,
        by.store,
        by.device,
        request_id.get(),
        now,
    ]


def record(*, action: str, by: Actor, arguments: Mapping[str, Any], now: datetime) -> None:
    """Note that `by` did `action`, outside of what `@transaction` notes by itself."""
    INSERT.run(values_of(action=action, by=by, arguments=arguments, now=now))
