"""The API describes itself: completely, as it is, and without help from a foreign host."""

import json
import re
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from django.conf import settings
from django.core.management import call_command

from config.kernel.rest.codes import FIELD_CODES, refusals
from tests.architecture.routes import list_routes
from tests.callers import Caller

DESCRIPTION = Path(settings.BASE_DIR) / "docs" / "openapi.yaml"
API = ("/store/v1/", "/staff/v1/", "/pim/v1/", "/system/v1/")
# The description has no word for a stream of events; how to open one is said where its ticket is made.
STREAMS = {
    "/store/v1/carts/{cart_id}/stream",
    "/staff/v1/carts/{cart_id}/stream",
    "/store/v1/orders/{order_id}/tracking/stream",
}


@cache
def described() -> dict[str, Any]:
    """The description in the repository."""
    read: dict[str, Any] = yaml.load(DESCRIPTION.read_text(), Loader=yaml.CSafeLoader)
    return read


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(method, path, operation)."""
    for path, methods in described()["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def test_the_description_in_the_repository_is_that_of_the_code(tmp_path: Path) -> None:
    written = tmp_path / "openapi.yaml"

    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(written))

    assert written.read_text() == DESCRIPTION.read_text(), "run `make openapi`"


def test_it_is_openapi_3_1() -> None:
    assert described()["openapi"] == "3.1.0"


def test_every_route_of_the_api_is_described() -> None:
    routes = {(route.method, route.path) for route in list_routes() if route.path.startswith(API)}

    assert {(method, path) for method, path, _ in operations()} == {
        (method, path) for method, path in routes if path not in STREAMS
    }


def test_every_operation_has_a_name_of_its_own() -> None:
    names = [operation["operationId"] for _, _, operation in operations()]

    assert len(names) == len(set(names))


def test_every_operation_says_in_words_what_it_does() -> None:
    assert [
        name
        for method, path, op in operations()
        if not op.get("description")
        for name in [f"{method} {path}"]
    ] == []


def test_every_operation_describes_its_problems() -> None:
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for method, path, operation in operations():
        answers = operation["responses"]
        refused = {status: answer for status, answer in answers.items() if not status.startswith(("2", "3"))}

        assert {"400", "401", "503"} <= refused.keys(), f"{method} {path}"
        assert ("404" in refused) >= ("{" in path), f"{method} {path}"
        assert {"413", "415"} <= refused.keys() or method == "GET", f"{method} {path}"
        for answer in refused.values():
            assert answer["content"] == problem
            assert answer["description"], f"{method} {path}"


def test_every_code_in_it_is_one_that_exists() -> None:
    known = {kind.code for kind in refusals()} | FIELD_CODES.keys()
    named = {
        code
        for _, _, operation in operations()
        for status, answer in operation["responses"].items()
        if not status.startswith("2")
        for code in re.findall(r"`(\w+)`", answer["description"])
    }

    assert named - known == set()


# What staff gives back, or deducts with a reason, is the staff's to say.
STAFF_SAYS_SUMS = (
    "DeductionInputRequest",
    "MoneyInputRequest",
    "OrderRefundsInputSumRequest",
    "OrderRefundsRequest",
)


def test_clients_never_send_prices() -> None:
    wishes = {
        name: schema
        for name, schema in described()["components"]["schemas"].items()
        if name.endswith("Request")
    }

    assert wishes
    for name in STAFF_SAYS_SUMS:
        wishes.pop(name)
    for name, schema in wishes.items():
        assert not re.search(
            r"price|amount|total|tax|discount|currency", " ".join(schema.get("properties", ()))
        ), name


def test_no_body_takes_what_it_does_not_know() -> None:
    bodies = [
        operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        for _, _, operation in operations()
        if "requestBody" in operation
    ]

    assert bodies
    for name in bodies:
        assert described()["components"]["schemas"][name]["additionalProperties"] is False, name


class _Addresses(HTMLParser):
    """Every address that a page makes a browser ask for."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [
            value for name, value in attrs if name in {"src", "href", "action", "srcset"} and value
        ]


@pytest.mark.django_db
def test_the_page_is_served_by_us_alone() -> None:
    reader = Caller()
    page = reader.tries("GET", "/api/")
    text = page.content.decode()
    addresses = _Addresses(text).found

    assert page.status_code == 200
    assert page["Content-Type"].startswith("text/html")
    assert any(address.endswith(".js") for address in addresses)
    for address in addresses:
        assert not urlsplit(address).netloc, address
        asset = reader.tries("GET", address)
        assert asset.status_code == 200, address
        assert asset.content if not asset.streaming else b"".join(asset.streaming_content), address
    assert "/api/openapi.json" in text
    assert set(re.findall(r"https?://[^\s\"'<>]+", text)) == set()


@pytest.mark.django_db
def test_the_page_reads_the_same_description() -> None:
    served = Caller().tries("GET", "/api/openapi.json")

    assert served["Content-Type"].startswith("application/vnd.oai.openapi+json")
    assert json.loads(served.content) == described()


@pytest.mark.django_db
def test_every_problem_type_is_a_page() -> None:
    reader = Caller()
    for code in {kind.code for kind in refusals()} | FIELD_CODES.keys():
        assert reader.tries("GET", f"/api/problems/{code}").status_code == 200, code
    assert reader.is_refused("GET", "/api/problems/no-such-code") == (404, "not_found")
