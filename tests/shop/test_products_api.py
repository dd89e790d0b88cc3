"""/store/v1/products over HTTP: what a shopper sees, in her language, at today's price."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from config.kernel.db import open_transaction
from config.kernel.dispatcher import run_pending
from pim.api import LinkDraft, define_attribute, link_product, publish
from pim.catalogue.drafts import AttributeDraft
from shop.pricing.models import PublishableKey
from shop.pricing.queries import forget_configuration
from shop.pricing.services import change_price
from tests.callers import Caller, problem
from tests.factories.goods import CHANNEL, CUSHION, LIST, MOSS, OTHER_KEY, SAND, add_product, named
from tests.factories.world import World
from tests.shop.conftest import BY, Shop

SOFA = "/store/v1/products/sohva-aava"


def test_the_list_shows_what_the_channel_shows_and_nothing_else(shopper: Caller) -> None:
    page = shopper.says("GET", "/store/v1/products")

    assert [card["slug"] for card in page["items"]] == ["sohva-aava", "tyyny-kaisla"]
    assert (page["total"], page["page"], page["limit"]) == (2, 1, 24)


def test_a_card_has_name_options_price_with_and_without_tax_and_a_band(shopper: Caller, world: World) -> None:
    card = shopper.says("GET", "/store/v1/products")["items"][0]

    assert card == {
        "id": world.products["sofa"],
        "slug": "sohva-aava",
        "name": "Sohva Aava",
        "summary": None,
        "options": [{"label": "Kangas", "values": ["Hiekka", "Sammal"]}],
        "variant_count": 2,
        "locale": "fi",
        "image": None,
        "price": {
            "gross": {"amount": "1299.00", "currency": "EUR"},
            "net": {"amount": "1035.06", "currency": "EUR"},
            "tax_rate": "0.255",
        },
        "prices_differ": True,
        "availability": "in_stock",
    }


def test_a_detail_has_its_variants_with_price_availability_and_stores(shopper: Caller) -> None:
    sofa = shopper.says("GET", SOFA)

    assert sofa["name"] == "Sohva Aava"
    assert sofa["axes"] == [
        {
            "code": "fabric",
            "label": "Kangas",
            "options": [
                {"code": "sand", "label": "Hiekka", "swatch": None},
                {"code": "moss", "label": "Sammal", "swatch": None},
            ],
        }
    ]
    assert [(variant["sku"], variant["price"]["gross"]["amount"]) for variant in sofa["variants"]] == [
        (SAND, "1299.00"),
        (MOSS, "1399.00"),
    ]
    assert sofa["variants"][0]["options"] == [
        {"attribute": "fabric", "label": "Kangas", "option": "sand", "value": "Hiekka"}
    ]
    assert (sofa["variants"][0]["availability"], sofa["variants"][0]["stores"]) == (
        "in_stock",
        {"HELSINKI": "in_stock"},
    )
    assert sofa["categories"] == [{"code": "sofas", "name": "Sohvat", "locale": "fi", "path": []}]


@pytest.mark.parametrize(
    ("headers", "query", "locale", "name"),
    [
        ({}, "", "fi", "Sohva Aava"),
        ({"Accept_Language": "sv"}, "", "sv-FI", "Soffa Aava"),
        ({"Accept_Language": "en-GB,en;q=0.8"}, "", "en", "Aava sofa"),
        ({"Accept_Language": "de, ja;q=0.5"}, "", "fi", "Sohva Aava"),
        ({"Accept_Language": "fi"}, "?locale=sv-FI", "sv-FI", "Soffa Aava"),
        ({"Accept_Language": "fi"}, "?locale=EN", "en", "Aava sofa"),
        ({"Accept_Language": ";;q=x,,\x7f" * 200}, "", "fi", "Sohva Aava"),
    ],
)
def test_the_locale_is_the_parameters_else_the_readers_else_the_markets_first(
    shopper: Caller, headers: dict[str, str], query: str, locale: str, name: str
) -> None:
    response = shopper.tries("GET", f"/store/v1/products{query}", **headers)

    body: Any = response.json()  # type: ignore[attr-defined]
    assert response["Content-Language"] == locale
    assert body["items"][0]["name"] == name
    assert {"Accept-Language", "X-Api-Key"} <= {part.strip() for part in response["Vary"].split(",")}


def test_a_text_that_is_missing_in_a_language_is_read_from_the_next(shopper: Caller) -> None:
    swedish = shopper.says("GET", "/store/v1/products?locale=sv-FI")

    assert [card["name"] for card in swedish["items"]] == ["Soffa Aava", "Tyyny Kaisla"]
    assert swedish["items"][0]["options"] == [{"label": "Tyg", "values": ["Hiekka", "Sammal"]}]


def test_each_language_has_its_own_slug(shopper: Caller) -> None:
    assert shopper.says("GET", "/store/v1/products/soffa-aava?locale=sv-FI")["locale"] == "sv-FI"
    assert shopper.is_refused("GET", "/store/v1/products/soffa-aava?locale=fi") == (404, "not_found")


def test_the_key_names_the_market_before_the_host_does(world: World) -> None:
    by_host, by_key = Caller(Host="testserver"), Caller(Host="testserver", X_Api_Key=OTHER_KEY)

    assert by_host.says("GET", "/store/v1/products")["total"] == 2
    other = by_key.says("GET", "/store/v1/products")
    assert [card["name"] for card in other["items"]] == ["Bara i Sverige"]
    assert other["items"][0]["price"] is None, "there is no Swedish tax rate, so there is no price"


@pytest.mark.parametrize(
    "headers", [{"X_Api_Key": "pk_nobody"}, {"Host": "localhost"}, {"X_Api_Key": "x" * 5_000}]
)
def test_a_request_that_names_no_market_is_refused(world: World, headers: dict[str, str]) -> None:
    assert Caller(**headers).is_refused("GET", "/store/v1/products") == (400, "unknown_market")


def test_a_revoked_key_names_no_market(world: World, shopper: Caller) -> None:
    PublishableKey.objects.update(revoked_at=world.now)
    forget_configuration()

    assert shopper.is_refused("GET", "/store/v1/products") == (400, "unknown_market")
    forget_configuration()


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("locale=de", "unknown_locale"),
        ("locale=", "blank"),
        ("page=0", "invalid_page"),
        ("limit=101", "invalid_page"),
        ("limit=1e9", "invalid_page"),
        ("offset=-1", "invalid_page"),
        ("sort=user__password", "unknown_filter"),
        ("sort=-rank", "unknown_filter"),
        ("colour=red", "unknown_filter"),
        ("category=sofas&category=cushions", "unknown_filter"),
    ],
)
def test_a_bad_parameter_is_refused_by_name(shopper: Caller, query: str, code: str) -> None:
    refused = problem(shopper.tries("GET", f"/store/v1/products?{query}"))

    assert (refused["status"], refused["code"]) == (400, code)
    assert refused["errors"][0]["pointer"] == f"?{query.partition('=')[0]}"


def test_a_category_shows_what_stands_in_it_or_below(shopper: Caller) -> None:
    totals = {
        category: shopper.says("GET", f"/store/v1/products?category={category}")["total"]
        for category in ("shop", "sofas", "cushions", "beds")
    }

    assert totals == {"shop": 2, "sofas": 1, "cushions": 1, "beds": 0}


@pytest.mark.parametrize(
    ("sort", "slugs"),
    [
        ("price", ["tyyny-kaisla", "sohva-aava", "lamppu"]),
        ("-price", ["sohva-aava", "tyyny-kaisla", "lamppu"]),
        ("newest", ["lamppu", "sohva-aava", "tyyny-kaisla"]),
        ("rank", ["lamppu", "sohva-aava", "tyyny-kaisla"]),
    ],
)
def test_a_list_is_sorted_and_what_has_no_price_stands_last_by_price(
    shopper: Caller, shop: Shop, sort: str, slugs: list[str]
) -> None:
    shop.publishes("lamp", named(fi="Lamppu"), {"LAMP": {}})

    page = shopper.says("GET", f"/store/v1/products?sort={sort}")

    assert [card["slug"] for card in page["items"]] == slugs
    lamp = next(card for card in page["items"] if card["slug"] == "lamppu")
    assert (lamp["price"], lamp["availability"]) == (None, "sold_out")


@pytest.mark.parametrize("sort", ["price", "-price", "newest", "rank"])
def test_pages_show_every_product_once(shopper: Caller, shop: Shop, sort: str) -> None:
    for number in range(5):
        shop.publishes(f"lamp-{number}", named(fi=f"Lamppu {number}"), {f"LAMP-{number}": {}})

    pages = [
        shopper.says("GET", f"/store/v1/products?sort={sort}&limit=3&page={page}") for page in (1, 2, 3, 4)
    ]

    slugs = [card["slug"] for page in pages for card in page["items"]]
    assert len(slugs) == len(set(slugs)) == 7
    assert [len(page["items"]) for page in pages] == [3, 3, 1, 0]
    assert {page["total"] for page in pages} == {7}, "also on a page behind the last"


def test_a_price_is_shown_at_its_new_value_with_its_tax(shopper: Caller, world: World, now: datetime) -> None:
    change_price(price_list=LIST, sku=CUSHION, minor=4_500, by=BY, now=now)
    run_pending(now=now)

    (variant,) = shopper.says("GET", "/store/v1/products/tyyny-kaisla")["variants"]
    card = shopper.says("GET", "/store/v1/products?category=cushions")["items"][0]

    assert variant["price"]["gross"]["amount"] == card["price"]["gross"]["amount"] == "45.00"
    assert Decimal(variant["price"]["net"]["amount"]) == Decimal("35.86")


def test_facts_are_shown_with_labels_and_units(shopper: Caller, shop: Shop, now: datetime) -> None:
    with open_transaction():
        define_attribute(
            draft=AttributeDraft(
                code="width", type="number", unit="cm", labels={"fi": "Leveys", "en": "Width"}
            ),
            now=now,
        )
    shop.publishes("bench", named(fi="Penkki") | {"width": {"*": {"*": "120"}}}, {"BENCH": {}})

    assert shopper.says("GET", "/store/v1/products/penkki?locale=en")["attributes"] == [
        {"code": "width", "label": "Width", "value": "120", "unit": "cm", "locale": None}
    ]


def test_links_lead_to_cards_of_what_the_channel_shows(shopper: Caller, shop: Shop, world: World) -> None:
    with open_transaction():
        add_product(code="hidden", variants={"HIDDEN": {}}, values=named(fi="Piilossa"), now=shop.now)
        links = (
            LinkDraft(kind="goes_with", target="hidden"),
            LinkDraft(kind="care_for", target="cushion", suits=("fabric", "sand")),
        )
        link_product(code="sofa", links=links, now=shop.now)
    shop.publishes_again("sofa")

    (link,) = shopper.says("GET", SOFA)["links"]

    assert (link["kind"], link["suits"]["value"]) == ("care_for", "Hiekka")
    assert (link["label"], link["locale"]) == ("Hoitoon", "fi")
    assert link["product"] == shopper.says("GET", "/store/v1/products?category=cushions")["items"][0]


def test_a_link_shows_what_its_target_is_called_today(shopper: Caller, shop: Shop) -> None:
    with open_transaction():
        link_product(code="sofa", links=[LinkDraft(kind="goes_with", target="cushion")], now=shop.now)
    shop.publishes_again("sofa")

    shop.publishes("cushion", named(fi="Tyyny Uusi"), {CUSHION: {}})

    assert shopper.says("GET", SOFA)["links"][0]["product"]["name"] == "Tyyny Uusi"


@pytest.mark.parametrize("slug", ["nobody", "SOHVA-AAVA", "x" * 3_000])
def test_what_is_not_shown_is_404(shopper: Caller, slug: str) -> None:
    assert shopper.is_refused("GET", f"/store/v1/products/{slug}") == (404, "not_found")


@pytest.mark.parametrize(
    "path",
    [
        "/store/v1/products",
        "/store/v1/products?q=sohva",
        "/store/v1/products?category=sofas&price_min=1&sort=price",
        "/store/v1/categories",
        SOFA,
    ],
)
def test_who_has_the_answer_already_gets_304(shopper: Caller, path: str) -> None:
    first = shopper.tries("GET", path)

    again = shopper.tries("GET", path, If_None_Match=first["ETag"])

    assert (again.status_code, again.content) == (304, b"")
    for header in ("ETag", "Cache-Control", "Vary", "Content-Language"):
        assert again[header] == first[header]
    assert first["Cache-Control"] == "public, max-age=5"


@pytest.mark.parametrize("path", ["/store/v1/products", SOFA])
def test_the_etag_changes_with_the_price_and_the_language(
    shopper: Caller, world: World, path: str, now: datetime
) -> None:
    first = shopper.tries("GET", path)["ETag"]

    change_price(price_list=LIST, sku=SAND, minor=119_900, by=BY, now=now)
    run_pending(now=now)

    assert shopper.tries("GET", path, If_None_Match=first).status_code == 200
    swedish = path.replace("sohva-aava", "soffa-aava")
    assert shopper.tries("GET", swedish, Accept_Language="sv")["ETag"] != shopper.tries("GET", path)["ETag"]


def test_the_price_context_stands_in_every_answer(shopper: Caller) -> None:
    contexts = {shopper.says("GET", path)["context"] for path in ("/store/v1/products", SOFA)}

    assert len(contexts) == 1
    other = Caller(X_Api_Key=OTHER_KEY)
    assert other.says("GET", "/store/v1/products")["context"] not in contexts


def test_two_products_of_one_name_have_two_slugs(shopper: Caller, shop: Shop) -> None:
    shop.publishes("second-sofa", named(fi="Sohva Aava"), {"SECOND": {}})

    assert shopper.says("GET", "/store/v1/products/sohva-aava-second-sofa")["variants"][0]["sku"] == "SECOND"
    assert shopper.says("GET", SOFA)["variants"][0]["sku"] == SAND


def test_names_of_any_letters_come_through_whole(shopper: Caller, shop: Shop) -> None:
    name = 'Pöllö "雲" 🛋️ \\ </script> \u2028 loppu'
    shop.publishes("odd", named(fi=name), {"ODD": {}})

    page = shopper.says("GET", "/store/v1/products?sort=newest")

    assert page["items"][0]["name"] == name


def test_publishing_again_in_the_channel_shows_the_new_text(shopper: Caller, shop: Shop) -> None:
    with open_transaction():
        add_product(
            code="cushion",
            variants={CUSHION: {}},
            values=named(fi="Tyyny Uusi"),
            categories={"cushions": 1},
            now=shop.now,
        )
    assert shopper.tries("GET", "/store/v1/products/tyyny-kaisla").status_code == 200, (
        "a draft is no publication"
    )

    with open_transaction():
        publish(product_id=shop.id_of("cushion"), channel=CHANNEL, by=BY, now=shop.now)
    run_pending(now=shop.now)

    assert shopper.says("GET", "/store/v1/products/tyyny-uusi")["name"] == "Tyyny Uusi"
    assert shopper.is_refused("GET", "/store/v1/products/tyyny-kaisla") == (404, "not_found")
