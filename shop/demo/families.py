"""What the demonstration asks of each department's products, so that merchandisers see what is still to be said."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from config.kernel.actors import Actor
from config.kernel.db import transaction_required
from pim.api import FamilyDraft, define_family
from shop.demo import goods
from shop.demo.assortment import Assortment

_TEXTS: Final = ("name", "summary", "description")
_PICTURES: Final = ("picture", "pictures")
_MEASURES: Final = ("width", "depth", "height", "weight")
_FURNITURE: Final = (*_TEXTS, *_PICTURES, *_MEASURES, "material", "care", "delivered")

# By the shelf that a product stands on first; a shelf that is not named asks for texts and pictures.
REQUIRED: Final[Mapping[str, tuple[str, ...]]] = {
    "sofas": (*_FURNITURE, "seat_height", "fabric", "composition", "martindale"),
    "armchairs": (*_FURNITURE, "seat_height"),
    "chairs": (*_FURNITURE, "seat_height"),
    "tables": _FURNITURE,
    "beds": _FURNITURE,
    "storage": _FURNITURE,
    "lamps": _FURNITURE,
    "children": _FURNITURE,
    "outdoor": _FURNITURE,
    "rugs": (*_TEXTS, *_PICTURES, "width", "depth", "weight", "material", "care"),
    "cushions": (*_TEXTS, *_PICTURES, "width", "material", "care"),
    "care": (*_TEXTS, *_PICTURES, "content"),
    "spares": (*_TEXTS, *_PICTURES, "material"),
}


def in_families(assortment: Assortment) -> Assortment:
    """The assortment with every product in the family of its first shelf."""
    products = [replace(draft, family=next(iter(draft.categories), None)) for draft in assortment.products]
    return replace(assortment, products=products)


def families_of(assortment: Assortment) -> Iterator[FamilyDraft]:
    """A family for each shelf that products stand on first; it asks only for what the assortment has words for."""
    known = {draft.code for draft in assortment.attributes}
    labels = {code: words for code, _, words in assortment.categories}
    for shelf in dict.fromkeys(next(iter(draft.categories), None) for draft in assortment.products):
        if shelf is None:
            continue
        asked = [code for code in REQUIRED.get(shelf, (*_TEXTS, *_PICTURES)) if code in known]
        said = {
            code
            for draft in assortment.products
            if shelf in draft.categories
            for values in (draft.values, *(variant.values for variant in draft.variants))
            for code in values
        }
        yield FamilyDraft(
            code=shelf,
            labels=labels[shelf],
            attributes=[*asked, *sorted(said - set(asked))],
            requirements={goods.CHANNEL: asked},
            label="name",
            image="picture" if "picture" in known else None,
        )


@transaction_required
def define_families(*, assortment: Assortment, by: Actor, now: datetime) -> None:
    """Create the families, or make them as said."""
    for draft in families_of(assortment):
        define_family(draft=draft, by=by, now=now)
