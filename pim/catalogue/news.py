"""What others must hear when definitions change, so that shoppers and merchandisers see it wherever they are named."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from config.kernel.events import Event
from pim.catalogue.models import Category, Channel, LinkType
from pim.events import (
    AttributeRenamed,
    CategoryRenamed,
    LinkTypeRenamed,
    OptionRenamed,
    RequirementsChanged,
)
from pim.structure.models import Attribute, AttributeOption, Family

_SHOWN: Final = frozenset({"labels", "position", "unit", "default_unit", "filterable"})
_ASKED: Final = frozenset({"locales", "currencies"})  # of a channel: by them completeness is counted


def news_of(*, changed: Iterable[tuple[Any, frozenset[str]]], asking: Iterable[int]) -> list[Event]:
    """Events for rows with the names of their fields that differ, and for the ids of families that ask otherwise.

    What only publications say (a family's label, what is public) is told by publishing it again.
    """
    every = list(changed)
    told = [event for row, names in every if (event := _renamed(row, names)) is not None]
    families = Family.objects.filter(pk__in={*asking, *_asked_otherwise(every)}).order_by("code")
    return [*told, *(RequirementsChanged(family=code) for code in families.values_list("code", flat=True))]


def _renamed(row: Any, names: frozenset[str]) -> Event | None:
    match row:
        case Attribute() if names & _SHOWN:
            return AttributeRenamed(attribute=row.code)
        case AttributeOption() if names & {"labels", "swatch"}:
            return OptionRenamed(attribute=row.attribute.code, option=row.code)
        case Category() if names & {"labels", "parent_id"}:
            return CategoryRenamed(category=row.code)
        case LinkType() if "labels" in names:
            return LinkTypeRenamed(link_type=row.code)
    return None


def _asked_otherwise(changed: Iterable[tuple[Any, frozenset[str]]]) -> Iterator[int]:
    """Families of whose products a changed channel, or an attribute with other languages, asks something else."""
    for row, names in changed:
        if (isinstance(row, Channel) and names & _ASKED) or (
            isinstance(row, Attribute) and "limits" in names
        ):
            yield from row.requirements.values_list("family_id", flat=True)
