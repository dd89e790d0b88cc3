"""/pim/v1/products over HTTP."""

from typing import Any
from uuid import uuid4

import pytest

from config.kernel.models import Audience
from tests.callers import Caller, etag, problem
from tests.factories.accounts import sign_in
from tests.factories.goods import CHANNEL
from tests.factories.world import World


@pytest.fixture
def linnea(world: World) -> Caller:
    return world.person("merchandiser")


def test_the_list_goes_on_where_it_ended_and_names_every_product_once(linnea: Caller) -> None:
    codes: list[str] = []
    after = ""
    while True:
        page = linnea.says("GET", f"/pim/v1/products?limit=3{after}")
        codes += [item["code"] for item in page["items"]]
        if page["next_after"] is None:
            break
        after = f"&after={page['next_after']}"

    assert codes == ["sofa", "cushion", "elsewhere", "not-yet"]


def test_an_item_says_what_it_is_called_and_what_it_sells(linnea: Caller, world: World) -> None:
    sofa = linnea.says("GET", "/pim/v1/products?limit=1")["items"][0]

    assert sofa["id"] == world.products["sofa"]
    assert sofa["name"]["sv-FI"] == "Soffa Aava"
    assert sofa["skus"] == ["SOFA-SAND", "SOFA-MOSS"]
    assert sofa["version"] == 1


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("limit=0", "invalid_page"),
        ("limit=101", "invalid_page"),
        ("after=x", "invalid_page"),
        ("offset=3", "invalid_page"),
        ("ordering=user__password", "unknown_filter"),
    ],
)
def test_a_bad_page_or_filter_is_refused(linnea: Caller, query: str, code: str) -> None:
    assert linnea.is_refused("GET", f"/pim/v1/products?{query}") == (400, code)


def test_a_cursor_is_good_for_its_reader_only(linnea: Caller, world: World) -> None:
    cursor = linnea.says("GET", "/pim/v1/products?limit=1")["next_after"]
    other = Caller(token=sign_in(world.users["clerk_x"], Audience.PIM, now=world.now))

    assert other.is_refused("GET", f"/pim/v1/products?after={cursor}") == (400, "invalid_page")


def test_a_product_is_told_with_its_own_values_and_where_it_is_published(
    linnea: Caller, world: World
) -> None:
    response = linnea.tries("GET", f"/pim/v1/products/{world.products['sofa']}")

    body: dict[str, Any] = response.json()  # type: ignore[attr-defined]
    assert response["ETag"] == etag(1)
    assert body["axes"] == ["fabric"]
    assert body["categories"] == {"sofas": 1}
    assert [variant["values"]["fabric"]["*"]["*"] for variant in body["variants"]] == ["sand", "moss"]
    assert [(row["channel"], row["number"], row["locales"]) for row in body["publications"]] == [
        (CHANNEL, 1, {"fi": "published", "sv-FI": "published", "en": "published"})
    ]


def test_publishing_gives_the_next_number(linnea: Caller, world: World) -> None:
    path = f"/pim/v1/products/{world.products['sofa']}/publish"

    published = linnea.says("POST", path, {"channel": CHANNEL}, If_Match=etag(1))

    assert published == {
        "product_id": world.products["sofa"],
        "channel": CHANNEL,
        "number": 2,
        "withdrawn": False,
    }


@pytest.mark.parametrize(
    ("body", "if_match", "expected"),
    [
        ({"channel": CHANNEL}, "", (428, "precondition_required")),
        ({"channel": CHANNEL}, etag(7), (412, "version_conflict")),
        ({"channel": CHANNEL}, "17", (412, "version_conflict")),
        ({"channel": "de-web"}, etag(1), (422, "unknown_channel")),
        ({}, etag(1), (400, "required")),
        ({"channel": CHANNEL, "is_staff": True}, etag(1), (400, "unknown_field")),
    ],
)
def test_what_cannot_be_published_is_refused(
    linnea: Caller, world: World, body: Any, if_match: str, expected: tuple[int, str]
) -> None:
    path = f"/pim/v1/products/{world.products['sofa']}/publish"

    assert linnea.is_refused("POST", path, body, If_Match=if_match) == expected
    assert linnea.says("GET", f"/pim/v1/products/{world.products['sofa']}")["publications"][0]["number"] == 1


def test_a_stale_writer_is_told_the_current_version(linnea: Caller, world: World) -> None:
    path = f"/pim/v1/products/{world.products['sofa']}/publish"

    refused = problem(linnea.tries("POST", path, {"channel": CHANNEL}, If_Match=etag(7)))

    assert refused["current_version"] == 1


def test_a_product_without_a_name_in_the_channel_is_refused_with_the_field(
    linnea: Caller, world: World
) -> None:
    path = f"/pim/v1/products/{world.products['elsewhere']}/publish"

    refused = problem(linnea.tries("POST", path, {"channel": CHANNEL}, If_Match=etag(1)))

    assert (refused["status"], refused["code"]) == (422, "not_publishable")
    assert [error["pointer"] for error in refused["errors"]] == ["/values/name"]


def test_publishing_needs_its_own_right(world: World) -> None:
    reader = Caller(token=sign_in(world.users["merchandiser"], Audience.PIM, now=world.now))
    path = f"/pim/v1/products/{world.products['sofa']}/publish"

    assert reader.tries("GET", "/pim/v1/products").status_code == 200
    assert reader.is_refused("POST", path, {"channel": CHANNEL}, If_Match=etag(1)) == (403, "not_allowed")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_is_not_there_is_404(linnea: Caller, method: str) -> None:
    path = f"/pim/v1/products/{uuid4()}" + ("/publish" if method == "POST" else "")

    assert linnea.is_refused(
        method, path, {"channel": CHANNEL} if method == "POST" else None, If_Match=etag(1)
    ) == (
        404,
        "not_found",
    )
