"""A catalogue comes in whole; what cannot be taken is named by file, line and column, and the rest goes on."""

from datetime import datetime
from pathlib import Path

import pytest

from config.kernel.errors import NotFound
from pim.catalogue.models import OptionReference, Product, ProductChange, Variant
from pim.catalogue.queries import get_product
from pim.enrichment.models import Completeness
from pim.intake.models import StagedRow
from pim.intake.ports import BadSource
from pim.intake.queries import get_import
from pim.intake.services import request_import, run_import, start_import, take_step
from pim.publishing.models import Publication
from pim.structure.models import FamilyAttribute, FamilyVariantAttribute
from tests.pim.conftest import fact
from tests.pim.sets import BY, SHIRTS, bring_in, refused, write_set

pytestmark = pytest.mark.django_db


@pytest.fixture
def shirts(tmp_path: Path) -> Path:
    return write_set(tmp_path / "shirts", **SHIRTS)


def changed(place: Path, file: str, old: str, new: str) -> Path:
    path = place / f"{file}.csv"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    return place


def document(code: str) -> dict:
    return Publication.objects.filter(product__code=code).latest("number").document


def test_models_of_two_levels_become_a_product_with_variants(shirts: Path, now: datetime) -> None:
    done = bring_in(shirts, now)

    shirt = get_product(product_id=Product.objects.get(code="shirt").public_id)
    assert refused(done) == []
    assert (shirt.family, shirt.axes) == ("clothing", ("colour", "size"))
    assert [model.code for model in shirt.models] == ["shirt-red", "shirt-blue"]
    assert [(each.sku, each.model, each.enabled) for each in shirt.variants] == [
        ("shirt-red-s", "shirt-red", True),
        ("shirt-red-m", "shirt-red", False),
        ("shirt-blue-s", "shirt-blue", True),
    ]
    assert shirt.models[1].values["colour"] == fact("Blue"), "codes match ignoring case"
    assert shirt.variants[0].values == {
        "size": fact("s"),
        "weight": fact({"amount": "150", "unit": "GRAM"}),
        "ean": fact("123"),
    }
    assert Variant.objects.get(sku="shirt-blue-s").axis_key == "colour=Blue|size=s"


def test_values_of_every_type_and_place_come_in(shirts: Path, now: datetime) -> None:
    bring_in(shirts, now)

    shirt, mug = Product.objects.get(code="shirt"), Product.objects.get(code="mug")
    assert shirt.values == {
        "name": {"*": {"en-US": "Shirt"}},
        "about": {"web": {"en-US": "Soft"}},
        "price": fact({"EUR": "19.90"}),
    }
    assert mug.family is None, "a product may lack a family"
    assert mug.values == {
        "name": {"*": {"en-US": "Mug"}},
        "weight": fact({"amount": "300", "unit": "GRAM"}),
        "ean": fact("126"),
        "tags": fact(["new", "sale"]),
        "organic": fact(True),
        "since": fact("2026-11-22"),
    }
    assert OptionReference.objects.filter(model__code="shirt-red", option__code="red").exists()


def test_a_publication_says_what_variants_inherit(shirts: Path, now: datetime) -> None:
    bring_in(shirts, now)

    shirt = document("shirt")
    assert [each["sku"] for each in shirt["variants"]] == ["shirt-red-s", "shirt-blue-s"]
    assert shirt["variants"][1]["values"] == {
        "colour": {"*": "Blue"},
        "picture": {"*": "files/blue.jpg"},
        "size": {"*": "s"},
        "ean": {"*": "125"},
    }
    assert shirt["image"] == "picture"
    assert shirt["categories"] == [{"code": "shirts", "rank": 0}], "the other tree is not the channel's"
    assert [link["kind"] for link in shirt["links"]] == ["PACK"]


def test_media_without_a_file_are_kept_and_counted(shirts: Path, now: datetime) -> None:
    assert bring_in(shirts, now).counts["media"] == {"missing": 2}


def test_an_import_writes_one_history_row_per_product(shirts: Path, now: datetime) -> None:
    done = bring_in(shirts, now)

    rows = ProductChange.objects.order_by("product__code")
    assert [(row.product.code, row.version, row.actor["ref"]) for row in rows] == [
        ("mug", 1, "tests"),
        ("shirt", 1, "tests"),
    ]
    assert rows[1].delta["created"]["variants"] == 3
    assert Product.objects.get(code="shirt").links.get().target.code == "mug", "which came after it"
    assert done.counts["links"] == {"changed": 1}


def test_a_second_run_writes_nothing_and_says_so(shirts: Path, now: datetime) -> None:
    first = bring_in(shirts, now)
    tables = (Product, Variant, ProductChange, Completeness, Publication)
    before = [list(table.objects.order_by("pk").values()) for table in tables]

    again = bring_in(shirts, now)

    assert (first.wrote_nothing, again.wrote_nothing) == (False, True)
    assert [list(table.objects.order_by("pk").values()) for table in tables] == before
    assert not StagedRow.objects.exists(), "rows that were taken are not kept"


def test_what_the_set_says_anew_is_one_change_with_what_was_before(shirts: Path, now: datetime) -> None:
    bring_in(shirts, now)
    changed(shirts, "product_models", "19.90;", "17.90;21")

    again = bring_in(shirts, now)

    assert again.counts["products"] == {"changed": 1, "same": 1}
    assert again.counts["publications"] == {"published": 1}
    change = ProductChange.objects.latest("id")
    assert change.delta == {
        "changed": {"values/price/*/*": [{"EUR": "19.90"}, {"EUR": "17.90", "USD": "21"}]}
    }


def test_what_the_set_does_not_say_stays(shirts: Path, now: datetime) -> None:
    bring_in(shirts, now)
    products = shirts / "products.csv"
    products.write_text("sku;parent;size;categories\nshirt-blue-m;shirt-blue;m;\n")
    (shirts / "product_models.csv").unlink()

    again = bring_in(shirts, now)

    shirt = get_product(product_id=Product.objects.get(code="shirt").public_id)
    assert refused(again) == []
    assert len(shirt.variants) == 4
    assert shirt.variants[-1].model == "shirt-blue"


@pytest.mark.parametrize(
    ("file", "old", "new", "place", "reason"),
    [
        ("products", ";s;150;", ";xl;150;", (2, "size"), "unknown_option"),
        ("products", ";150;GRAM", ";150;STONE", (2, "weight"), "unknown_unit"),
        ("products", ";150;GRAM", ";heavy;GRAM", (2, "weight"), "wrong_type"),
        ("products", "shirts,other", "shirts,gone", (2, "categories"), "unknown_category"),
        ("products", "shirt-red;shirts;0;m", "x;;0;m", (3, "parent"), "unknown_parent"),
        ("products", "shirt-red;shirts;0;m", "shirt-red;;0;s", (3, ""), "not_unique"),
        ("products", "shirts;0;m;", "shirts;0;;", (3, "size"), "axis_missing"),
        ("products", "KILOGRAM;124", "KILOGRAM;123", (3, "ean"), "identifier_taken"),
        ("products", "mug;;;;1", "mug;crockery;;;1", (5, "family"), "unknown_family"),
        ("products", "2026-11-22", "2026-11-31", (5, "since"), "wrong_type"),
        ("products", ";1;2026", ";maybe;2026", (5, "organic"), "wrong_type"),
        ("product_models", "files/blue.jpg", "../blue.jpg", (4, "picture"), "unsafe_path"),
    ],
)  # fmt: skip
def test_a_wrong_row_is_refused_and_the_rest_goes_on(
    shirts: Path, now: datetime, *, file: str, old: str, new: str, place: tuple[int, str], reason: str
) -> None:
    line, column = place

    done = bring_in(changed(shirts, file, old, new), now)

    assert (f"{file}.csv", line, column, reason) in refused(done)
    assert done.state == "done"
    assert Variant.objects.filter(sku="shirt-red-s").exists() or line == 2
    assert Product.objects.filter(code="mug").exists() or line == 5


def test_two_rows_of_one_sku_are_both_refused(shirts: Path, now: datetime) -> None:
    done = bring_in(changed(shirts, "products", "mug;;;;1", "SHIRT-RED-S;;;;1"), now)

    doubles = [each for each in refused(done) if each[3] == "duplicate_code"]
    assert doubles == [("products.csv", 2, "", "duplicate_code"), ("products.csv", 5, "", "duplicate_code")]


def test_categories_in_a_circle_are_refused(shirts: Path, now: datetime) -> None:
    changed(shirts, "categories", "other;;", "other;deeper;")
    place = changed(shirts, "categories", ";Other", ";Other\ndeeper;other;Deeper")

    done = bring_in(place, now)

    assert ("categories.csv", 4, "parent", "category_cycle") in refused(done)
    assert ("products.csv", 2, "categories", "unknown_category") in refused(done)


def test_an_attribute_keeps_its_meaning(shirts: Path, now: datetime) -> None:
    bring_in(shirts, now)

    done = bring_in(changed(shirts, "attributes", "ean;pim_catalog_text", "ean;pim_catalog_number"), now)

    assert ("attributes.csv", 13, "type", "definition_is_fixed") in refused(done)


@pytest.mark.parametrize(
    ("file", "header", "code"),
    [
        ("products", "sku;nonsense\nmug;x", "bad_header"),
        ("products", "sku;name-en_US;name-en_US", "bad_header"),
        ("products", "name-en_US", "bad_header"),
        ("products", "sku,family", "wrong_delimiter"),
        ("products", "", "empty_file"),
        ("families", "code;attributes;colour", "bad_header"),
    ],
)
def test_a_set_that_cannot_be_read_is_refused_as_a_whole(
    shirts: Path, now: datetime, file: str, header: str, code: str
) -> None:
    write_set(shirts, **{file: header})

    done = bring_in(shirts, now)

    assert done.state == "failed"
    assert done.problem is not None
    assert [each["code"] for each in done.problem["errors"]] == [code]
    assert not Product.objects.exists()


def test_steps_that_were_taken_are_not_taken_again(shirts: Path, now: datetime) -> None:
    done = bring_in(shirts, now)

    run_import(import_id=done.import_id, by=BY, now=now)

    assert get_import(import_id=done.import_id) == done


def test_the_same_set_goes_on_where_it_was(shirts: Path, now: datetime) -> None:
    begun = start_import(place=str(shirts), publishes=True, by=BY, now=now)

    assert start_import(place=str(shirts), publishes=True, by=BY, now=now) == begun


def test_no_import_of_that_name(now: datetime) -> None:
    nobody = Product(code="x").public_id

    with pytest.raises(NotFound):
        take_step(import_id=nobody, words=None, by=BY, now=now)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("../secrets", "unsafe_path"),
        ("/etc", "unsafe_path"),
        ("a/../../b", "unsafe_path"),
        ("link", "unsafe_path"),
        ("nothing-here", "unknown_set"),
        ("empty", "unknown_format"),
    ],
)
def test_a_set_is_named_by_its_directory_among_the_imports(
    tmp_path: Path, settings: object, now: datetime, name: str, code: str
) -> None:
    settings.IMPORT_DIR = tmp_path / "imports"  # type: ignore[attr-defined]
    write_set(tmp_path / "imports" / "empty")
    (tmp_path / "imports" / "link").symlink_to("/etc")

    with pytest.raises(BadSource) as refused_set:
        request_import(set_name=name, publishes=True, by=BY, now=now)

    assert [error.code for error in refused_set.value.errors] == [code]


def test_groups_of_products_are_counted_and_left(shirts: Path, now: datetime) -> None:
    changed(shirts, "products", ";PACK-products\n", ";PACK-products;PACK-groups;TWIN-groups;groups\n")
    changed(shirts, "products", ";125;;;;;mug\n", ";125;;;;;mug;summer,winter;;sale\n")
    changed(shirts, "products", "2026-11-22;Mug;\n", "2026-11-22;Mug;;;summer;sale,gifts\n")
    for sku in ("123", "124"):
        changed(shirts, "products", f";{sku};;;;;\n", f";{sku};;;;;;;;\n")
    changed(shirts, "product_models", ";price-USD\n", ";price-USD;TWIN-groups\n")
    changed(shirts, "product_models", ";19.90;\n", ";19.90;;winter\n")
    for colour in ("red", "blue"):
        changed(shirts, "product_models", f"files/{colour}.jpg;;\n", f"files/{colour}.jpg;;;\n")

    done = bring_in(shirts, now)

    assert (done.state, refused(done)) == ("done", [])
    assert done.left == {"memberships of groups": 3, "links to groups": 4}


def test_a_refused_row_keeps_only_itself_out_whatever_else_has_its_code(shirts: Path, now: datetime) -> None:
    changed(
        shirts, "categories", "other;;Other", "other;;Other\nclothing;nowhere;\nby_colour_and_size;nowhere;"
    )

    done = bring_in(shirts, now)

    assert refused(done) == [
        ("categories.csv", 5, "parent", "unknown_category"),
        ("categories.csv", 6, "parent", "unknown_category"),
    ]
    assert FamilyAttribute.objects.filter(family__code="clothing").count() == 7
    assert FamilyVariantAttribute.objects.filter(family_variant__code="by_colour_and_size").count() == 6
