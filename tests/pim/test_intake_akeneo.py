"""Akeneo's own sets come in whole, and a second run finds nothing to do."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from django.db import connection, transaction

from config.kernel.models import StoredEvent
from pim.catalogue.models import (
    Category,
    Channel,
    Identifier,
    LinkType,
    Product,
    ProductChange,
    ProductModel,
    Variant,
)
from pim.enrichment.models import Completeness
from pim.intake.queries import ImportValue
from pim.publishing.models import Publication
from pim.structure.models import (
    Attribute,
    AttributeGroup,
    AttributeOption,
    Family,
    FamilyVariant,
    MeasurementFamily,
)
from tests.conftest import SHARED_DATA
from tests.pim.akeneo_files import KINDS, differences, lines
from tests.pim.sets import bring_in, refused

pytestmark = [pytest.mark.shared_data, pytest.mark.django_db]

SETS = {
    "akeneo_icecat": {
        "products": 1239,
        "models": 81,
        "roots": 50,
        "without a parent": 999,
        "without a family": 1,
        "held back": 6,
    },
    "akeneo_catalog_modeling": {
        "products": 242,
        "models": 80,
        "roots": 49,
        "without a parent": 6,
        "without a family": 0,
        "held back": 9,
    },
}
DEFINITIONS: dict[str, Any] = {
    "attribute_groups": AttributeGroup,
    "association_types": LinkType,
    "categories": Category,
    "channels": Channel,
    "attributes": Attribute,
    "attribute_options": AttributeOption,
    "families": Family,
    "family_variants": FamilyVariant,
}
WRITTEN = (
    Product,
    ProductModel,
    Variant,
    ProductChange,
    Completeness,
    Publication,
    StoredEvent,
    *DEFINITIONS.values(),
)


@pytest.fixture(params=SETS)
def brought_in(request: Any, now: datetime) -> tuple[str, ImportValue]:
    """Each set in a database of its own: they share SKUs and codes of attributes that differ."""
    return request.param, bring_in(SHARED_DATA / request.param, now)


def test_a_set_comes_in_whole_and_a_second_run_writes_nothing(
    brought_in: tuple[str, ImportValue], now: datetime
) -> None:
    name, done = brought_in
    expected = SETS[name]

    assert (done.state, refused(done)) == ("done", [])
    for file, model in DEFINITIONS.items():
        assert model.objects.count() == len(lines(name, file)), file
    roots = {row["code"].lower() for row in lines(name, "product_models") if not row["parent"]}
    assert Variant.objects.count() == expected["products"]
    assert ProductModel.objects.count() == expected["models"] - expected["roots"]
    assert Product.objects.count() == expected["roots"] + expected["without a parent"]
    assert len(roots) == expected["roots"]
    assert Product.objects.filter(family=None).count() == expected["without a family"]
    assert ProductChange.objects.count() == Product.objects.count()
    assert set(ProductChange.objects.values_list("version", flat=True)) == {1}
    assert Publication.objects.count() == 3 * Product.objects.count() - expected["held back"]
    assert Identifier.objects.count() == sum(bool(row.get("ean")) for row in lines(name, "products"))
    assert done.counts["media"] == {"missing": sum(count_media(name))}
    assert every_cell_is_found_again(name)
    assert differences(name) == []
    assert MeasurementFamily.objects.filter(attributes__type="metric").exists()

    before = [list(model.objects.order_by("pk").values()) for model in WRITTEN]
    again = bring_in(SHARED_DATA / name, now)

    assert again.wrote_nothing
    assert [list(model.objects.order_by("pk").values()) for model in WRITTEN] == before


# What makes the database say something else than the files, for each kind of row that is compared.
BREAKS = {
    "attribute groups": "UPDATE pim_attributegroup SET labels = '{}' WHERE code = 'marketing'",
    "types of link": "UPDATE pim_linktype SET two_way = NOT two_way WHERE code = 'PACK'",
    "categories": "UPDATE pim_category SET parent_id = NULL WHERE code = 'master_men_blazers'",
    "channels": "UPDATE pim_channel SET currencies = '{EUR}' WHERE code = 'ecommerce'",
    "attributes": "UPDATE pim_attribute SET localisable = NOT localisable WHERE code = 'name'",
    "options": "UPDATE pim_attributeoption SET position = position + 1 WHERE code = 'blue'",
    "families": "DELETE FROM pim_familyattribute WHERE id = (SELECT min(id) FROM pim_familyattribute)",
    "family variants": "UPDATE pim_familyvariantattribute SET level = 2 WHERE axis_position IS NULL AND level = 1",
    "products": "UPDATE pim_product SET family_variant_id = NULL WHERE code = 'amor'",
    "variants": "UPDATE pim_variant SET enabled = false WHERE sku = '1111111111'",
    "memberships": "DELETE FROM pim_productcategory WHERE id = (SELECT min(id) FROM pim_productcategory)",
    "links": """
        INSERT INTO pim_productlink (source_id, target_id, type_id, position)
        SELECT source.id, target.id, (SELECT id FROM pim_linktype WHERE code = 'PACK'), 0
        FROM pim_product AS source, pim_product AS target WHERE source.code = 'amor' AND target.code = 'apollon'
    """,  # the sets have none
}


def count_media(name: str) -> Iterator[int]:
    media = {
        row["code"]
        for row in lines(name, "attributes")
        if row["type"] in {"pim_catalog_image", "pim_catalog_file"}
    }
    for file in ("products", "product_models"):
        for row in lines(name, file):
            yield sum(bool(said) for column, said in row.items() if column in media)


def every_cell_is_found_again(name: str) -> bool:
    """Each filled cell of the files against the row that it became, read by a way of its own."""
    attributes = {row["code"]: row for row in lines(name, "attributes")}
    owners = {variant.sku.lower(): variant for variant in Variant.objects.select_related("product")}
    models = {model.code.lower(): model for model in ProductModel.objects.all()}
    products = {product.code.lower(): product for product in Product.objects.all()}
    checked = 0
    for file, key in (("products", "sku"), ("product_models", "code")):
        for row in lines(name, file):
            code = row[key].lower()
            values = (
                (owners[code].values if row["parent"] else products[code].values)
                if file == "products"
                else (models[code].values if row["parent"] else products[code].values)
            )
            for column, said in row.items():
                attribute, *place = column.split("-")
                if attribute not in attributes or attribute == "sku" or not said or place == ["unit"]:
                    continue
                checked += 1
                assert found(values, attributes[attribute], place) == expected(
                    said, attributes[attribute], row
                )
    return checked > 1000


def found(values: Any, attribute: dict[str, str], place: list[str]) -> Any:
    by_channel = values[attribute["code"]]
    locale = place.pop(0).replace("_", "-") if attribute["localizable"] == "1" else "*"
    channel = place.pop(0) if attribute["scopable"] == "1" else "*"
    value = by_channel[channel][locale]
    return value[place[0]] if place else value


def expected(said: str, attribute: dict[str, str], row: dict[str, str]) -> Any:
    match attribute["type"]:
        case "pim_catalog_metric":
            return {"amount": said, "unit": row[f"{attribute['code']}-unit"]}
        case "pim_catalog_boolean":
            return said == "1"
        case "pim_catalog_multiselect":
            return said.split(",")
        case "pim_catalog_text" | "pim_catalog_textarea":
            return said.replace("\r\n", "\n").strip()
        case _:
            return said


def test_the_comparison_names_whatever_differs(now: datetime) -> None:
    """The control of the one above: each kind of row is broken once."""
    bring_in(SHARED_DATA / "akeneo_catalog_modeling", now, publishes=False)
    assert set(BREAKS) == set(KINDS)

    for kind, statement in BREAKS.items():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
            named = differences("akeneo_catalog_modeling")
            transaction.set_rollback(True)

        assert cursor.rowcount, kind
        assert {each.split(" ")[0] for each in named} == {kind.split(" ")[0]}, named


def test_eans_stay_text_and_inheritance_is_resolved_in_publications(now: datetime) -> None:
    bring_in(SHARED_DATA / "akeneo_catalog_modeling", now)

    assert Identifier.objects.filter(value="1234567890123").exists(), (
        "its check digit is wrong, and nobody asked"
    )
    apollon = Publication.objects.get(product__code="apollon", channel__code="ecommerce").document
    blue = next(each for each in apollon["variants"] if each["sku"] == "1111111119")
    assert blue["values"]["color"] == {"*": "blue"}
    assert blue["values"]["variation_name"] == {"en-US": "Apollon blue"}
    assert blue["values"]["size"] == {"*": "xxl"}
    assert blue["values"]["image"] == {"*": "files/apollon_blue/image/apollon.jpg"}, (
        "the model's own, not the product's"
    )
    assert apollon["values"]["image"] == {"*": "files/apollon/image/apollon.jpg"}
    assert apollon["texts"]["name"] == {"en-US": "Long gray suit jacket and matching pants unstructured"}
