"""What the demonstration asks of its goods can be answered, is mostly answered, and shows some work that waits."""

from collections import Counter

from shop.demo.assortment import small, whole
from shop.demo.families import families_of, in_families


def gaps() -> Counter[str]:
    """How many products of each family lack something that it asks for, whichever variant lacks it."""
    assortment = in_families(whole())
    asked = {draft.code: next(iter(draft.requirements.values())) for draft in families_of(assortment)}
    found: Counter[str] = Counter()
    for product in assortment.products:
        assert product.family in asked, product.code
        found[product.family] += any(
            code not in product.values and code not in variant.values
            for variant in product.variants
            for code in asked[product.family]
        )
    return found


def test_every_product_is_of_a_family_and_most_of_them_lack_nothing() -> None:
    lacking = gaps()

    assert len(lacking) >= 12
    assert 0 < sum(lacking.values()) < len(whole().products) / 3
    assert lacking["sofas"] <= 1
    assert lacking["lamps"] == 0


def test_a_family_is_called_as_its_shelf_and_asks_only_for_what_there_is() -> None:
    for assortment in (small(), whole()):
        known = {draft.code for draft in assortment.attributes}
        shelves = {code: words for code, _, words in assortment.categories}
        for draft in families_of(assortment):
            assert draft.labels == shelves[draft.code]
            assert {"name", "summary", "description"} <= set(draft.attributes)
            assert set(draft.attributes) | set(*draft.requirements.values()) <= known
