"""Products are saved whole, judged by their definitions, and known by codes whose case does not matter."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from config.kernel.db import TransactionMisuse, open_transaction
from config.kernel.errors import NotFound
from pim.api import (
    AttributeDraft,
    LinkDraft,
    OptionDraft,
    VariantDraft,
    define_attribute,
    get_vocabulary,
    link_product,
)
from pim.catalogue.definitions import DefinitionIsFixed
from pim.catalogue.models import Attribute, AttributeOption, OptionReference, Product, Variant
from pim.catalogue.queries import get_product
from pim.catalogue.services import InvalidProduct, SkuTaken, save_product
from tests.pim.conftest import FOAM, SOFA, fact, save, text

pytestmark = pytest.mark.usefixtures("catalogue")


def test_a_product_is_saved_with_its_variants_axes_and_categories(now: datetime) -> None:
    saved = save(SOFA, now)

    product = get_product(product_id=saved.product_id)
    assert (saved.version, saved.changed) == (1, True)
    assert (product.code, product.axes, product.categories) == ("sofa", ("fabric",), {"sofas": 1})
    assert [variant.sku for variant in product.variants] == ["SOFA-SAND", "SOFA-MOSS"]
    assert product.values == SOFA.values
    assert product.variants[0].values == {"fabric": fact("sand")}


def test_saving_the_same_again_writes_nothing(now: datetime) -> None:
    first = save(SOFA, now)

    again = save(SOFA, now)

    assert (again.product_id, again.version, again.changed) == (first.product_id, 1, False)


@pytest.mark.parametrize(
    "change",
    [
        {"values": {**SOFA.values, "width": fact("230")}},
        {"tax_class": "reduced"},
        {"categories": {"sofas": 2}},
        {"variants": SOFA.variants[:1]},
        {"variants": SOFA.variants[::-1]},
        {"axes": ()},
    ],
    ids=lambda change: next(iter(change)),
)
def test_any_change_makes_a_new_version(change: dict[str, Any], now: datetime) -> None:
    if "axes" in change:
        change = change | {"variants": SOFA.variants[:1]}
    save(SOFA, now)

    saved = save(replace(SOFA, **change), now)

    assert (saved.version, saved.changed) == (2, True)


def test_codes_and_skus_are_found_whatever_their_case_and_keep_the_one_they_came_in(now: datetime) -> None:
    save(SOFA, now)

    saved = save(
        replace(
            SOFA,
            code="SOFA",
            axes=("FABRIC",),
            categories={"Sofas": 1},
            variants=tuple(replace(variant, sku=variant.sku.lower()) for variant in SOFA.variants[:1]),
        ),
        now,
    )

    product = get_product(product_id=saved.product_id)
    assert (product.code, product.variants[0].sku, product.axes) == ("sofa", "SOFA-SAND", ("fabric",))
    assert Product.objects.count() == 1


def test_the_database_itself_refuses_the_same_code_in_another_case(now: datetime) -> None:
    save(SOFA, now)

    with pytest.raises(IntegrityError, match="product_code_unique"), transaction.atomic():
        Product.objects.create(code="SoFa", created_at=now, changed_at=now)
    with pytest.raises(IntegrityError, match="variant_sku_unique"), transaction.atomic():
        Variant.objects.create(product=Product.objects.get(), sku="sofa-sand", axis_key="x")


def test_a_variant_that_is_left_out_is_archived_and_comes_back_as_the_same(now: datetime) -> None:
    save(SOFA, now)
    ref = Variant.objects.get(sku="SOFA-MOSS").public_id

    saved = save(replace(SOFA, variants=SOFA.variants[:1]), now)

    assert [variant.sku for variant in get_product(product_id=saved.product_id).variants] == ["SOFA-SAND"]
    assert Variant.objects.get(sku="SOFA-MOSS").archived_at == now
    save(SOFA, now)
    assert Variant.objects.get(sku="SOFA-MOSS", archived_at=None).public_id == ref


def test_another_variant_can_take_the_place_of_an_archived_one(now: datetime) -> None:
    save(SOFA, now)

    saved = save(
        replace(
            SOFA,
            variants=(SOFA.variants[0], VariantDraft(sku="SOFA-MOSS-2", values={"fabric": fact("moss")})),
        ),
        now,
    )

    assert [variant.sku for variant in get_product(product_id=saved.product_id).variants] == [
        "SOFA-SAND",
        "SOFA-MOSS-2",
    ]


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"values": {"name": text(de="Sofa")}}, "/values/name/*/de", "unknown_locale"),
        ({"values": {"colour": fact("red")}}, "/values/colour/*/*", "unknown_attribute"),
        ({"variants": ()}, "/variants", "missing"),
        ({"axes": ("size",)}, "/axes", "missing"),
        ({"variants": (VariantDraft(sku="S"),)}, "/variants/0/values", "missing"),
        (
            {"variants": (VariantDraft(sku="S", values={"fabric": fact("velvet")}),)},
            "/variants/0/values/fabric/*/*",
            "unknown_option",
        ),
        (
            {"variants": tuple(VariantDraft(sku=sku, values={"fabric": fact("sand")}) for sku in ("A", "B"))},
            "/variants/1",
            "not_unique",
        ),
        (
            {"axes": (), "variants": (VariantDraft(sku="A"), VariantDraft(sku="B"))},
            "/variants/1",
            "not_unique",
        ),
    ],
)
def test_what_does_not_fit_is_refused_by_its_place_and_nothing_is_saved(
    change: dict[str, Any], pointer: str, code: str, now: datetime
) -> None:
    with pytest.raises(InvalidProduct) as refused:
        save(replace(SOFA, **change), now)

    assert (pointer, code) in [(error.pointer, error.code) for error in refused.value.errors]
    assert not Product.objects.exists()


def test_a_sku_belongs_to_one_product(now: datetime) -> None:
    save(SOFA, now)

    with pytest.raises(SkuTaken) as refused:
        save(replace(FOAM, variants=(VariantDraft(sku="sofa-sand"),)), now)

    assert refused.value.data == {"skus": ["SOFA-SAND"]}
    assert Product.objects.count() == 1


def test_an_unknown_category_is_named(now: datetime) -> None:
    with pytest.raises(NotFound, match="beds"):
        save(replace(SOFA, categories={"beds": 1}), now)

    assert not Product.objects.exists()


def test_saving_needs_the_callers_transaction(now: datetime) -> None:
    with pytest.raises(TransactionMisuse):
        save_product(draft=SOFA, now=now)


def test_an_option_in_use_cannot_disappear(now: datetime) -> None:
    save(SOFA, now)

    with pytest.raises(ProtectedError):
        AttributeOption.objects.filter(code="sand").delete()

    used = OptionReference.objects.values_list("variant__sku", "option__code")
    assert set(used) == {("SOFA-SAND", "sand"), ("SOFA-MOSS", "moss")}


def test_an_attribute_gets_new_labels_and_options_but_keeps_its_meaning(now: datetime) -> None:
    fabric = AttributeDraft(
        code="Fabric",
        type="select",
        labels={"fi": "Verhoilu"},
        options=(OptionDraft(code="SAND", labels={"fi": "Hiekka"}), OptionDraft(code="rust", labels={})),
    )
    with open_transaction():
        define_attribute(draft=fabric, now=now)

    attribute = Attribute.objects.get(code="fabric")
    assert attribute.labels == {"fi": "Verhoilu"}
    assert set(attribute.options.values_list("code", flat=True)) == {"sand", "moss", "rust"}
    for change in ({"type": "text", "options": ()}, {"localisable": True}, {"scopable": True}):
        with pytest.raises(DefinitionIsFixed), open_transaction():
            define_attribute(draft=replace(fabric, **change), now=now)  # type: ignore[arg-type]


def test_links_lead_to_products_that_exist_and_may_name_an_option(now: datetime) -> None:
    save(SOFA, now)
    save(FOAM, now)
    links = (
        LinkDraft(kind="care_for", target="FOAM", suits=("fabric", "sand")),
        LinkDraft(kind="goes_with", target="foam"),
    )

    with open_transaction():
        linked = link_product(code="sofa", links=links, now=now)
        again = link_product(code="sofa", links=links, now=now)

    assert (linked.version, linked.changed) == (2, True)
    assert (again.version, again.changed) == (2, False)
    for link in (
        LinkDraft(kind="goes_with", target="bed"),
        LinkDraft(kind="care_for", target="foam", suits=("fabric", "x")),
    ):
        with pytest.raises(NotFound), open_transaction():
            link_product(code="sofa", links=(link,), now=now)
    with pytest.raises(IntegrityError, match="productlink_leads_elsewhere"), open_transaction():
        link_product(code="sofa", links=(LinkDraft(kind="goes_with", target="sofa"),), now=now)


def test_the_vocabulary_has_the_words_and_every_category_above() -> None:
    words = get_vocabulary(attributes=["width", "gone"], options=[("fabric", "sand")], categories=["sofas"])

    assert words.attributes["width"].unit == "cm"
    assert set(words.attributes) == {"width"}
    assert words.options["fabric", "sand"].labels == {"fi": "Hiekka"}
    assert words.categories["sofas"].path == ("shop", "sofas")
    assert words.categories["shop"].path == ("shop",)
