"""Saleor's catalogue, as its own tool dumps it: one JSON list of records, each with its model, key and fields.

Product types become families, their attributes' values options, collections categories of a tree of their own. Prices
and stock belong to others than the PIM: they are counted and left, as is everything that is no catalogue.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from pim.intake.ports import Kind, KnownAttribute, Left, Refused, Row
from pim.intake.readers.saleor_dump import (
    LOCALE,
    Dump,
    Record,
    find_dump,
    labels,
    load_dump,
    text_of,
    value_of,
    weight_cells,
)
from pim.intake.readers.tables import refusal

TREE: Final = "categories"
COLLECTIONS: Final = "collections"

_TYPES: Final = {
    "dropdown": "select",
    "swatch": "select",
    "multiselect": "multiselect",
    "single-reference": "select",
    "reference": "multiselect",
    "boolean": "boolean",
    "numeric": "number",
    "plain-text": "textarea",
    "rich-text": "textarea",
    "date": "date",
    "file": "file",
}
_LEFT: Final = {"product.productvariantchannellisting": "prices", "warehouse.stock": "stock"}
_USED: Final = frozenset(
    {
        *("attribute.attribute", "attribute.attributeproduct", "attribute.attributevalue"),
        *("attribute.attributevariant", "attribute.assignedproductattributevalue"),
        *("attribute.assignedvariantattribute", "attribute.assignedvariantattributevalue"),
        *("channel.channel", "product.category", "product.collection", "product.collectionproduct"),
        *("product.product", "product.productchannellisting", "product.productmedia"),
        *("product.producttype", "product.productvariant"),
    }
)
# What Saleor has as columns of products: code, label, type, whether it differs by language.
_OWN: Final = (
    ("name", "Name", "text", True),
    ("slug", "Slug", "text", True),
    ("description", "Description", "textarea", True),
    ("seo_title", "SEO title", "text", True),
    ("seo_description", "SEO description", "textarea", True),
    ("images", "Images", "gallery", False),
    ("weight", "Weight", "metric", False),
)


class Saleor:
    """The reader. Categories without a parent come below one root, since a channel shows one tree."""

    name = "saleor"

    def recognises(self, *, place: Path) -> bool:
        """A dump, or a directory with one."""
        return find_dump(place) is not None

    def check(self, *, place: Path, known: Mapping[str, KnownAttribute]) -> None:
        """Whether there is a dump that can be read. Errors: BadSource."""
        next(self.read(place=place, known=known))

    def read(self, *, place: Path, known: Mapping[str, KnownAttribute]) -> Iterator[Row | Refused | Left]:
        """Everything in the dump. Errors: BadSource."""
        path = find_dump(place)
        if path is None:
            raise refusal(place.name, "unknown_format", "There is no dump of Saleor's.")
        yield from _Reading(load_dump(path)).rows()


class _Reading:
    """One dump, turned into rows."""

    def __init__(self, dump: Dump) -> None:
        self.dump = dump
        self.attributes = dump.by_key("attribute.attribute")
        self.values = dump.by_key("attribute.attributevalue")
        self.types = dump.by_key("product.producttype")
        self.categories = {key: each.fields["slug"] for key, each in dump.by_key("product.category").items()}
        own = {code for code, *_ in _OWN}
        self.codes = {
            key: each.fields["slug"] if each.fields["slug"] not in own else f"attribute-{each.fields['slug']}"
            for key, each in self.attributes.items()
        }
        self.collections = {
            key: each.fields["slug"]
            if each.fields["slug"] not in self.categories.values()
            else f"collection-{each.fields['slug']}"
            for key, each in dump.by_key("product.collection").items()
        }

    def rows(self) -> Iterator[Row | Refused | Left]:
        """Everything, in the port's order."""
        yield from self._categories()
        yield from self._channels()
        yield from self._attributes()
        yield from self._options()
        yield from self._families()
        yield from self._products()
        left = Counter(
            {
                _LEFT.get(model, model): len(found)
                for model, found in self.dump.records.items()
                if model not in _USED
            }
        )
        yield from (Left(what=what, count=count) for what, count in sorted(left.items()) if count)

    def row(
        self, kind: Kind, record: Record | None, code: str, data: dict[str, Any], parent: str = ""
    ) -> Row:
        line = record.line if record else 1
        return Row(kind=kind, file=self.dump.file, line=line, code=code, data=data, parent=parent)

    def _categories(self) -> Iterator[Row]:
        yield self.row(
            Kind.CATEGORY, None, TREE, {"labels": labels("Categories"), "parent": None, "position": 0}
        )
        # a parent's `lft` is smaller than its children's
        nested = sorted(
            self.dump.records["product.category"],
            key=lambda each: (each.fields["tree_id"], each.fields["lft"]),
        )
        for position, each in enumerate(nested):
            parent = self.categories.get(each.fields["parent"], TREE)
            data = {"labels": labels(each.fields["name"]), "parent": parent, "position": position}
            yield self.row(Kind.CATEGORY, each, each.fields["slug"], data)
        if self.collections:
            data = {"labels": labels("Collections"), "parent": None, "position": 1}
            yield self.row(Kind.CATEGORY, None, COLLECTIONS, data)
        for position, each in enumerate(self.dump.records["product.collection"]):
            data = {"labels": labels(each.fields["name"]), "parent": COLLECTIONS, "position": position}
            yield self.row(Kind.CATEGORY, each, self.collections[each.pk], data)

    def _channels(self) -> Iterator[Row]:
        for each in self.dump.records["channel.channel"]:
            data = {
                "labels": labels(each.fields["name"]),
                "kind": "web",
                "locales": [LOCALE],
                "currencies": [each.fields["currency_code"]],
                "tree": TREE,
            }
            yield self.row(Kind.CHANNEL, each, each.fields["slug"], data)

    def _attributes(self) -> Iterator[Row | Refused]:
        for position, (code, label, type_, localisable) in enumerate(_OWN):
            yield self.row(
                Kind.ATTRIBUTE, None, code, _attribute(label, type_, position, localisable=localisable)
            )
        for position, each in enumerate(self.dump.records["attribute.attribute"], start=len(_OWN)):
            fields = each.fields
            if fields["type"] != "product-type":
                continue
            if (kind := self.type_of(each.pk)) is None:
                yield self._refused(
                    each, "input_type", "unknown_type", f"{fields['input_type']} is not known."
                )
                continue
            data = _attribute(fields["name"], kind, position)
            data["filterable"] = bool(fields["filterable_in_storefront"])
            data["public"] = bool(fields["visible_in_storefront"])
            yield self.row(Kind.ATTRIBUTE, each, self.codes[each.pk], data)

    def _options(self) -> Iterator[Row]:
        for key, values in self.dump.grouped("attribute.attributevalue", "attribute").items():
            if key not in self.attributes or self.type_of(key) not in {"select", "multiselect"}:
                continue
            for position, each in enumerate(values):
                data = {
                    "attribute": self.codes[key],
                    "labels": labels(each.fields["name"]),
                    "position": position,
                }
                yield self.row(Kind.OPTION, each, each.fields["slug"], data)

    def _families(self) -> Iterator[Row]:
        channels = [each.fields["slug"] for each in self.dump.records["channel.channel"]]
        common = self.dump.grouped("attribute.attributeproduct", "product_type")
        of_variants = self.dump.grouped("attribute.attributevariant", "product_type")
        for each in self.dump.records["product.producttype"]:
            keys = [link.fields["attribute"] for link in (*common[each.pk], *of_variants[each.pk])]
            keys = [key for key in dict.fromkeys(keys) if self.type_of(key)]
            asked = ["name"] + [
                self.codes[key] for key in keys if self.attributes[key].fields["value_required"]
            ]
            data = {
                "labels": labels(each.fields["name"]),
                "attributes": [code for code, *_ in _OWN] + [self.codes[key] for key in keys],
                "label_attribute": "name",
                "image_attribute": "images",
                "requirements": dict.fromkeys(channels, asked),
            }
            yield self.row(Kind.FAMILY, each, each.fields["slug"], data)

    def _products(self) -> Iterator[Row | Refused]:
        variants = self.dump.grouped("product.productvariant", "product")
        goods = [_Goods(self, record, variants[record.pk]) for record in self.dump.records["product.product"]]
        for each in goods:
            if not each.variants:
                yield self._refused(
                    each.record, "", "no_variant", "Nothing of it can be sold: it has no variant."
                )
            if each.has_model:
                yield each.model()
        for each in goods:
            yield from each.rows()

    def _refused(self, record: Record, column: str, reason: str, detail: str) -> Refused:
        return Refused(
            file=self.dump.file,
            line=record.line,
            column=column,
            reason=reason,
            detail=detail,
            code=str(record.fields.get("slug") or record.pk),
        )

    def type_of(self, key: Any) -> str | None:
        return _TYPES.get(self.attributes[key].fields["input_type"]) if key in self.attributes else None

    def cells(self, links: Sequence[Record]) -> list[list[Any]]:
        """The values that these assignments name, several of one attribute together."""
        found: dict[Any, list[Record]] = defaultdict(list)
        for link in links:
            value = self.values.get(link.fields["value"])
            if value is not None and self.type_of(value.fields["attribute"]):
                found[value.fields["attribute"]].append(value)
        cells = []
        for key, values in found.items():
            told = value_of(str(self.type_of(key)), [value.fields for value in values])
            if told is not None:
                cells.append([self.codes[key], self.codes[key], "*", "*", told])
        return cells


class _Goods:
    """One product of the dump with its variants."""

    def __init__(self, reading: _Reading, record: Record, variants: Sequence[Record]) -> None:
        self.reading, self.record, self.variants = reading, record, variants
        dump, fields = reading.dump, record.fields
        self.type = reading.types.get(fields["product_type"])
        self.axes = [
            reading.codes[link.fields["attribute"]]
            for link in dump.grouped("attribute.attributevariant", "product_type")[fields["product_type"]]
            if link.fields["variant_selection"] and reading.type_of(link.fields["attribute"])
        ]
        self.has_model = bool(variants) and (bool(self.axes) or len(variants) > 1)

    def model(self) -> Row:
        """What all variants share."""
        data = {**self._common(), "axes": self.axes}
        return self.reading.row(Kind.MODEL, self.record, self.record.fields["slug"], data)

    def rows(self) -> Iterator[Row]:
        """The variants; the only one of a product without axes says everything itself."""
        dump, slug = self.reading.dump, self.record.fields["slug"]
        assigned = dump.grouped("attribute.assignedvariantattribute", "variant")
        links = dump.grouped("attribute.assignedvariantattributevalue", "assignment")
        enabled = any(
            listing.fields["is_published"]
            for listing in dump.grouped("product.productchannellisting", "product")[self.record.pk]
        )
        for each in self.variants:
            told = [link for assignment in assigned[each.pk] for link in links[assignment.pk]]
            own = self.reading.cells(told) + weight_cells(each.fields["weight"])
            sku = each.fields["sku"] or (f"{slug}-{each.pk}" if self.has_model else slug)
            if self.has_model:
                family = self.type.fields["slug"] if self.type else None
                data: dict[str, Any] = {"family": family, "categories": [], "values": own, "links": {}}
            else:
                data = self._common()
                stated = {cell[1] for cell in own}
                data["values"] = [cell for cell in data["values"] if cell[1] not in stated] + own
            yield self.reading.row(
                Kind.PRODUCT, each, sku, {**data, "enabled": enabled}, parent=slug if self.has_model else ""
            )

    def _common(self) -> dict[str, Any]:
        fields, dump = self.record.fields, self.reading.dump
        texts = {
            "name": fields["name"],
            "slug": fields["slug"],
            "description": text_of(fields["description"]) or fields.get("description_plaintext"),
            "seo_title": fields["seo_title"],
            "seo_description": fields["seo_description"],
        }
        cells: list[list[Any]] = [
            [code, code, "*", LOCALE, text.strip()] for code, text in texts.items() if text and text.strip()
        ]
        images = [
            media.fields["image"]
            for media in dump.grouped("product.productmedia", "product")[self.record.pk]
            if media.fields["image"]
        ]
        if images:
            cells.append(["images", "images", "*", "*", images])
        cells += weight_cells(fields["weight"]) or weight_cells(
            self.type.fields["weight"] if self.type else None
        )
        links = dump.grouped("attribute.assignedproductattributevalue", "product")[self.record.pk]
        collections = dump.grouped("product.collectionproduct", "product")[self.record.pk]
        category = self.reading.categories.get(fields["category"])
        return {
            "family": self.type.fields["slug"] if self.type else None,
            "categories": ([category] if category else [])
            + [self.reading.collections[each.fields["collection"]] for each in collections],
            "values": cells + self.reading.cells(links),
            "links": {},
        }


def _attribute(label: str, type_: str, position: int, *, localisable: bool = False) -> dict[str, Any]:
    metric = type_ == "metric"
    return {
        "labels": labels(label),
        "type": type_,
        "group": None,
        "localisable": localisable,
        "scopable": False,
        "unique": False,
        "measurement_family": "Weight" if metric else None,
        "default_unit": "KILOGRAM" if metric else "",
        "filterable": False,
        "public": True,
        "limits": {},
        "position": position,
    }
