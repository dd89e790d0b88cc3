"""The API's lists and its search: pages of what the fake remembers, newest first."""

import re
from typing import Any

from tests.fakes.stripe.objects import Json, invalid

_CLAUSE = re.compile(
    r"""^(?:metadata\[(['"])(?P<key>.+?)\1\]|(?P<field>status|currency|amount))\s*:\s*['"]?(?P<value>[^'"]*)['"]?$"""
)


def listed(kept: dict[str, Json], given: Json, *, url: str) -> Json:
    """One page: `limit`, `starting_after`, `created[gte|gt|lte|lt]`, `types[]`, and plain equal fields."""
    rows = list(reversed(kept.values()))
    for name, value in given.items():
        if name == "created":
            rows = [row for row in rows if _within(row["created"], value)]
        elif name == "types":
            rows = [row for row in rows if row["type"] in value]
        elif name not in ("limit", "starting_after", "expand"):
            rows = [row for row in rows if row.get(name) == value]
    if (after := given.get("starting_after")) is not None:
        places = [place for place, row in enumerate(rows) if row["id"] == after]
        rows = rows[places[0] + 1 :] if places else []
    limit = int(given.get("limit", "10"))
    return {"object": "list", "data": rows[:limit], "has_more": len(rows) > limit, "url": url}


def searched(kept: dict[str, Json], given: Json, *, url: str) -> Json:
    """The rows that `query` means. Stripe's own search may lag behind by a minute; this one does not."""
    found = [row for row in reversed(kept.values()) if _matches(row, given.get("query", ""))]
    limit = int(given.get("limit", "10"))
    return {
        "object": "search_result",
        "data": found[:limit],
        "has_more": len(found) > limit,
        "next_page": None,
        "url": url,
    }


def _matches(row: Json, query: str) -> bool:
    """Whether `row` is one that a search means: clauses `metadata["k"]:"v"` or `field:"v"`, joined by AND.

    Errors: Refused.
    """
    for clause in re.split(r"\s+AND\s+", query.strip()):
        match = _CLAUSE.match(clause)
        if match is None:
            raise invalid(f"We were unable to parse your search query: {clause}", param="query")
        value = row["metadata"].get(match["key"]) if match["key"] else row[match["field"]]
        if str(value) != match["value"]:
            return False
    return True


def _within(created: int, bounds: Any) -> bool:
    if not isinstance(bounds, dict):
        return created == int(bounds)
    compare = {"gte": int.__ge__, "gt": int.__gt__, "lte": int.__le__, "lt": int.__lt__}
    return all(compare[name](created, int(value)) for name, value in bounds.items())
