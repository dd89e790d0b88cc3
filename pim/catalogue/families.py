"""Writing families: what is said of products of a kind, and what each channel requires of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from config.kernel.actors import Actor
from config.kernel.db import transaction_required
from config.kernel.errors import NotFound
from config.kernel.events import emit
from pim.catalogue.models import Channel
from pim.catalogue.queries import Labels, with_code
from pim.events import RequirementsChanged
from pim.structure.models import Attribute, Family, FamilyAttribute, FamilyRequirement


@dataclass(frozen=True, kw_only=True)
class FamilyDraft:
    """A family as it should be: its attributes in order, and by channel those that its products must say.

    `label` is the attribute that names its products, `image` the one that shows them.
    """

    code: str
    labels: Labels
    attributes: Sequence[str]
    requirements: Mapping[str, Sequence[str]] = field(default_factory=dict)
    label: str | None = None
    image: str | None = None


@transaction_required
def define_family(*, draft: FamilyDraft, by: Actor, now: datetime) -> None:
    """Create the family, or make it as said. Emits RequirementsChanged when it was there and asks something else now.

    Errors: NotFound for an attribute or a channel.
    """
    attributes, channels = _rows(Attribute, _named_in(draft)), _rows(Channel, draft.requirements)
    family = with_code(Family, {draft.code}).first() or Family(code=draft.code)
    is_new = family.pk is None
    label = attributes[draft.label.lower()] if draft.label else None
    image = attributes[draft.image.lower()] if draft.image else None
    shown = (dict(draft.labels), label, image)
    if is_new or (family.labels, family.label_attribute, family.image_attribute) != shown:
        family.labels, family.label_attribute, family.image_attribute = shown
        family.save()
    codes = dict.fromkeys(code.lower() for code in draft.attributes)
    _replace(
        FamilyAttribute,
        family,
        ("attribute_id", "position"),
        {(attributes[code].pk, position) for position, code in enumerate(codes)},
    )
    asks_otherwise = _replace(
        FamilyRequirement,
        family,
        ("channel_id", "attribute_id"),
        {
            (channels[channel.lower()].pk, attributes[code.lower()].pk)
            for channel, codes in draft.requirements.items()
            for code in codes
        },
    )
    if asks_otherwise and not is_new:
        emit(RequirementsChanged(family=family.code), by=by, now=now)


def _replace(model: type[Any], family: Family, names: Sequence[str], wanted: set[tuple[int, ...]]) -> bool:
    """Make the family's rows these, unless they are; whether something was different."""
    rows = model.objects.filter(family=family)
    if set(rows.values_list(*names)) == wanted:
        return False
    rows.delete()
    model.objects.bulk_create(
        model(family=family, **dict(zip(names, values, strict=True))) for values in sorted(wanted)
    )
    return True


def _named_in(draft: FamilyDraft) -> set[str]:
    required = (code for codes in draft.requirements.values() for code in codes)
    return {code for code in (*draft.attributes, *required, draft.label, draft.image) if code}


def _rows(model: type[Any], codes: Any) -> dict[str, Any]:
    """The rows of these codes, by lower-case code. Errors: NotFound naming those that are missing."""
    rows = {row.code.lower(): row for row in with_code(model, codes)} if codes else {}
    if missing := sorted(code for code in codes if code.lower() not in rows):
        raise NotFound(f"There is no {model._meta.verbose_name} {', '.join(missing)}.")
    return rows
