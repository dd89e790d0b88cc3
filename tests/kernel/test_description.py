"""The OpenAPI description says what the views declare, and is valid OpenAPI 3.1."""

from typing import Any

import pytest
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema

pytestmark = pytest.mark.urls("tests.kernel.probes")


@pytest.fixture
def described() -> dict[str, Any]:
    schema: dict[str, Any] = SchemaGenerator(urlconf="tests.kernel.probes").get_schema(
        request=None, public=True
    )
    return schema


def test_it_is_valid(described: dict[str, Any]) -> None:
    assert described["openapi"].startswith("3.1")
    validate_schema(described)


def test_an_operation_is_named_after_audience_view_and_method(described: dict[str, Any]) -> None:
    operation = described["paths"]["/store/v1/products/{product_id}"]["patch"]

    assert operation["operationId"] == "store_product_patch"
    assert operation["tags"] == ["store"]
    assert "/plain" not in described["paths"]


def test_an_operation_says_which_credential_it_takes(described: dict[str, Any]) -> None:
    assert described["paths"]["/store/v1/listing"]["get"]["security"] == [{"storeToken": []}, {}]
    assert described["paths"]["/system/v1/people"]["get"]["security"] == [{"systemKey": []}]
    assert described["components"]["securitySchemes"]["systemKey"]["scheme"] == "bearer"


def test_headers_stand_where_they_count(described: dict[str, Any]) -> None:
    def headers(path: str, method: str) -> dict[str, bool]:
        parameters = described["paths"][path][method].get("parameters", [])
        return {one["name"]: one.get("required", False) for one in parameters if one["in"] == "header"}

    assert headers("/store/v1/products/{product_id}", "patch") == {"If-Match": True}
    assert headers("/store/v1/products/{product_id}", "get") == {}
    assert headers("/store/v1/promises", "post") == {"Idempotency-Key": True}
    assert headers("/store/v1/echo", "post") == {"X-Cart-Secret": False}


def test_every_refusal_that_can_happen_is_described(described: dict[str, Any]) -> None:
    def responses(path: str, method: str) -> set[str]:
        return set(described["paths"][path][method]["responses"])

    assert responses("/store/v1/listing", "get") == {"200", "400", "401", "503"}
    assert responses("/system/v1/people", "get") == {"200", "400", "401", "403", "429", "503"}
    assert responses("/store/v1/promises", "post") == {
        *("201", "400", "401", "403", "409", "413", "415", "422", "429", "503")
    }
    patch = described["paths"]["/store/v1/products/{product_id}"]["patch"]["responses"]
    assert set(patch) == {"200", "400", "401", "403", "404", "409", "412", "413", "415", "428", "429", "503"}
    assert patch["409"] == {
        "description": "`sold_out`",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


def test_bodies_are_closed_and_say_what_is_refused(described: dict[str, Any]) -> None:
    components = described["components"]["schemas"]

    line = components["LineRequest"]
    assert line["additionalProperties"] is False
    assert line["properties"]["quantity"] == {"type": "integer", "minimum": 1, "maximum": 999}
    assert line["properties"]["sku"]["maxLength"] == 64
    assert "pattern" in line["properties"]["sku"]
    echo = components["EchoRequest"]
    assert echo["properties"]["email"]["format"] == "email"
    assert echo["properties"]["lines"]["maxItems"] == 3


def test_parameters_are_those_that_are_read(described: dict[str, Any]) -> None:
    parameters = {one["name"]: one for one in described["paths"]["/store/v1/listing"]["get"]["parameters"]}

    assert set(parameters) == {"category", "limit", "page", "sort"}
    assert parameters["limit"]["schema"] == {"type": "integer", "minimum": 1, "maximum": 100, "default": 24}
    assert parameters["sort"]["schema"]["enum"] == ["name", "-price"]
    assert not any(one.get("required") for one in parameters.values())
