"""The storefront's pages over HTTP: what a person without JavaScript reads, and what a page may load."""

import json
import re
from html import unescape
from pathlib import Path

import pytest
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from config.kernel.actors import system
from config.kernel.db import open_transaction
from config.kernel.dispatcher import run_pending
from pim.api import AttributeDraft, LinkDraft, OptionDraft, define_attribute, link_products, publish
from shop.catalog.models import Listing
from shop.search.services import index_products, inflect_terms
from tests.callers import Caller
from tests.factories.goods import CHANNEL, SAND, add_product, named
from tests.factories.world import World
from tests.shop.conftest import BY, Shop

LOCALES = Path(__file__).parents[2] / "shop" / "locale"


def read(shopper: Caller, path: str, /, status: int = 200, **headers: str) -> str:
    response = shopper.tries("GET", path, **headers)
    assert response.status_code == status, f"{path}: {response.status_code} {response.content!r}"
    return response.content.decode()


def test_the_front_door_leads_to_the_language_that_the_browser_asks_for(shopper: Caller) -> None:
    response = shopper.tries("GET", "/", Accept_Language="sv-SE,sv;q=0.9,en;q=0.5")

    assert (response.status_code, response["Location"]) == (302, "/sv/")
    assert "Accept-Language" in response["Vary"]


@pytest.mark.parametrize(
    ("path", "heading"),
    [("/fi/search?q=sohva", "Haku"), ("/sv/search?q=sohva", "Sök"), ("/en/search", "Search")],
)
def test_a_page_is_in_the_language_of_its_address(shopper: Caller, path: str, heading: str) -> None:
    assert f"<h1>{heading}</h1>" in read(shopper, path, Accept_Language="de")


def test_a_language_that_the_market_does_not_speak_has_no_pages(shopper: Caller) -> None:
    read(shopper, "/de/", 404)


def test_a_page_lists_itself_in_the_other_languages(shopper: Caller) -> None:
    page = read(shopper, "/fi/p/sohva-aava")

    assert 'hreflang="fi" href="/fi/p/sohva-aava"' in page
    assert re.search(r'rel="alternate" hreflang="sv-FI" href="/sv/p/[a-z-]+"', page)


def test_a_products_page_says_what_the_api_says(shopper: Caller) -> None:
    said = shopper.says("GET", "/store/v1/products/sohva-aava?locale=fi")
    page = unescape(read(shopper, "/fi/p/sohva-aava"))

    assert f">{said['name']}</h1>" in page
    for axis in said["axes"]:
        assert axis["label"] in page
        for option in axis["options"]:
            assert option["label"] in page


def test_a_chosen_variant_stands_in_the_address_and_on_the_page(shopper: Caller) -> None:
    page = read(shopper, f"/fi/p/sohva-aava?sku={SAND}")

    assert f"Tuotenumero {SAND}" in page
    assert f"?sku={SAND}" in re.search(r'<a class="option[^>]*aria-current="true"', page).group()  # type: ignore[union-attr]


def test_an_unknown_variant_is_not_there(shopper: Caller) -> None:
    for path in (
        "/fi/p/sohva-aava?sku=NOT-ONE",
        "/fi/p/not-a-product",
        "/fi/c/not-a-category",
        "/fi/not/there",
    ):
        assert "Tämä polku päättyy tähän." in read(shopper, path, 404)


def test_a_path_in_no_language_is_answered_like_an_unknown_route(shopper: Caller) -> None:
    assert shopper.is_refused("POST", "/store/v1/not-there", {}) == (404, "not_found")
    assert shopper.is_refused("GET", "/store/v1/not-there") == (404, "not_found")


def test_only_the_part_that_depends_on_the_choice_is_fetched_by_a_script(shopper: Caller) -> None:
    part = read(shopper, f"/fi/p/sohva-aava?sku={SAND}", HX_Request="true")

    assert "<html" not in part
    assert f"Tuotenumero {SAND}" in part


def test_choosing_another_fabric_brings_its_care_and_what_cares_for_it(shop: Shop, shopper: Caller) -> None:
    """All that hangs on the variant comes with it: facts, shelves, title, languages and structured data."""
    linen, wool = "SHAWL-LINEN", "SHAWL-WOOL"
    with open_transaction():
        for code, kind in (("care", "textarea"), ("shade", "select")):
            draft = AttributeDraft(
                code=code,
                type=kind,
                labels={"en": code},
                options=tuple(OptionDraft(code=each, labels={"en": each}) for each in ("linen", "wool"))
                if kind == "select"
                else (),
            )
            define_attribute(draft=draft, now=shop.now)
        add_product(
            code="shawl",
            values=named(fi="Huivi"),
            variants={
                linen: {"shade": {"*": {"*": "linen"}}, "care": {"*": {"*": "Konepesu"}}},
                wool: {"shade": {"*": {"*": "wool"}}, "care": {"*": {"*": "Tuuletus"}}},
            },
            axes=("shade",),
            now=shop.now,
        )
        care = LinkDraft(kind="care_for", target="cushion", suits=("shade", "wool"))
        link_products(links={"shawl": [care]}, now=shop.now)
        publish(product_id=shop.id_of("shawl"), channel=CHANNEL, by=BY, now=shop.now)
    run_pending(now=shop.now)

    of_linen = read(shopper, f"/fi/p/huivi?sku={linen}", HX_Request="true")
    of_wool = read(shopper, f"/fi/p/huivi?sku={wool}", HX_Request="true")

    assert "Konepesu" in of_linen
    assert "Tuuletus" not in of_linen
    assert "/fi/p/tyyny-kaisla" not in of_linen
    assert "Tuuletus" in of_wool
    assert "Konepesu" not in of_wool
    assert "/fi/p/tyyny-kaisla" in of_wool
    assert re.search(r"<title>Huivi, wool – Polku</title>", of_wool)
    assert re.search(r'<nav class="languages" id="languages" hx-swap-oob="true"', of_wool)
    assert re.search(rf'href="/sv/p/huivi\?sku={wool}" lang="sv-FI"', of_wool)
    assert f'"sku": "{wool}"' in of_wool


def test_the_front_page_shows_the_first_shelf_that_has_goods(shop: Shop, shopper: Caller) -> None:
    with_sofas = read(shopper, "/fi/")
    shop.withdraws("sofa")

    without = read(shopper, "/fi/")

    assert "Sohva Aava</a></h1>" in with_sofas
    assert "Sohvia pitkiin iltoihin" in unescape(with_sofas)
    assert "Tyyny Kaisla</a></h1>" in without
    assert "<h2>Tyynyt</h2>" in without
    assert "Sohvia pitkiin iltoihin" not in unescape(without)


def test_the_front_page_of_an_empty_shop_says_so(shop: Shop, shopper: Caller) -> None:
    for code in ("sofa", "cushion"):
        shop.withdraws(code)

    page = read(shopper, "/fi/")

    assert page.count("<h1>") == 1
    assert "Hyllymme ovat vielä tyhjiä." in page
    assert '<ul class="grid"' not in page


def test_search_finds_an_inflected_word(world: World, shopper: Caller) -> None:
    for scope, ref in Listing.objects.values_list("content_scope", "product_ref").distinct():
        index_products(content_scope=scope, product_refs=[ref], by=system("tests"), now=world.now)
    inflect_terms(language="fi", by=system("tests"), now=world.now)

    page = read(shopper, "/fi/search?q=sohvat")

    assert "/fi/p/sohva-aava" in page
    assert "/fi/p/tyyny-kaisla" not in page


@pytest.mark.parametrize(
    "query",
    [
        "page=0",
        "page=x",
        "page=٣",
        "sort=password",
        "price_min=abc",
        "attribute.nothing=1",
        "availability=yes",
    ],
)
def test_an_address_that_says_something_wrongly_shows_the_page_all_the_same(
    shopper: Caller, query: str
) -> None:
    read(shopper, f"/fi/search?q=sohva&{query}")


def test_a_page_loads_ours_only_and_runs_nothing_inline(shopper: Caller) -> None:
    response = shopper.tries("GET", "/fi/p/sohva-aava")
    policy, page = response["Content-Security-Policy"], response.content.decode()

    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    inline = re.findall(r"<script(?![^>]*\bsrc=)([^>]*)>", page)
    assert inline == [' type="application/ld+json"']
    assert not re.search(r'\son[a-z]+="', page)
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page)


def test_stored_text_never_runs(shop: Shop, shopper: Caller) -> None:
    hostile = "</script><script>alert(1)</script><img src=x onerror=alert(1)>"
    shop.publishes("hostile", named(fi=hostile), {"HOSTILE-1": {}})

    slug = shopper.says("GET", "/store/v1/products?sort=newest")["items"][0]["slug"]
    page = read(shopper, f"/fi/p/{slug}")

    assert "<script>alert" not in page
    assert "<img src=x" not in page
    structured = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert structured
    assert hostile in json.loads(structured.group(1))["name"]


def test_pages_cost_the_same_however_much_there_is(
    shopper: Caller, django_assert_num_queries: object
) -> None:
    read(shopper, "/fi/p/sohva-aava")
    with django_assert_num_queries(6, exact=False):  # type: ignore[operator]
        read(shopper, "/fi/p/sohva-aava")


@pytest.mark.parametrize("language", ["fi", "sv"])
def test_every_text_of_the_pages_is_translated_and_compiled(language: str) -> None:
    place = LOCALES / language / "LC_MESSAGES"
    with (place / "django.po").open("rb") as source, (place / "django.mo").open("rb") as compiled:
        written, read_back = read_po(source, locale=language), read_mo(compiled)

    said = [(_forms(message.id), _forms(message.string)) for message in written if message.id]
    assert all(all(texts) for _, texts in said)
    assert sorted(
        (_forms(message.id), _forms(message.string)) for message in read_back if message.id
    ) == sorted(said)


def _forms(text: object) -> tuple[str, ...]:
    """A message's text, or its singular and plural."""
    return (text,) if isinstance(text, str) else tuple(text or ())  # type: ignore[arg-type]


def test_search_engines_are_told_what_it_is_and_what_it_costs(shopper: Caller) -> None:
    """What the Rich Results Test asks of a Product with an Offer."""
    page = read(shopper, f"/fi/p/sohva-aava?sku={SAND}")
    (script,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    said = json.loads(script)

    assert (said["@context"], said["@type"], said["sku"]) == ("https://schema.org", "Product", SAND)
    assert said["name"].startswith("Sohva Aava")
    assert all(address.startswith("http") for address in said["image"])
    offer = said["offers"]
    assert offer["@type"] == "Offer"
    assert re.fullmatch(r"\d+\.\d{2}", offer["price"])
    assert re.fullmatch(r"[A-Z]{3}", offer["priceCurrency"])
    assert offer["url"] == f"http://testserver/fi/p/sohva-aava?sku={SAND}"
    assert offer["availability"] in {
        f"https://schema.org/{each}" for each in ("InStock", "LimitedAvailability", "SoldOut")
    }
