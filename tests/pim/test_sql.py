"""The SQL of every route of the PIM, and that it does not grow with what is read."""

# ruff: noqa: E501

import pytest
from inline_snapshot import snapshot

from tests.callers import Caller, etag
from tests.factories.goods import CHANNEL
from tests.factories.world import World
from tests.sql import statements


@pytest.fixture
def linnea(world: World) -> Caller:
    return world.person("merchandiser")


def test_a_page_of_any_length_takes_the_same_queries(linnea: Caller) -> None:
    linnea.says("GET", "/pim/v1/products")

    with statements() as for_one:
        linnea.says("GET", "/pim/v1/products?limit=1")
    with statements() as for_many:
        linnea.says("GET", "/pim/v1/products?limit=50")

    assert for_one == for_many
    assert for_many == snapshot(
        [
            "SELECT ... FROM kernel_accesstoken INNER JOIN kernel_user ON ... WHERE ... ORDER BY ... ASC LIMIT ...",
            "SELECT ... FROM pim_product WHERE ... ORDER BY ... ASC LIMIT ...",
            "SELECT ... FROM pim_variant WHERE ... ORDER BY ... ASC",
        ]
    )


def test_a_product_takes_these_queries_however_many_variants_it_has(linnea: Caller, world: World) -> None:
    linnea.says("GET", "/pim/v1/products")

    with statements() as for_two:
        linnea.says("GET", f"/pim/v1/products/{world.products['sofa']}")
    with statements() as for_one:
        linnea.says("GET", f"/pim/v1/products/{world.products['cushion']}")

    assert for_two == snapshot(
        [
            "SELECT ... FROM kernel_accesstoken INNER JOIN kernel_user ON ... WHERE ... ORDER BY ... ASC LIMIT ...",
            "SELECT ... FROM pim_product LEFT OUTER JOIN pim_family ON ... LEFT OUTER JOIN pim_attribute ON ... LEFT OUTER JOIN pim_attribute T4 ON ... WHERE ... ORDER BY ... ASC LIMIT ...",
            "SELECT ... FROM pim_variant LEFT OUTER JOIN pim_productmodel ON ... WHERE ... ORDER BY ... ASC",
            "SELECT ... FROM pim_productmodel WHERE ... ORDER BY ... ASC",
            "SELECT ... FROM pim_productaxis WHERE ...",
            "SELECT ... FROM pim_attribute WHERE ...",
            "SELECT ... FROM pim_productcategory WHERE ...",
            "SELECT ... FROM pim_category WHERE ...",
            "SELECT ... FROM pim_publication INNER JOIN pim_channel ON ... INNER JOIN pim_product ON ... WHERE ... ORDER BY ... ASC",
            "SELECT ... FROM pim_completeness INNER JOIN pim_variant ON ... INNER JOIN pim_product ON ... WHERE ... ORDER BY ... ASC",
        ]
    )
    assert set(for_one) <= set(for_two)


def test_publishing_locks_the_product_before_it_reads_it(linnea: Caller, world: World) -> None:
    linnea.says("GET", "/pim/v1/products")

    with statements() as sent:
        linnea.says(
            "POST",
            f"/pim/v1/products/{world.products['sofa']}/publish",
            {"channel": CHANNEL},
            If_Match=etag(1),
        )

    assert sent == snapshot(
        [
            "SELECT ... FROM kernel_accesstoken INNER JOIN kernel_user ON ... WHERE ... ORDER BY ... ASC LIMIT ...",
            "INSERT INTO kernel_ratecount ... ON CONFLICT ...",
            "SAVEPOINT s1",
            "SELECT ... FROM pim_product ... FOR NO KEY UPDATE",
            "SELECT ... FROM pim_channel INNER JOIN pim_category ON ... WHERE ... ORDER BY ... ASC LIMIT ...",
            "SELECT ... FROM pim_product LEFT OUTER JOIN pim_family ON ... LEFT OUTER JOIN pim_attribute ON ... LEFT OUTER JOIN pim_attribute T4 ON ... WHERE ... ORDER BY ... ASC LIMIT ...",
            "SELECT ... FROM pim_variant LEFT OUTER JOIN pim_productmodel ON ... WHERE ... ORDER BY ... ASC",
            "SELECT ... FROM pim_productmodel WHERE ... ORDER BY ... ASC",
            "SELECT ... FROM pim_productaxis WHERE ...",
            "SELECT ... FROM pim_attribute WHERE ...",
            "SELECT ... FROM pim_productcategory WHERE ...",
            "SELECT ... FROM pim_category WHERE ...",
            "WITH RECURSIVE tree AS (SELECT ... FROM pim_category WHERE ... UNION ALL SELECT ... FROM pim_category down JOIN tree ON ... WHERE ...) SELECT ... FROM tree",
            "SELECT ... FROM pim_category WHERE ...",
            "SELECT ... FROM pim_productlink INNER JOIN pim_product T3 ON ... INNER JOIN pim_linktype ON ... LEFT OUTER JOIN pim_attributeoption ON ... LEFT OUTER JOIN pim_attribute ON ... WHERE ... ORDER BY ... ASC",
            "SELECT ... FROM pim_productlink INNER JOIN pim_product ON ... INNER JOIN pim_linktype ON ... LEFT OUTER JOIN pim_attributeoption ON ... LEFT OUTER JOIN pim_attribute ON ... WHERE ... ORDER BY ... ASC",
            "SELECT ... FROM pim_attribute WHERE ...",
            "SELECT ... FROM pim_publication INNER JOIN pim_channel ON ... INNER JOIN pim_product ON ... WHERE ... ORDER BY ... DESC LIMIT ...",
            "INSERT INTO pim_publication (...) VALUES (...) RETURNING ...",
            "INSERT INTO kernel_storedevent ...",
            "INSERT INTO kernel_auditentry (...) VALUES (...)",
            "RELEASE SAVEPOINT s1",
        ]
    )


def test_an_edit_locks_the_product_before_it_reads_it(linnea: Caller, world: World) -> None:
    linnea.says("GET", "/pim/v1/products")

    with statements() as sent:
        linnea.says(
            "PATCH",
            f"/pim/v1/products/{world.products['sofa']}",
            {"values": {"name": {"*": {"fi": "Sohva Uusi"}}}, "categories": {"sofas": 2}},
            If_Match=etag(1),
        )

    assert sent == snapshot(
        [
            "SELECT ... FROM kernel_accesstoken INNER JOIN kernel_user ON ... WHERE ... ORDER BY ... ASC LIMIT ...",
            "INSERT INTO kernel_ratecount ... ON CONFLICT ...",
            "SAVEPOINT s1",
            "SELECT ... FROM pim_product WHERE ... ORDER BY ... ASC LIMIT ...",
            "SELECT ... FROM pim_product ... FOR NO KEY UPDATE",
            "SELECT ... FROM pim_product LEFT OUTER JOIN pim_family ON ... LEFT OUTER JOIN pim_familyvariant ON ... WHERE ...",
            "SELECT ... FROM pim_productmodel WHERE ... ORDER BY ... ASC",
            "SELECT ... FROM pim_variant LEFT OUTER JOIN pim_productmodel ON ... WHERE ... ORDER BY ... ASC",
            "SELECT ... FROM pim_productaxis INNER JOIN pim_attribute ON ... WHERE ... ORDER BY ... ASC",
            "SELECT ... FROM pim_productcategory INNER JOIN pim_category ON ... WHERE ...",
            "SELECT ... FROM pim_productlink INNER JOIN pim_product T3 ON ... INNER JOIN pim_linktype ON ... LEFT OUTER JOIN pim_attributeoption ON ... LEFT OUTER JOIN pim_attribute ON ... WHERE ... ORDER BY ... ASC",
            "SELECT ... FROM pim_attribute LEFT OUTER JOIN pim_measurementfamily ON ... WHERE ...",
            "SELECT ... FROM pim_attributeoption WHERE ...",
            "SELECT ... FROM pim_channel",
            "SELECT ... FROM pim_category WHERE ...",
            "UPDATE pim_product SET ... = ... WHERE ...",
            "UPDATE pim_productmodel SET ... = ... WHERE ...",
            "SELECT ... FROM pim_variant WHERE ...",
            "UPDATE pim_variant SET ... = ... WHERE ...",
            "UPDATE pim_variant SET ... = ... WHERE ...",
            "SELECT ... FROM pim_category WHERE ...",
            "DELETE FROM pim_productcategory WHERE ...",
            "SELECT ... FROM generate_series(1, 1)",
            'COPY "pim_productcategory" ("id", "product_id", "category_id", "rank") FROM STDIN',
            "SELECT ... FROM pim_attributeoption INNER JOIN pim_attribute ON ... WHERE ...",
            "DELETE FROM pim_optionreference WHERE ...",
            "SELECT ... FROM generate_series(1, 2)",
            'COPY "pim_optionreference" ("id", "option_id", "product_id", "model_id", "variant_id") FROM STDIN',
            "DELETE FROM pim_identifier WHERE ...",
            "SELECT ... FROM generate_series(1, 1)",
            'COPY "pim_productchange" ("id", "product_id", "version", "delta", "actor", "changed_at") FROM STDIN',
            "INSERT INTO kernel_storedevent ...",
            "INSERT INTO kernel_auditentry (...) VALUES (...)",
            "RELEASE SAVEPOINT s1",
            "SELECT ... FROM pim_product LEFT OUTER JOIN pim_family ON ... LEFT OUTER JOIN pim_attribute ON ... LEFT OUTER JOIN pim_attribute T4 ON ... WHERE ... ORDER BY ... ASC LIMIT ...",
            "SELECT ... FROM pim_variant LEFT OUTER JOIN pim_productmodel ON ... WHERE ... ORDER BY ... ASC",
            "SELECT ... FROM pim_productmodel WHERE ... ORDER BY ... ASC",
            "SELECT ... FROM pim_productaxis WHERE ...",
            "SELECT ... FROM pim_attribute WHERE ...",
            "SELECT ... FROM pim_productcategory WHERE ...",
            "SELECT ... FROM pim_category WHERE ...",
            "SELECT ... FROM pim_publication INNER JOIN pim_channel ON ... INNER JOIN pim_product ON ... WHERE ... ORDER BY ... ASC",
            "SELECT ... FROM pim_completeness INNER JOIN pim_variant ON ... INNER JOIN pim_product ON ... WHERE ... ORDER BY ... ASC",
        ]
    )


def test_other_words_take_these_queries(linnea: Caller) -> None:
    linnea.says("GET", "/pim/v1/products")

    with statements() as sent:
        linnea.says(
            "PATCH", "/pim/v1/attributes/fabric/options/sand", {"labels": {"en": "New"}}, If_Match=etag(1)
        )

    assert sent == snapshot(
        [
            "SELECT ... FROM kernel_accesstoken INNER JOIN kernel_user ON ... WHERE ... ORDER BY ... ASC LIMIT ...",
            "INSERT INTO kernel_ratecount ... ON CONFLICT ...",
            "SAVEPOINT s1",
            "SELECT ... FROM pim_attribute WHERE ... ORDER BY ... ASC LIMIT ...",
            "SELECT ... FROM pim_attributeoption ... FOR NO KEY UPDATE",
            "SELECT ... FROM pim_channel",
            "UPDATE pim_attributeoption SET ... = ... WHERE ...",
            "SELECT ... FROM pim_attribute WHERE ... LIMIT ...",
            "INSERT INTO kernel_storedevent ...",
            "INSERT INTO kernel_auditentry (...) VALUES (...)",
            "RELEASE SAVEPOINT s1",
        ]
    )
