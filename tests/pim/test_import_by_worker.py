"""An import that is asked for over HTTP is done by a worker, tells how far it is, and is in the shop afterwards."""

import time
from pathlib import Path

import pytest

from tests.performance.big_set import CHANNEL, write_big_set
from tests.performance.visible import open_market_of_others
from tests.servers import running_shop

PRODUCTS = 450  # three pieces, so that somebody who asks sees it grow
PATIENCE_S = 240.0


@pytest.mark.long
def test_a_worker_brings_in_what_was_asked_for_and_says_how_far_it_is(tmp_path: Path) -> None:
    write_big_set(tmp_path / "imports" / "goods", products=PRODUCTS, attributes=10)
    with running_shop(tmp_path / "log", programs=()) as shop:
        open_market_of_others(shop)
        shop.env = {**shop.env, "IMPORT_DIR": str(tmp_path / "imports")}
        shop.start("web")
        shop.start("worker")
        linnea = shop.person("merchandiser")

        asked = linnea.tries("POST", "/pim/v1/imports", {"set": "goods"})
        assert asked.status_code == 202, asked.text
        seen, deadline = [], time.monotonic() + PATIENCE_S
        while (told := linnea.says("GET", asked.headers["Location"]))["state"] not in {"done", "failed"}:
            seen.append((told["state"], told["percent"]))
            assert time.monotonic() < deadline, seen
            time.sleep(0.02)

        assert (told["state"], told["percent"], told["refused_rows"]) == ("done", 100, 0)
        assert told["counts"]["publications"]["published"] == PRODUCTS
        assert [percent for _, percent in seen] == sorted(percent for _, percent in seen)
        assert any(0 < percent < 100 for _, percent in seen), seen
        shopper = shop.guest()
        shopper.carries(X_Api_Key="pk_others")
        while shopper.says("GET", "/store/v1/products")["total"] < PRODUCTS:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        rows = shop.rows("SELECT count(*) FROM shop_listing WHERE content_scope = %s", CHANNEL)
        assert rows == [(3 * PRODUCTS,)]
