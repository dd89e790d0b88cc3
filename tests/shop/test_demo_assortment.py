"""The demonstration's whole assortment, as data: complete in three languages, nothing said twice, everything joined."""

from collections import Counter

import pytest

from pim.structure.rules import is_gtin
from shop.demo.assortment import small, whole
from shop.demo.goods import LOCALES
from shop.demo.pictures.specs import draw_missing, name_of

TEXTS = ("name", "summary", "description", "care", "delivered", "news", "materials")
ASSORTMENT = whole()
PRODUCTS = {draft.code: draft for draft in ASSORTMENT.products}


def test_there_are_four_hundred_variants_in_about_a_hundred_and_twenty_products():
    skus = [variant.sku for draft in ASSORTMENT.products for variant in draft.variants]

    assert 115 <= len(PRODUCTS) == len(ASSORTMENT.products) <= 130
    assert len(skus) >= 400
    assert len({sku.lower() for sku in skus}) == len(skus)
    assert set(skus) == set(ASSORTMENT.prices)


def test_every_department_has_a_shelf_with_products_on_it():
    shelved = Counter(shelf for draft in ASSORTMENT.products for shelf in draft.categories)
    codes = {code for code, _, _ in ASSORTMENT.categories}

    assert set(shelved) <= codes
    for shelf in (
        "sofas",
        "chairs",
        "cushions",
        "tables",
        "lamps",
        "rugs",
        "beds",
        "children",
        "outdoor",
        "care",
    ):
        assert shelved[shelf] >= 6, shelf
    assert shelved["spares"] >= 5
    assert shelved["new"] >= 10


def test_every_text_is_there_in_all_three_languages():
    for draft in ASSORTMENT.products:
        values = [draft.values, *(variant.values for variant in draft.variants)]
        said = {name: value for each in values for name, value in each.items() if name in TEXTS}
        assert {"name", "summary", "description"} <= set(said), draft.code
        for name, value in said.items():
            assert set(value["*"]) == set(LOCALES), (draft.code, name)
            assert all(text.strip() == text and text for text in value["*"].values()), (draft.code, name)
            if name in {"summary", "description"}:
                assert len(set(value["*"].values())) == len(LOCALES), (draft.code, name)


def test_every_label_is_there_in_all_three_languages():
    labels = [labels for _, _, labels in ASSORTMENT.categories]
    labels += [labels for _, labels in ASSORTMENT.link_types]
    labels += [each.labels for each in ASSORTMENT.attributes]
    labels += [option.labels for each in ASSORTMENT.attributes for option in each.options]

    assert all(set(each) == set(LOCALES) and all(each.values()) for each in labels)


@pytest.mark.parametrize("name", TEXTS)
def test_no_product_says_what_another_says(name):
    texts = Counter(
        text
        for draft in ASSORTMENT.products
        if name in draft.values
        for text in draft.values[name]["*"].values()
    )

    assert [text for text, count in texts.items() if count > 1] == []


def test_no_two_descriptions_begin_alike():
    for locale in LOCALES:
        openings = Counter(
            " ".join(draft.values["description"]["*"][locale].split()[:4]) for draft in ASSORTMENT.products
        )
        assert [opening for opening, count in openings.items() if count > 1] == [], locale


def test_every_link_leads_to_a_product_and_suits_something_it_comes_in():
    assert set(ASSORTMENT.links) <= set(PRODUCTS)
    kinds = {code for code, _ in ASSORTMENT.link_types}
    for source, links in ASSORTMENT.links.items():
        assert len(set(links)) == len(links)
        for link in links:
            assert link.target in PRODUCTS
            assert link.target != source
            assert link.kind in kinds
            if link.suits is not None:
                axis, option = link.suits
                offered = {v.values[axis]["*"]["*"] for v in PRODUCTS[source].variants if axis in v.values}
                assert option in offered, (source, link)
    assert {link.kind for links in ASSORTMENT.links.values() for link in links} == kinds


def test_prices_are_what_a_shop_would_ask():
    assert all(500 <= minor <= 400_000 and minor % 10 == 0 for minor in ASSORTMENT.prices.values())
    for draft in ASSORTMENT.products:
        own = [ASSORTMENT.prices[variant.sku] for variant in draft.variants]
        assert max(own) <= 4 * min(own), draft.code
    assert ASSORTMENT.prices["LAITURI-2-PILVI"] > ASSORTMENT.prices["LAITURI-2-HIEKKA"]


def test_stock_stands_in_two_warehouses_and_three_stores_and_some_is_sold_out():
    kinds = Counter(location.kind for location in ASSORTMENT.locations)
    stocked = {sku for units in ASSORTMENT.stock.values() for sku in units}

    assert kinds == {"warehouse": 2, "store": 3}
    assert set(ASSORTMENT.stock) == {location.code for location in ASSORTMENT.locations}
    assert stocked < set(ASSORTMENT.prices)
    assert all(count > 0 for units in ASSORTMENT.stock.values() for count in units.values())


def test_every_variant_has_its_picture_and_every_product_more_of_them():
    drawn = {name_of(spec) for spec in ASSORTMENT.pictures}
    for draft in ASSORTMENT.products:
        more = draft.values["pictures"]["*"]["*"]
        assert len(more) == 2
        assert set(more) <= drawn
        by_look = {}
        for variant in draft.variants:
            look = tuple(
                variant.values[a]["*"]["*"] for a in ("fabric", "finish", "colour") if a in variant.values
            )
            by_look.setdefault(look, set()).add(variant.values["picture"]["*"]["*"])
        fronts = [name for names in by_look.values() for name in names]
        assert len(fronts) == len(set(fronts)) == len(by_look), draft.code
        assert set(fronts) <= drawn


def test_pictures_are_drawn_once_and_always_the_same(tmp_path):
    sofa = next(spec for spec in ASSORTMENT.pictures if spec.subject == "sofa-laituri")
    one, other = tmp_path / "one", tmp_path / "other"

    assert draw_missing(specs=[sofa], root=one) == 1
    assert draw_missing(specs=[sofa], root=one) == 0
    draw_missing(specs=[sofa], root=other)

    assert (one / name_of(sofa)).read_bytes() == (other / name_of(sofa)).read_bytes()
    assert 3_000 < (one / name_of(sofa)).stat().st_size < 60_000


def test_the_small_shop_has_three_products_and_pictures_of_the_sofa_in_each_fabric():
    sofa = next(draft for draft in small().products if draft.code == "sofa-laituri")
    drawn = {name_of(spec) for spec in small().pictures}

    assert len(small().products) == 3
    assert len({variant.values["picture"]["*"]["*"] for variant in sofa.variants} & drawn) == 3
    assert len(drawn) == 5


def test_every_packing_has_a_number_of_the_houses_own_that_a_scanner_can_check():
    numbers = [variant.values["ean"]["*"]["*"] for draft in ASSORTMENT.products for variant in draft.variants]

    assert len(set(numbers)) == len(numbers)
    assert all(len(number) == 13 and number.startswith("20") and is_gtin(number) for number in numbers)
