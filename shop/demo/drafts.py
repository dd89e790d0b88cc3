"""A product of a text file becomes drafts: the product with its variants, their prices, their pictures."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Any, Final

from pim.api import ProductDraft, VariantDraft
from shop.demo import goods
from shop.demo.goods import said
from shop.demo.pictures.specs import Spec, name_of

Labels = Mapping[str, str]

# What a fabric adds to the price, by its group: linen and cotton; blends; wool and velvet; leather is in the price.
_ADDED: Final = {1: 0.0, 2: 0.08, 3: 0.14, 4: 0.0}


_AXES: Final = ("fabric", "finish", "colour")


_TEXTS: Final = {
    "name": "name",
    "short": "summary",
    "long": "description",
    "care": "care",
    "build": "delivered",
    "news": "news",
}


_LANGUAGES: Final = {"fi": "fi", "sv": "sv-FI", "en": "en"}


def said_of(words: Sequence[str]) -> Labels:
    """Three words in the order of the languages: Finnish, Swedish, English."""
    return said(*words)


def _local(texts: Labels) -> dict[str, Any]:
    return {"*": dict(texts)}


def fact(value: Any) -> dict[str, Any]:
    """A value that is the same in every language and channel."""
    return {"*": {"*": value}}


def variant_fabric(variant: VariantDraft) -> str:
    """The fabric of a variant of today's sofa."""
    return str(variant.values["fabric"]["*"]["*"])


class Draft:
    """One product of a text file on its way into the PIM."""

    def __init__(self, item: Mapping[str, Any], palette: Mapping[str, Any], *, rank: int) -> None:
        self._item, self._palette, self._rank = item, palette, rank
        self._axes = [axis for axis in _AXES if axis in item]
        self._sizes: Mapping[str, Sequence[float]] = item.get("sizes", {})

    def is_large(self) -> bool:
        """Whether a shop stocks few of them."""
        return max(self.prices().values()) > 20_000

    def _variants(self) -> Iterator[tuple[str, dict[str, str]]]:
        """(SKU, {axis: option}) of each variant."""
        stem = self._item["code"].partition("-")[2].upper()
        if self._item["shelf"] == "spares":
            stem = f"VARA-{stem}"
        elif self._item["shelf"] == "children":
            stem = f"LAPSI-{stem}"
        choices = [[(axis, option) for option in self._item[axis]] for axis in self._axes]
        if self._sizes:
            choices.append([("size", code) for code in self._sizes])
        for chosen in product(*choices):
            yield "-".join([stem, *(option.upper() for _, option in chosen)]), dict(chosen)

    def prices(self) -> dict[str, int]:
        """`{sku: cents}`; dearer fabrics add their share, rounded to what a price tag says."""
        prices = {}
        for sku, chosen in self._variants():
            euros = self._sizes[chosen["size"]][0] if "size" in chosen else self._item["price"]
            if "fabric" in chosen:
                euros *= 1 + _ADDED[self._palette["fabric"][chosen["fabric"]]["group"]]
            step = 10 if euros >= 200 else 1
            prices[sku] = round(euros / step) * step * 100
        return prices

    def product(self) -> ProductDraft:
        """The product with its variants."""
        item = self._item
        values = self._texts()
        if "of" in item:
            values["material"] = fact(list(item["of"]))
        if item.get("cover"):
            values["removable_cover"] = fact(True)
        if "size" in item:
            values |= _measures(item["size"])
        if "excluded" in item:
            values["withdrawal_exclusion"] = fact(item["excluded"])
        for key, attribute in (("seat", "seat_height"), ("kg", "weight"), ("ml", "content")):
            if key in item:
                values[attribute] = fact(str(item[key]))
        values["pictures"] = fact([name_of(spec) for spec in self._more_pictures()])
        shelves = {item["shelf"]: self._rank}
        if item.get("new"):
            shelves["new"] = self._rank
        axes = (*self._axes, *(("size",) if self._sizes else ()))
        return ProductDraft(
            code=item["code"],
            categories=shelves,
            axes=axes,
            values=values,
            variants=tuple(
                VariantDraft(sku=sku, values=self._own(chosen)) for sku, chosen in self._variants()
            ),
        )

    def _texts(self) -> dict[str, Any]:
        item = self._item
        return {
            attribute: _local({locale: item[language][key] for language, locale in _LANGUAGES.items()})
            for key, attribute in _TEXTS.items()
            if key in item["fi"]
        }

    def _own(self, chosen: Mapping[str, str]) -> dict[str, Any]:
        """What a variant says itself: its options, its picture, its measures, and what its fabric says."""
        values: dict[str, Any] = {axis: fact(option) for axis, option in chosen.items()}
        values["picture"] = fact(name_of(self._front(chosen)))
        if "size" in chosen:
            _, *measures, weight = self._sizes[chosen["size"]]
            values |= _measures(measures) | {"weight": fact(str(weight))}
            if chosen["size"].endswith("ml"):
                values["content"] = fact(chosen["size"][:-2])
        if "fabric" in chosen:
            values |= self._fabric(chosen["fabric"])
        return values

    def _fabric(self, code: str) -> dict[str, Any]:
        fabric = self._palette["fabric"][code]
        if "label" not in fabric:
            today = next(each for each in goods.SOFA.variants if variant_fabric(each) == code)
            return {name: today.values[name] for name in ("composition", "martindale", "care")}
        return {
            "composition": _local(said_of(fabric["composition"])),
            "martindale": fact(str(fabric["martindale"])),
            "care": _local(said_of(fabric["care"])),
        }

    def pictures(self) -> list[Spec]:
        """One picture in front per fabric, finish or colour, one from near by, one in a room."""
        fronts = [self._front(chosen) for _, chosen in self._variants()]
        return list(dict.fromkeys([*fronts, *self._more_pictures()]))

    def _more_pictures(self) -> list[Spec]:
        _, chosen = next(iter(self._variants()))
        return [replace(self._front(chosen), view=view) for view in ("near", "room")]

    def _front(self, chosen: Mapping[str, str]) -> Spec:
        item, palette = self._item, self._palette
        main, weave, frame = "e8e2d6", "plain", _frame(item, palette)
        if "fabric" in chosen:
            fabric = palette["fabric"][chosen["fabric"]]
            main, weave = fabric["hex"], fabric["weave"]
        elif "finish" in chosen:
            main = frame = palette["finish"][chosen["finish"]]["hex"]
            weave = "wood"
        elif "colour" in chosen:
            main = palette["colour"][chosen["colour"]]["hex"]
        measures = item["size"] if "size" in item else _middle(self._sizes)
        width, depth, height = [*measures, *(10, 10, 20)[len(measures) :]][:3]
        return Spec(
            subject=item["code"],
            look=tuple(item["draw"].items()),
            size=(float(width), float(depth), float(height)),
            seat=float(item.get("seat", 0)),
            main=main,
            weave=weave,
            frame=frame,
        )


def _middle(sizes: Mapping[str, Sequence[float]]) -> Sequence[float]:
    """The measures of the middle one of the sizes; the pictures show that one."""
    if not sizes:
        return ()
    _, *measures, _weight = list(sizes.values())[len(sizes) // 2]
    return measures


def _measures(size: Sequence[float]) -> dict[str, Any]:
    return {name: fact(str(value)) for name, value in zip(("width", "depth", "height"), size, strict=False)}


_WOOD: Final = {
    "oak": "tammi",
    "pine": "manty",
    "ash": "saarni",
    "birch": "koivu",
    "beech": "koivu",
    "spruce": "koivu",
}


def _frame(item: Mapping[str, Any], palette: Mapping[str, Any]) -> str:
    """The colour of the wood that it stands on."""
    wood = next((_WOOD[material] for material in item.get("of", ()) if material in _WOOD), "koivu")
    return str(palette["finish"][wood]["hex"])
