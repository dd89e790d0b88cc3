"""Search over HTTP: twelve titles of a Finnish shop, and what people type to find them."""

# ruff: noqa: E501

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from inline_snapshot import snapshot

from config.kernel.actors import system
from config.kernel.db import open_transaction
from config.kernel.dispatcher import run_pending
from config.kernel.models import StoredEvent
from pim.api import AttributeDraft, OptionDraft, define_attribute, publish
from pim.publishing.services import withdraw_product
from shop.catalog.models import Listing
from shop.events import CompoundsSplit
from shop.search.models import Document, Term
from shop.search.queries import list_stale_documents
from shop.search.services import index_products, inflect_terms
from tests.callers import Caller, problem
from tests.factories.goods import CHANNEL, add_product, named
from tests.factories.world import World
from tests.sql import statements

BY = system("tests")
PRODUCTS = "/store/v1/products"

TITLES = {
    "meri": named(fi="Sohva Meri", sv_FI="Soffa Meri", en="Meri sofa"),
    "ranta": named(fi="Kulmasohva Ranta", sv_FI="Hörnsoffa Ranta", en="Ranta corner sofa"),
    "pilvi": named(fi="Sohvatyyny Pilvi", sv_FI="Soffkudde Pilvi", en="Pilvi sofa cushion"),
    "tupa": named(fi="Keittiönpöytä Tupa", sv_FI="Köksbord Tupa", en="Tupa kitchen table"),
    "salo": named(fi="Pöytä Salo", sv_FI="Bord Salo", en="Salo table"),
    "vilja": named(fi="Lastenvaate Vilja", sv_FI="Barnplagg Vilja", en="Vilja clothes for children"),
    "puro": named(fi="Kumisaapas Puro", sv_FI="Gummistövel Puro", en="Puro rubber boot"),
    "kuru": named(fi="Tuoli Kuru", sv_FI="Stol Kuru", en="Kuru chair"),
    "lempi": named(fi="Hyllykkö Lempi", sv_FI="Hyllställ Lempi", en="Lempi shelves"),
    "aho": named(fi="Matto Aho", sv_FI="Matta Aho", en="Aho rug"),
    "usva": named(fi="Verho Usva", sv_FI="Gardin Usva", en="Usva curtain"),
    "niitty": named(fi="Nojatuoli Niitty", sv_FI="Fåtölj Niitty", en="Niitty armchair"),
}


def _index(now: datetime) -> None:
    """What the worker does when it has heard of the listings: documents first, then every form of new words."""
    standing = [*Listing.objects.values_list("content_scope", "product_ref")]
    standing += Document.objects.values_list("content_scope", "product_ref")
    for scope in sorted({scope for scope, _ in standing}):
        refs = sorted({ref for each, ref in standing if each == scope})
        index_products(content_scope=scope, product_refs=refs, by=BY, now=now)
    for language in ("fi", "sv", "en"):
        inflect_terms(language=language, by=BY, now=now)


def _publish(code: str, values: Mapping[str, Any], now: datetime, **more: Any) -> UUID:
    with open_transaction():
        product = UUID(add_product(code=code, values=values, variants={code.upper(): {}}, now=now, **more))
        publish(product_id=product, channel=CHANNEL, by=BY, now=now)
    run_pending(now=now)
    return product


@pytest.fixture(scope="module")
def _titles(_standing_world: World, django_db_blocker: Any) -> Iterator[None]:
    now = datetime.now(tz=UTC)
    with django_db_blocker.unblock():
        for code, values in TITLES.items():
            _publish(code, values, now)
        _index(now)
        yield


@pytest.fixture
def shopper(_titles: None, world: World) -> Caller:
    return world.guest(Accept_Language="fi")


def _names(page: Any) -> list[str]:
    return [card["name"] for card in page["items"]]


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("sohvat", "Sohva Meri"),
        ("sohvalle", "Sohva Meri"),
        ("kulmasohva", "Kulmasohva Ranta"),
        ("sohvatyynyjä", "Sohvatyyny Pilvi"),
        ("keittiönpöytä", "Keittiönpöytä Tupa"),
        ("pöydän", "Pöytä Salo"),
        ("lastenvaatteita", "Lastenvaate Vilja"),
        ("kumisaappaat", "Kumisaapas Puro"),
        ("tuolien", "Tuoli Kuru"),
        ("hyllykköön", "Hyllykkö Lempi"),
        ("mattoja", "Matto Aho"),
        ("verhot", "Verho Usva"),
    ],
)
def test_an_inflected_word_finds_its_base_word(shopper: Caller, typed: str, title: str) -> None:
    found = shopper.says("GET", f"{PRODUCTS}?q={typed}")

    assert title in _names(found)
    assert found["total"] == len(found["items"])


@pytest.mark.parametrize(
    ("typed", "titles"),
    [
        ("pöydälle", {"Pöytä Salo", "Keittiönpöytä Tupa"}),
        ("tyyny", {"Tyyny Kaisla", "Sohvatyyny Pilvi"}),
        ("vaate", {"Lastenvaate Vilja"}),
        ("saappaita", {"Kumisaapas Puro"}),
        ("tuolit", {"Tuoli Kuru", "Nojatuoli Niitty"}),
    ],
)
def test_a_word_finds_the_compounds_it_is_part_of(shopper: Caller, typed: str, titles: set[str]) -> None:
    assert set(_names(shopper.says("GET", f"{PRODUCTS}?q={typed}"))) == titles


def test_what_a_thing_is_comes_before_what_it_is_for(shopper: Caller) -> None:
    names = _names(shopper.says("GET", f"{PRODUCTS}?q=sohva"))

    assert set(names[:2]) == {"Sohva Aava", "Sohva Meri"}
    assert names[2:] == ["Kulmasohva Ranta", "Sohvatyyny Pilvi"]


def test_a_compound_that_the_shop_does_not_have_finds_what_the_thing_is(shopper: Caller) -> None:
    names = _names(shopper.says("GET", f"{PRODUCTS}?q=divaanisohvia"))

    assert set(names[:2]) == {"Sohva Aava", "Sohva Meri"}


def test_every_word_must_be_there(shopper: Caller) -> None:
    assert _names(shopper.says("GET", f"{PRODUCTS}?q=sohvia+ranta")) == ["Kulmasohva Ranta"]
    assert shopper.says("GET", f"{PRODUCTS}?q=sohva+verho")["total"] == 0


def test_a_name_is_found_with_an_ending_that_no_dictionary_has(shopper: Caller) -> None:
    assert _names(shopper.says("GET", f"{PRODUCTS}?q=Niittyyn")) == ["Nojatuoli Niitty"]


@pytest.mark.parametrize(
    ("locale", "typed", "name"),
    [
        ("sv-FI", "hörnsoffor", "Hörnsoffa Ranta"),
        ("sv-FI", "bordet", "Köksbord Tupa"),
        ("en", "curtains", "Usva curtain"),
    ],
)
def test_each_language_is_searched_in_its_own_words(
    shopper: Caller, locale: str, typed: str, name: str
) -> None:
    found = shopper.says("GET", f"{PRODUCTS}?q={typed}&locale={locale}")

    assert name in _names(found)
    assert shopper.says("GET", f"{PRODUCTS}?q={typed}&locale=fi")["total"] == 0


def test_brand_options_and_attributes_are_found_too(shopper: Caller, now: datetime) -> None:
    with open_transaction():
        define_attribute(draft=AttributeDraft(code="brand", type="text", labels={"fi": "Merkki"}), now=now)
        define_attribute(
            draft=AttributeDraft(code="washable", type="boolean", labels={"fi": "Konepestävä"}), now=now
        )
        define_attribute(
            draft=AttributeDraft(
                code="material",
                type="select",
                labels={"fi": "Materiaali"},
                options=(OptionDraft(code="linen", labels={"fi": "Pellavaa"}),),
            ),
            now=now,
        )
    facts = {"brand": "Kaarna", "washable": True, "material": "linen"}
    _publish(
        "sade", named(fi="Peitto Sade") | {code: {"*": {"*": value}} for code, value in facts.items()}, now
    )
    _index(now)

    for typed in ("kaarna", "pellava", "konepestävä", "peittoja"):
        assert _names(shopper.says("GET", f"{PRODUCTS}?q={typed}")) == ["Peitto Sade"], typed


def test_a_page_of_what_was_found_is_like_any_page(shopper: Caller) -> None:
    first = shopper.says("GET", f"{PRODUCTS}?q=sohva&limit=3")
    second = shopper.says("GET", f"{PRODUCTS}?q=sohva&limit=3&page=2")
    beyond = shopper.says("GET", f"{PRODUCTS}?q=sohva&limit=3&page=9")
    listed = shopper.says("GET", PRODUCTS)["items"]

    assert (len(first["items"]), len(second["items"]), beyond["items"]) == (3, 1, [])
    assert first["total"] == second["total"] == beyond["total"] == 4
    assert next(card for card in listed if card["name"] == "Sohva Aava") in first["items"]


def test_what_was_found_can_be_narrowed_and_sorted(shopper: Caller) -> None:
    in_category = shopper.says("GET", f"{PRODUCTS}?q=sohva&category=sofas")
    by_price = shopper.says("GET", f"{PRODUCTS}?q=sohva&sort=price")

    assert _names(in_category) == ["Sohva Aava"]
    assert _names(by_price)[0] == "Sohva Aava"  # the only one with a price


def test_relevance_without_a_query_is_refused(shopper: Caller) -> None:
    response = shopper.tries("GET", f"{PRODUCTS}?sort=relevance")

    assert (response.status_code, problem(response)["errors"][0]["code"]) == (400, "unknown_filter")


@pytest.mark.parametrize(
    "typed", ["'", "\\", "a' | 'b", "!!", "%27:*", "sohva & | !", "😀", "x" * 200, "1 " * 90]
)
def test_nothing_that_is_typed_breaks_it(shopper: Caller, typed: str) -> None:
    response = shopper.client.get(PRODUCTS, {"q": typed}, headers={"X-Api-Key": shopper.headers["X_Api_Key"]})

    assert response.status_code == 200


def test_what_is_withdrawn_or_renamed_is_not_found_any_more(shopper: Caller, now: datetime) -> None:
    product = _publish("hetki", named(fi="Jakkara Hetki"), now)
    _index(now)
    assert shopper.says("GET", f"{PRODUCTS}?q=jakkarat")["total"] == 1

    withdraw_product(product_id=product, channel=CHANNEL, version=None, by=BY, now=now)
    run_pending(now=now)

    assert shopper.says("GET", f"{PRODUCTS}?q=jakkarat")["items"] == []
    assert len(list_stale_documents()) == 3
    _index(now)
    assert list_stale_documents() == ()
    assert shopper.says("GET", f"{PRODUCTS}?q=jakkarat")["total"] == 0


def test_a_search_is_one_statement_for_its_words_and_one_for_its_page(shopper: Caller) -> None:
    shopper.says("GET", PRODUCTS)

    with statements() as for_one:
        shopper.says("GET", f"{PRODUCTS}?q=sohva&limit=1")
    with statements() as for_many:
        shopper.says("GET", f"{PRODUCTS}?q=sohvalle+kulmasohva+divaanisohva&limit=100")
    with statements() as by_price:
        shopper.says("GET", f"{PRODUCTS}?q=sohva&sort=price")

    assert for_one == for_many
    assert len(by_price) == 2
    assert for_one == snapshot(
        [
            "SELECT ... FROM shop_wordform word JOIN shop_term term ON ... WHERE ...",
            "WITH hit AS MATERIALIZED (SELECT ... FROM shop_document WHERE ...) SELECT ... FROM (SELECT ... FROM hit) counted LEFT JOIN (SELECT * FROM hit ORDER BY ... DESC LIMIT ... OFFSET ...) page ON ... LEFT JOIN shop_placement place ON ... LEFT JOIN shop_listing listing ON ... ORDER BY ... DESC",
        ]
    )


def test_a_compound_is_taken_apart_when_its_part_becomes_known(shopper: Caller, now: datetime) -> None:
    """No dictionary knows the house's own name, so only a later product says where `zorbilipasto` is to be cut."""
    product = _publish("chest", named(fi="Zorbilipasto Iso"), now)
    _index(now)
    assert Term.objects.get(language="fi", base="zorbilipasto").parts == []
    assert shopper.says("GET", f"{PRODUCTS}?q=lipastot")["total"] == 0
    assert _splits() == []

    _publish("zorbi", named(fi="Zorbi, pieni"), now)
    _index(now)

    assert Term.objects.get(language="fi", base="zorbilipasto").parts == ["zorbi", "lipasto"]
    (told,) = _splits()
    assert told == {"content_scope": CHANNEL, "product_refs": [str(product)]}
    index_products(
        content_scope=CHANNEL, product_refs=[product], by=BY, now=now
    )  # as on_compounds_split asks
    inflect_terms(language="fi", by=BY, now=now)
    assert _names(shopper.says("GET", f"{PRODUCTS}?q=lipastoja")) == ["Zorbilipasto Iso"]
    assert set(_names(shopper.says("GET", f"{PRODUCTS}?q=zorbi"))) == {"Zorbilipasto Iso", "Zorbi, pieni"}
    assert len(_splits()) == 1, "the new part, lipasto, says nothing new of it"


def _splits() -> list[Any]:
    return list(
        StoredEvent.objects.filter(name=CompoundsSplit.name).order_by("id").values_list("data", flat=True)
    )


def test_indexing_again_changes_nothing(shopper: Caller, now: datetime) -> None:
    before = (list(Document.objects.order_by("id").values()), list(Term.objects.order_by("id").values()))

    _index(now)

    assert before == (
        list(Document.objects.order_by("id").values()),
        list(Term.objects.order_by("id").values()),
    )
