"""What Akeneo's CSV files say, read by a way of its own and laid beside what an import made of them.

Nothing of the importer is used here. Codes are compared in lower case, for the files themselves write them both ways.
"""

import csv
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

from pim.catalogue.models import Category, Channel, LinkType, Product, ProductLink, Variant
from pim.structure.models import (
    Attribute,
    AttributeGroup,
    AttributeOption,
    Family,
    FamilyVariant,
    FamilyVariantAttribute,
)
from tests.conftest import SHARED_DATA

Told = dict[Any, Any]

TYPES = {
    "pim_catalog_price_collection": "price",
    "pim_catalog_simpleselect": "select",
}


def lines(name: str, file: str) -> list[dict[str, str]]:
    """The lines of a file, each by its header."""
    with (SHARED_DATA / name / f"{file}.csv").open(encoding="utf-8") as opened:
        return list(csv.DictReader(opened, delimiter=";"))


def codes(cell: str) -> list[str]:
    """The codes of a cell: each once, in the order in which they stand."""
    return list(dict.fromkeys(cell.lower().split(","))) if cell else []


def labels(row: dict[str, str]) -> dict[str, str]:
    return {
        column[len("label-") :].replace("_", "-"): said
        for column, said in row.items()
        if column.startswith("label-") and said
    }


def code_of(thing: Any) -> str | None:
    return thing.code.lower() if thing else None


def _groups(name: str) -> tuple[Told, Told]:
    said = {
        r["code"].lower(): (labels(r), int(r["sort_order"] or 0)) for r in lines(name, "attribute_groups")
    }
    return said, {code_of(g): (g.labels, g.position) for g in AttributeGroup.objects.all()}


def _link_types(name: str) -> tuple[Told, Told]:
    said = {
        r["code"].lower(): (labels(r), r.get("is_two_way") == "1", r.get("is_quantified") == "1")
        for r in lines(name, "association_types")
    }
    return said, {code_of(t): (t.labels, t.two_way, t.quantified) for t in LinkType.objects.all()}


def _categories(name: str) -> tuple[Told, Told]:
    said = {
        row["code"].lower(): (labels(row), row["parent"].lower() or None, position)
        for position, row in zip(count(), lines(name, "categories"), strict=False)
    }
    rows = Category.objects.select_related("parent")
    return said, {code_of(each): (each.labels, code_of(each.parent), each.position) for each in rows}


def _channels(name: str) -> tuple[Told, Told]:
    said = {
        row["code"].lower(): (
            labels(row),
            row["locales"].replace("_", "-").split(","),
            row["currencies"].split(","),
            row["tree"].lower(),
        )
        for row in lines(name, "channels")
    }
    rows = Channel.objects.select_related("tree")
    return said, {code_of(c): (c.labels, c.locales, c.currencies, code_of(c.tree)) for c in rows}


def _attributes(name: str) -> tuple[Told, Told]:
    said = {
        row["code"].lower(): (
            labels(row),
            TYPES.get(row["type"], row["type"].removeprefix("pim_catalog_")),
            row["group"].lower() or None,
            row["localizable"] == "1",
            row["scopable"] == "1",
            row["unique"] == "1" and row["type"] != "pim_catalog_identifier",
            row["metric_family"].lower() or None,
            row["default_metric_unit"].lower(),
        )
        for row in lines(name, "attributes")
    }
    rows = Attribute.objects.select_related("group", "measurement_family")
    return said, {
        code_of(each): (
            each.labels,
            each.type,
            code_of(each.group),
            each.localisable,
            each.scopable,
            each.unique,
            code_of(each.measurement_family),
            each.default_unit.lower(),
        )
        for each in rows
    }


def _options(name: str) -> tuple[Told, Told]:
    said = {
        (row["attribute"].lower(), row["code"].lower()): (labels(row), int(row["sort_order"]))
        for row in lines(name, "attribute_options")
    }
    rows = AttributeOption.objects.select_related("attribute")
    return said, {(code_of(each.attribute), code_of(each)): (each.labels, each.position) for each in rows}


def _families(name: str) -> tuple[Told, Told]:
    said = {
        row["code"].lower(): (
            labels(row),
            codes(row["attributes"]),
            row["attribute_as_label"].lower() or None,
            row["attribute_as_image"].lower() or None,
            {
                (column.removeprefix("requirements-"), required)
                for column, cell in row.items()
                if column.startswith("requirements-")
                for required in codes(cell)
            },
        )
        for row in lines(name, "families")
    }
    found = {}
    for family in Family.objects.select_related("label_attribute", "image_attribute"):
        belong = family.attributes.order_by("position").values_list("attribute__code", flat=True)
        required = family.requirements.values_list("channel__code", "attribute__code")
        found[code_of(family)] = (
            family.labels,
            [code.lower() for code in belong],
            code_of(family.label_attribute),
            code_of(family.image_attribute),
            {(channel.lower(), code.lower()) for channel, code in required},
        )
    return said, found


def _family_variants(name: str) -> tuple[Told, Told]:
    """An axis stands on its own level, wherever else the file names it."""
    said = {}
    for row in lines(name, "family_variants"):
        axes = {level: codes(row[f"variant-axes_{level}"]) for level in (1, 2)}
        every = {code for level in axes.values() for code in level}
        said[row["code"].lower()] = (
            labels(row),
            row["family"].lower(),
            {level: found for level, found in axes.items() if found},
            {
                (level, code)
                for level in (1, 2)
                for code in codes(row[f"variant-attributes_{level}"])
                if code not in every
            },
        )
    found = {}
    for each in FamilyVariant.objects.select_related("family"):
        placed = FamilyVariantAttribute.objects.filter(family_variant=each).select_related("attribute")
        axes = defaultdict(list)
        for one in placed.exclude(axis_position=None).order_by("level", "axis_position"):
            axes[one.level].append(code_of(one.attribute))
        others = {(one.level, code_of(one.attribute)) for one in placed.filter(axis_position=None)}
        found[code_of(each)] = (each.labels, code_of(each.family), dict(axes), others)
    return said, found


def _roots(name: str) -> dict[str, str]:
    """The product that every model and every SKU belongs to."""
    parents = {row["code"].lower(): row["parent"].lower() for row in lines(name, "product_models")}
    parents |= {row["sku"].lower(): row["parent"].lower() for row in lines(name, "products")}

    def root(code: str) -> str:
        return root(parents[code]) if parents[code] else code

    return {code: root(code) for code in parents}


def _both(name: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Every line of models and of products with its code."""
    for file, key in (("product_models", "code"), ("products", "sku")):
        for row in lines(name, file):
            yield row[key].lower(), row


def _memberships(name: str) -> tuple[Told, Told]:
    """A product stands wherever one of its models or variants does: here only products stand in categories."""
    roots, said = _roots(name), defaultdict(set)
    for code, row in _both(name):
        said[roots[code]].update(codes(row["categories"]))
    found = {
        code_of(product): {code_of(each.category) for each in product.memberships.all()}
        for product in Product.objects.prefetch_related("memberships__category")
    }
    return dict(said), found


def _links(name: str) -> tuple[Told, Told]:
    """A product leads to whatever one of its models or variants leads to, unless that is itself."""
    roots, said = _roots(name), defaultdict(set)
    for code, row in _both(name):
        for column, cell in row.items():
            kind, _, to = column.rpartition("-")
            if kind and to in {"products", "product_models"}:
                said[roots[code]].update((kind.lower(), roots[target]) for target in codes(cell))
    found = defaultdict(set)
    for link in ProductLink.objects.select_related("source", "target", "type"):
        found[code_of(link.source)].add((code_of(link.type), code_of(link.target)))
    wanted = {source: {link for link in to if link[1] != source} for source, to in said.items()}
    return {source: to for source, to in wanted.items() if to}, dict(found)


def _products(name: str) -> tuple[Told, Told]:
    """Family and family variant; a model's family is its family variant's."""
    families = {row["code"].lower(): row["family"].lower() for row in lines(name, "family_variants")}
    said: Told = {
        row["code"].lower(): (families[row["family_variant"].lower()], row["family_variant"].lower())
        for row in lines(name, "product_models")
        if not row["parent"]
    }
    said |= {
        row["sku"].lower(): (row["family"].lower() or None, None)
        for row in lines(name, "products")
        if not row["parent"]
    }
    rows = Product.objects.select_related("family", "family_variant")
    return said, {code_of(each): (code_of(each.family), code_of(each.family_variant)) for each in rows}


def _variants(name: str) -> tuple[Told, Told]:
    """Whose it is, the model between, and whether it is enabled, which is said of what can be sold."""
    roots = _roots(name)
    said = {
        row["sku"].lower(): (
            roots[row["sku"].lower()],
            row["parent"].lower() if row["parent"].lower() not in roots.values() and row["parent"] else None,
            row["enabled"] == "1",
        )
        for row in lines(name, "products")
    }
    rows = Variant.objects.select_related("product", "model")
    return said, {
        each.sku.lower(): (code_of(each.product), code_of(each.model), each.enabled) for each in rows
    }


KINDS: dict[str, Callable[[str], tuple[Told, Told]]] = {
    "attribute groups": _groups,
    "types of link": _link_types,
    "categories": _categories,
    "channels": _channels,
    "attributes": _attributes,
    "options": _options,
    "families": _families,
    "family variants": _family_variants,
    "products": _products,
    "variants": _variants,
    "memberships": _memberships,
    "links": _links,
}


def differences(name: str) -> list[str]:
    """Row by row, what the files of a set say and the database does not, and the other way round."""
    return [
        f"{kind} {code}: said {said.get(code)}, found {found.get(code)}"
        for kind, compare in KINDS.items()
        for said, found in [compare(name)]
        for code in sorted({*said, *found}, key=str)
        if said.get(code) != found.get(code)
    ]
