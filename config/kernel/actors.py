"""Who did it: an actor goes with every write, and stands on what was written.

An actor is a value, not a row: it outlives the account it came from. `ref` is a public id (of a user or an API key)
or a name of our own machinery; it is never shown to shoppers, `label` is.
"""

from dataclasses import dataclass
from enum import StrEnum


class ActorKind(StrEnum):
    """In which capacity somebody acts. The same person may be a shopper today and a clerk tomorrow."""

    SHOPPER = "shopper"  # signed in
    GUEST = "guest"  # holds a cart's or an order's secret
    CLERK = "clerk"  # staff, in a store, on a device
    MERCHANDISER = "merchandiser"  # edits and publishes product data
    OPERATOR = "operator"  # runs the installation
    SYSTEM = "system"  # an integration's key, a job, a command


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Somebody or something that acts; `store` is a location's code, `device` names the tablet."""

    kind: ActorKind
    ref: str = ""
    label: str = ""
    store: str = ""
    device: str = ""


def system(name: str) -> Actor:
    """Our own machinery under a name: a job, a command, a handler."""
    return Actor(kind=ActorKind.SYSTEM, ref=name, label=name)
