"""From where an order's goods come: one place for everything if there is one, else several."""

from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

# What names a location: its key, or its code.
Place = TypeVar("Place", bound=Hashable)


def plan_sources(
    *, wanted: Mapping[str, int], sources: Sequence[tuple[Place, Mapping[str, int]]]
) -> dict[Place, dict[str, int]]:
    """`{source: {sku: units}}` for `wanted` units per SKU; empty when they cannot all be had.

    `sources` are locations with what is available there, in the order in which they are asked. The first that
    has everything sends everything. Else each sends, of what is still missing, the SKUs that it has in full: the units
    of one SKU are never torn apart (`decisions.md`, "Sourcing").
    """
    for source, available in sources:
        if all(available.get(sku, 0) >= units for sku, units in wanted.items()):
            return {source: dict(wanted)} if wanted else {}
    missing = dict(wanted)
    plan: dict[Place, dict[str, int]] = {}
    for source, available in sources:
        if sent := {sku: units for sku, units in missing.items() if available.get(sku, 0) >= units}:
            plan[source] = sent
            missing = {sku: units for sku, units in missing.items() if sku not in sent}
    return {} if missing else plan


def shortage_of(
    *, wanted: Mapping[str, int], sources: Sequence[tuple[Place, Mapping[str, int]]]
) -> dict[str, int]:
    """`{sku: missing units}` where most of it stands; empty when every SKU stands somewhere in full."""
    missing = {
        sku: units - max((max(available.get(sku, 0), 0) for _, available in sources), default=0)
        for sku, units in sorted(wanted.items())
    }
    return {sku: units for sku, units in missing.items() if units > 0}
