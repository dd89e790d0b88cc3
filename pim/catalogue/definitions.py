"""Defining what products are described with: categories, channels, types of link, attributes and their options.

Each joins the caller's transaction and can be repeated: codes are the keys, and what is so already is not written.
What becomes different is told as an import tells it (`pim.catalogue.news`), so that shoppers and merchandisers see it
wherever it is named; what is new is told to nobody, as nothing names it yet.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from config.kernel.actors import Actor, system
from config.kernel.db import transaction_required
from config.kernel.errors import NotFound, Refusal
from config.kernel.events import emit_all
from pim.catalogue.drafts import AttributeDraft
from pim.catalogue.models import Category, Channel, LinkType
from pim.catalogue.news import news_of
from pim.catalogue.queries import Labels, with_code
from pim.structure.models import Attribute, AttributeOption

# Who defines when nobody is named: a seed, a test.
_PIM: Final = system("pim")

_Changed = tuple[Any, frozenset[str]]


class DefinitionIsFixed(Refusal):
    """Values exist under this definition, and they would mean something else under the new one."""

    code = "definition_is_fixed"
    status = 409
    title = "An attribute keeps its type, and whether it differs by language or channel."


@transaction_required
def define_category(
    *, code: str, parent: str | None, position: int, labels: Labels, now: datetime, by: Actor = _PIM
) -> None:
    """Create the category, or make it as said; emits CategoryRenamed when it is shown otherwise now.

    Errors: NotFound for the parent.
    """
    above = _category(parent).pk if parent is not None else None
    category = with_code(Category, {code}).first() or Category(code=code)
    _tell([_made(category, parent_id=above, position=position, labels=dict(labels))], by, now)


@transaction_required
def define_channel(
    *,
    code: str,
    kind: str,
    locales: Sequence[str],
    tree: str,
    labels: Labels,
    now: datetime,
    currencies: Sequence[str] = (),
    by: Actor = _PIM,
) -> None:
    """Create the channel, or make it as said.

    Emits RequirementsChanged for each family of which it asks something else now. Errors: NotFound for the root
    category of its tree.
    """
    root = _category(tree)
    channel = with_code(Channel, {code}).first() or Channel(code=code)
    made = _made(
        channel,
        kind=kind,
        locales=list(locales),
        tree_id=root.pk,
        labels=dict(labels),
        currencies=list(currencies),
    )
    _tell([made], by, now)


@transaction_required
def define_link_type(
    *,
    code: str,
    labels: Labels,
    now: datetime,
    position: int = 0,
    two_way: bool = False,
    quantified: bool = False,
    by: Actor = _PIM,
) -> None:
    """Create the type of link, or make it as said; emits LinkTypeRenamed when its labels are others now."""
    link_type = with_code(LinkType, {code}).first() or LinkType(code=code)
    made = _made(link_type, labels=dict(labels), position=position, two_way=two_way, quantified=quantified)
    _tell([made], by, now)


@transaction_required
def define_attribute(*, draft: AttributeDraft, now: datetime, by: Actor = _PIM) -> None:
    """Create the attribute with its options, or make it as said; options that are not named stay.

    Emits AttributeRenamed and OptionRenamed for what is shown otherwise now. Errors: DefinitionIsFixed when it exists
    with another type, or differs otherwise by language or channel.
    """
    attribute = with_code(Attribute, {draft.code}).first()
    if attribute is None:
        attribute = Attribute(
            code=draft.code, type=draft.type, localisable=draft.localisable, scopable=draft.scopable
        )
    now_is = (attribute.type, attribute.localisable, attribute.scopable)
    if now_is != (draft.type, draft.localisable, draft.scopable):
        raise DefinitionIsFixed(attribute=attribute.code)
    changed = [
        _made(
            attribute,
            unit=draft.unit,
            public=draft.public,
            filterable=draft.filterable,
            position=draft.position,
            labels=dict(draft.labels),
        )
    ]
    existing = {option.code.lower(): option for option in attribute.options.select_related("attribute")}
    for position, wanted in enumerate(draft.options):
        option = existing.get(wanted.code.lower()) or AttributeOption(attribute=attribute, code=wanted.code)
        changed.append(_made(option, position=position, labels=dict(wanted.labels), swatch=wanted.swatch))
    _tell(changed, by, now)


def _made(row: Any, **wanted: Any) -> _Changed:
    """The row, saved as wanted unless it is so, and the names of the fields that were otherwise; none of a new row."""
    is_new = row.pk is None
    differing = frozenset(name for name, value in wanted.items() if getattr(row, name) != value)
    for name in differing:
        setattr(row, name, wanted[name])
    if is_new:
        row.save()
        return row, frozenset()
    if differing:
        versioned = hasattr(row, "version")
        if versioned:  # whoever has read it before must read it again to write
            row.version += 1
        row.save(update_fields=[*sorted(differing), *(["version"] if versioned else [])])
    return row, differing


def _tell(changed: Sequence[_Changed], by: Actor, now: datetime) -> None:
    news = [(row, names) for row, names in changed if names]
    if news:
        emit_all(news_of(changed=news, asking=()), by=by, now=now)


def _category(code: str) -> Category:
    found = with_code(Category, {code}).first()
    if found is None:
        raise NotFound(f"There is no category {code}.")
    return found
