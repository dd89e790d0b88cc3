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
    family.labels = dict(draft.labels)
    family.label_attribute = attributes[draft.label.lower()] if draft.label else None
    family.image_attribute = attributes[draft.image.lower()] if draft.image else None
    family.save()
    FamilyAttribute.objects.filter(family=family).delete()
    FamilyAttribute.objects.bulk_create(
        FamilyAttribute(family=family, attribute=attributes[code], position=position)
        for position, code in enumerate(dict.fromkeys(each.lower() for each in draft.attributes))
    )
    wanted = {
        (channels[channel.lower()].pk, attributes[code.lower()].pk)
        for channel, codes in draft.requirements.items()
        for code in codes
    }
    rows = FamilyRequirement.objects.filter(family=family)
    asked = set(rows.values_list("channel_id", "attribute_id"))
    if asked == wanted:
        return
    rows.delete()
    FamilyRequirement.objects.bulk_create(
        FamilyRequirement(family=family, channel_id=channel, attribute_id=attribute)
        for channel, attribute in sorted(wanted)
    )
    if not is_new:
        emit(RequirementsChanged(family=family.code), by=by, now=now)


def _named_in(draft: FamilyDraft) -> set[str]:
    required = (code for codes in draft.requirements.values() for code in codes)
    return {code for code in (*draft.attributes, *required, draft.label, draft.image) if code}


def _rows(model: type[Any], codes: Any) -> dict[str, Any]:
    """The rows of these codes, by lower-case code. Errors: NotFound naming those that are missing."""
    rows = {row.code.lower(): row for row in with_code(model, codes)} if codes else {}
    if missing := sorted(code for code in codes if code.lower() not in rows):
        raise NotFound(f"There is no {model._meta.verbose_name} {', '.join(missing)}.")
    return rows
