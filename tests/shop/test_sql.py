"""The SQL of the shop window: one query a page and one a product, however much there is."""

# ruff: noqa: E501

from datetime import datetime

from inline_snapshot import snapshot

from config.kernel.db import open_transaction
from orders.api import set_stock
from pim.api import LinkDraft, link_product
from shop.catalog.fan_out import note_figures, render_some
from shop.catalog.queries import get_sellables
from shop.pricing.models import Price
from tests.callers import Caller
from tests.factories.goods import CHANNEL, CUSHION, HELSINKI, LIST, MOSS, SAND, named
from tests.factories.world import World
from tests.shop.conftest import BY, Shop
from tests.sql import statements


def test_a_page_of_any_length_and_number_is_one_query(shopper: Caller, shop: Shop) -> None:
    for number in range(4):
        shop.publishes(f"lamp-{number}", named(fi=f"Lamppu {number}"), {f"LAMP-{number}": {}})
    shopper.says("GET", "/store/v1/products")

    with statements() as for_one:
        shopper.says("GET", "/store/v1/products?limit=1")
    with statements() as for_many:
        shopper.says("GET", "/store/v1/products?limit=100")
    with statements() as for_none:
        shopper.says("GET", "/store/v1/products?page=4")
    with statements() as far_away:
        shopper.says("GET", "/store/v1/products?page=90")
    for sort in ("price", "-price", "newest"):
        with statements() as sorted_otherwise:
            shopper.says("GET", f"/store/v1/products?sort={sort}")
        assert len(sorted_otherwise) == 1

    assert for_one == for_many == for_none
    assert for_one == snapshot(
        [
            "SELECT ... FROM (SELECT ...) shelf LEFT JOIN (SELECT ... FROM shop_placement WHERE ... ORDER BY ... LIMIT ... OFFSET ...) page ON ... LEFT JOIN shop_listing listing ON ... ORDER BY ..."
        ]
    )
    assert far_away == snapshot(
        [
            "SELECT ... FROM (SELECT ...) shelf LEFT JOIN (SELECT ... FROM (SELECT ... FROM shop_placement WHERE ... ORDER BY ... LIMIT ... OFFSET ...) far JOIN shop_placement place ON ...) page ON ... LEFT JOIN shop_listing listing ON ... ORDER BY ..."
        ]
    )


def test_a_product_of_any_size_is_one_query(shopper: Caller, shop: Shop) -> None:
    with open_transaction():
        link_product(code="sofa", links=[LinkDraft(kind="goes_with", target="cushion")], now=shop.now)
    shop.publishes_again("sofa")
    shopper.says("GET", "/store/v1/products")

    with statements() as for_two:
        shopper.says("GET", "/store/v1/products/sohva-aava")
    with statements() as for_one:
        shopper.says("GET", "/store/v1/products/tyyny-kaisla")

    assert for_one == for_two
    assert for_two == snapshot(
        [
            "SELECT ... FROM shop_listing listing JOIN shop_showing showing ON ... LEFT JOIN LATERAL (SELECT ... FROM shop_offer WHERE ...) offers ON ... LEFT JOIN LATERAL (SELECT ... FROM shop_availability WHERE ...) stock ON ... LEFT JOIN LATERAL (SELECT ... FROM shop_listing target JOIN shop_placement place ON ... WHERE ...) linked ON ... WHERE ..."
        ]
    )


def test_a_cart_looks_up_any_number_of_skus_at_once(world: World, now: datetime) -> None:
    get_sellables(channel=CHANNEL, skus=[SAND], locale="fi", now=now)

    with statements() as for_one:
        get_sellables(channel=CHANNEL, skus=[SAND], locale="fi", now=now)
    with statements() as for_three:
        get_sellables(channel=CHANNEL, skus=[SAND, MOSS, CUSHION], locale="fi", now=now)

    assert for_one == for_three
    assert for_three == snapshot(
        [
            "SELECT ... FROM UNNEST(...) wanted (...) CROSS JOIN LATERAL (SELECT ... FROM shop_offer WHERE ... OFFSET ...) offer CROSS JOIN LATERAL (SELECT FROM shop_availability WHERE ... OFFSET ...) stock CROSS JOIN LATERAL (SELECT ... FROM shop_listing WHERE ... OFFSET ...) listing"
        ]
    )


def render(now: datetime) -> list[str]:
    with statements() as sent, open_transaction():
        render_some(by=BY, now=now)
    return list(sent)


def test_news_is_noted_once_until_it_is_rendered(world: World, now: datetime) -> None:
    with statements() as first, open_transaction():
        note_figures(skus=[SAND], by=BY, now=now)
    with statements() as again, open_transaction():
        note_figures(skus=[MOSS], by=BY, now=now)

    assert first == snapshot(
        [
            "SAVEPOINT s1",
            "INSERT INTO shop_stale (...) SELECT DISTINCT ... FROM shop_availability WHERE ... ORDER BY ... ON CONFLICT(...) DO NOTHING",
            "INSERT INTO kernel_storedevent ...",
            "RELEASE SAVEPOINT s1",
        ]
    )
    assert again == snapshot(
        [
            "SAVEPOINT s1",
            "INSERT INTO shop_stale (...) SELECT DISTINCT ... FROM shop_availability WHERE ... ORDER BY ... ON CONFLICT(...) DO NOTHING",
            "RELEASE SAVEPOINT s1",
        ]
    )


def test_news_of_stock_locks_the_product_and_then_looks(world: World, now: datetime) -> None:
    with open_transaction():
        set_stock(location=HELSINKI, units={SAND: 0}, by=BY, now=now)

    with open_transaction():
        note_figures(skus=[SAND], by=BY, now=now)
    changed = render(now)
    with open_transaction():
        note_figures(skus=[SAND], by=BY, now=now)
    unchanged = render(now)

    assert changed == snapshot(
        [
            "SAVEPOINT s1",
            "DELETE FROM shop_stale WHERE ... RETURNING ...",
            "SAVEPOINT s2",
            "SELECT ... FROM shop_showing ... FOR NO KEY UPDATE",
            "SELECT ... FROM pim_channel INNER JOIN pim_category ON ... ORDER BY ... ASC",
            "SELECT ... FROM shop_market INNER JOIN shop_pricelist ON ...",
            "SELECT ... FROM shop_markethost WHERE ...",
            "SELECT ... FROM shop_publishablekey WHERE ...",
            "SELECT ... FROM shop_taxrate",
            "SELECT ... FROM pim_attribute LEFT OUTER JOIN pim_measurementfamily ON ... WHERE ... ORDER BY ... ASC",
            "SELECT ... FROM shop_availability WHERE ...",
            "SELECT ... FROM shop_placement WHERE ...",
            "SELECT ... FROM shop_offer WHERE ...",
            "SELECT ... FROM shop_price INNER JOIN shop_pricelist ON ... WHERE ...",
            "SELECT ... FROM orders_location ORDER BY ... ASC",
            "SELECT ... FROM orders_stocklevel level JOIN orders_location location ON ... WHERE ...",
            "INSERT INTO shop_availability (...) SELECT ... FROM UNNEST(...) AS said (...) ORDER BY ... ON CONFLICT(...) DO UPDATE SET ... = ...",
            "RELEASE SAVEPOINT s2",
            "RELEASE SAVEPOINT s1",
        ]
    )
    assert unchanged == snapshot(
        [
            "SAVEPOINT s1",
            "DELETE FROM shop_stale WHERE ... RETURNING ...",
            "SAVEPOINT s2",
            "SELECT ... FROM shop_showing ... FOR NO KEY UPDATE",
            "SELECT ... FROM shop_availability WHERE ...",
            "SELECT ... FROM shop_placement WHERE ...",
            "SELECT ... FROM shop_offer WHERE ...",
            "SELECT ... FROM shop_price INNER JOIN shop_pricelist ON ... WHERE ...",
            "SELECT ... FROM orders_stocklevel level JOIN orders_location location ON ... WHERE ...",
            "RELEASE SAVEPOINT s2",
            "RELEASE SAVEPOINT s1",
        ]
    )


def test_news_of_a_price_locks_the_product_and_then_looks(world: World, now: datetime) -> None:
    Price.objects.filter(sku=SAND, price_list__code=LIST).update(minor=1)
    with open_transaction():
        note_figures(skus=[SAND], by=BY, now=now)

    assert render(now) == snapshot(
        [
            "SAVEPOINT s1",
            "DELETE FROM shop_stale WHERE ... RETURNING ...",
            "SAVEPOINT s2",
            "SELECT ... FROM shop_showing ... FOR NO KEY UPDATE",
            "SELECT ... FROM pim_channel INNER JOIN pim_category ON ... ORDER BY ... ASC",
            "SELECT ... FROM shop_market INNER JOIN shop_pricelist ON ...",
            "SELECT ... FROM shop_markethost WHERE ...",
            "SELECT ... FROM shop_publishablekey WHERE ...",
            "SELECT ... FROM shop_taxrate",
            "SELECT ... FROM pim_attribute LEFT OUTER JOIN pim_measurementfamily ON ... WHERE ... ORDER BY ... ASC",
            "SELECT ... FROM shop_availability WHERE ...",
            "SELECT ... FROM shop_placement WHERE ...",
            "SELECT ... FROM shop_offer WHERE ...",
            "SELECT ... FROM shop_price INNER JOIN shop_pricelist ON ... WHERE ...",
            "SELECT ... FROM orders_location ORDER BY ... ASC",
            "SELECT ... FROM orders_stocklevel level JOIN orders_location location ON ... WHERE ...",
            "INSERT INTO shop_offer (...) SELECT * FROM UNNEST(...) AS said (...) ORDER BY ... ON CONFLICT(...) DO UPDATE SET ... = ...",
            "INSERT INTO shop_placement (...) SELECT * FROM UNNEST(...) AS said (...) ORDER BY ... ON CONFLICT(...) DO UPDATE SET ... = ...",
            "RELEASE SAVEPOINT s2",
            "RELEASE SAVEPOINT s1",
        ]
    )


def test_nothing_to_render_is_one_query(world: World, now: datetime) -> None:
    assert render(now) == snapshot(
        ["SAVEPOINT s1", "DELETE FROM shop_stale WHERE ... RETURNING ...", "RELEASE SAVEPOINT s1"]
    )
