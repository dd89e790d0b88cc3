"""What is not exactly one JSON document of ours is refused by name (`reliability.md` 3, cases 1-8, 12, 21-23)."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.kernel.probes")]

Post = Callable[..., HttpResponse]


@pytest.fixture
def post(client: Client) -> Post:
    def send(body: bytes | str, **options: Any) -> Any:
        options.setdefault("content_type", "application/json")
        return client.post("/store/v1/echo", data=body, **options)

    return send


def code(response: Any) -> tuple[int, str]:
    assert response.headers["Content-Type"] == "application/problem+json"
    return response.status_code, response.json()["code"]


@pytest.mark.parametrize(
    ("body", "byte"),
    [
        (b"size=m", 0),
        (b'{"note": "a"', 12),
        (b'\xef\xbb\xbf{"note": "a"}', 0),
        (b'{"note": "\xff"}', 10),
        ('{"note": "ää"x}'.encode(), 15),
        (b'{"note": "\xed\xa0\x80"}', 10),
        (b'{"note": "a"} {}', 14),
        (b"   ", 3),
    ],
)
def test_what_is_no_json_is_told_the_byte_where_it_ends_to_be(post: Post, body: bytes, byte: int) -> None:
    response = post(body)

    assert code(response) == (400, "malformed_json")
    assert response.json()["byte"] == byte


@pytest.mark.parametrize("opening", ["[", '{"a":', '{"lines":['])
@pytest.mark.parametrize("depth", [33, 900, 10_000, 100_000])
def test_deep_nesting_is_refused_at_any_depth(post: Post, opening: str, depth: int) -> None:
    closing = {"[": "]", '{"a":': "}", '{"lines":[': "]}"}[opening]
    levels = depth if len(closing) == 1 else depth // 2 + 1

    response = post(opening * levels + "1" + closing * levels)

    assert code(response) == (400, "json_too_deep")


def test_nesting_up_to_the_limit_is_read(post: Post) -> None:
    response = post('{"a":' * 32 + "1" + "}" * 32)

    assert code(response) == (400, "unknown_field")


@pytest.mark.parametrize(
    "wide", ['{"lines": [' + ",".join(["{}"] * 500) + "]}", '{"note": "[[[{{{' + "[" * 50 + '"}']
)
def test_many_brackets_are_not_deep(post: Post, wide: str) -> None:
    assert "json_too_deep" not in post(wide).content.decode()


@pytest.mark.parametrize(
    "body", ['{"quantity":1,"quantity":99}', '{"address":{"name":"a","name":"b"}}', '{"a":1,"\\u0061":2}']
)
def test_a_key_that_occurs_twice_is_named(post: Post, body: str) -> None:
    response = post(body)

    assert code(response) == (400, "duplicate_key")
    assert response.json()["key"] in {"quantity", "name", "a"}


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400", "-1e400", "1" * 5000])
def test_a_number_that_is_none_is_refused(post: Post, number: str) -> None:
    assert code(post(f'{{"floor": {number}}}')) == (400, "not_a_finite_number")


@pytest.mark.parametrize(
    "body", [r'{"note": "a\u0000b"}', r'{"note": "\ud800"}', r'{"note": "\udc00\ud800"}', r'{"a\u0000": 1}']
)
def test_characters_that_nothing_can_keep_are_refused(post: Post, body: str) -> None:
    assert code(post(body)) == (400, "invalid_character")


def test_escaped_characters_that_can_be_kept_are_read(post: Post) -> None:
    assert post(r'{"note": "\ud83d\udecb \u00e4"}').json() == {"said": {"note": "🛋 ä"}}


@pytest.mark.parametrize("body", ["[]", "1", '"text"', "null", "true"])
def test_a_body_is_an_object(post: Post, body: str) -> None:
    assert code(post(body)) == (400, "not_an_object")


def test_a_body_over_the_limit_is_told_the_limit(post: Post) -> None:
    response = post('{"note": "' + "a" * settings.MAX_BODY_BYTES + '"}')

    assert code(response) == (413, "body_too_large")
    assert response.json()["limit_bytes"] == settings.MAX_BODY_BYTES


@pytest.mark.parametrize(
    "options",
    [
        {"content_type": "text/plain"},
        {"content_type": "application/x-www-form-urlencoded"},
        {"content_type": "multipart/form-data; boundary=x"},
        {"content_type": "application/json; charset=utf-16"},
        {"content_type": "application/jsonx"},
        {"content_type": ""},
        {"headers": {"Content-Encoding": "gzip"}},
        {"headers": {"Content-Encoding": "br, gzip"}},
    ],
)
def test_other_media_types_are_not_read(post: Post, options: dict[str, Any]) -> None:
    assert code(post("{}", **options)) == (415, "unsupported_media_type")


@pytest.mark.parametrize(
    "media_type", ["application/json", "Application/JSON; charset=UTF-8", 'application/json;charset="utf8"']
)
def test_json_in_utf_8_is_read(post: Post, media_type: str) -> None:
    assert post("{}", content_type=media_type, headers={"Content-Encoding": "identity"}).status_code == 200


@pytest.mark.parametrize("name", ["unit_price", "is_staff", "discount", "store_id"])
def test_an_unknown_field_is_named(post: Post, name: str) -> None:
    response = post(f'{{"note": "a", "{name}": 1}}')

    assert code(response) == (400, "unknown_field")
    assert response.json()["field"] == name
    assert response.json()["errors"][0]["pointer"] == f"/{name}"


def test_unknown_fields_of_inner_objects_are_named_too(post: Post) -> None:
    response = post('{"lines": [{"sku": "a", "quantity": 1}, {"sku": "a", "quantity": 1, "price": 0}]}')

    assert code(response) == (400, "unknown_field")
    assert response.json()["errors"][0]["pointer"] == "/lines/1/price"


@pytest.mark.parametrize(
    "quantity", ["0", "-1", "1.5", '"2"', "true", "1000000000", '"１２"', "1e2", "1000", "[]", str(10**30)]
)
def test_a_quantity_is_an_integer_from_1_to_999(post: Post, quantity: str) -> None:
    response = post(f'{{"lines": [{{"sku": "SOFA", "quantity": {quantity}}}]}}')

    assert code(response) == (400, "invalid_quantity")
    (error,) = response.json()["errors"]
    assert error["pointer"] == "/lines/0/quantity"
    assert error["params"] == {"min_value": 1, "max_value": 999}


def test_several_errors_are_told_at_once(post: Post) -> None:
    response = post('{"email": "nobody", "lines": [{"quantity": 0}], "gift": 1, "price": 1}')

    assert code(response) == (400, "invalid_input")
    assert {(error["pointer"], error["code"]) for error in response.json()["errors"]} == {
        ("/email", "invalid_email"),
        ("/lines/0/sku", "required"),
        ("/lines/0/quantity", "invalid_quantity"),
        ("/gift", "not_a_boolean"),
        ("/price", "unknown_field"),
    }


@pytest.mark.parametrize(
    "email",
    [
        "a@b.fi\r\nBcc: x@y.fi",
        "a@b@c.fi",
        "a@b.fi\n",
        "a",
        "@b.fi",
        "a@b",
        "a b@c.fi",
        "a@" + "b" * 250 + ".fi",
    ],
)
def test_what_is_no_e_mail_address_is_refused(post: Post, email: str) -> None:

    assert code(post(json.dumps({"email": email}))) == (400, "invalid_email")


@pytest.mark.parametrize(
    "email", ["maija@esimerkki.fi", "maija+sohva@esimerkki.fi", "maija@mäkelä.fi", "o'neil@x.co.uk"]
)
def test_an_e_mail_address_is_read(post: Post, email: str) -> None:
    assert post(f'{{"email": " {email} "}}').json() == {"said": {"email": email}}


ADDRESS = {"name": "Maija Mäkelä", "country": "FI", "postcode": "00100"}


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("name", "a" * 10_000, "too_long"),
        ("name", "Maija\u202eakeläM", "invalid_character"),
        ("name", "Maija\u0007", "invalid_character"),
        ("name", "Maija\nMäkelä", "invalid_character"),
        ("name", "   ", "blank"),
        ("name", None, "null"),
        ("name", 12, "not_a_text"),
        ("name", ["x"], "not_a_text"),
        ("country", "fi", "invalid_country"),
        ("country", "XX", "invalid_country"),
        ("country", "EU", "invalid_country"),
        ("country", {}, "invalid_country"),
        ("postcode", "💥", "invalid_postcode"),
        ("postcode", "1" * 13, "invalid_postcode"),
        ("postcode", "", "blank"),
    ],
)
def test_a_wrong_part_of_an_address_is_named(post: Post, field: str, value: Any, expected: str) -> None:

    response = post(json.dumps({"address": ADDRESS | {field: value}}))

    assert code(response) == (400, expected)
    assert response.json()["field"] == field
    assert response.json()["errors"][0]["pointer"] == f"/address/{field}"


@pytest.mark.parametrize("name", ["Zoë 👩‍👩‍👧 Öberg", "مريم‎ الحسن", "O’Neil-Łukasz"])
def test_names_of_people_are_kept(post: Post, name: str) -> None:

    assert post(json.dumps({"address": ADDRESS | {"name": name}})).json()["said"]["address"]["name"] == name


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('{"address": []}', "not_an_object"),
        ('{"lines": {}}', "not_a_list"),
        ('{"lines": [{}, {}, {}, {}]}', "too_many"),
        ('{"lines": [1]}', "not_an_object"),
        ('{"gift": 1}', "not_a_boolean"),
        ('{"gift": "true"}', "not_a_boolean"),
        ('{"floor": true}', "not_an_integer"),
        ('{"floor": 1.0}', "not_an_integer"),
        ('{"floor": ' + str(10**30) + "}", "too_large"),
        ('{"wish_id": 5}', "invalid_id"),
        ('{"wish_id": "0194f0c1a2b37c3d8e4f5a6b7c8d9e0f"}', "invalid_id"),
        ('{"wish_id": "urn:uuid:0194f0c1-a2b3-7c3d-8e4f-5a6b7c8d9e0f"}', "invalid_id"),
        ('{"size": "xl"}', "invalid_choice"),
        ('{"size": ["s"]}', "invalid_choice"),
    ],
)
def test_a_value_of_another_kind_has_a_code(post: Post, body: str, expected: str) -> None:
    assert code(post(body)) == (400, expected)


def test_the_limit_that_was_broken_is_told(post: Post) -> None:
    response = post('{"note": "' + "a" * 201 + '"}')

    (error,) = response.json()["errors"]
    assert (error["code"], error["params"]) == ("too_long", {"max_length": 200})


def test_line_breaks_are_kept_where_they_are_meant(post: Post) -> None:
    assert post('{"note": "Soita\\r\\novikelloa\\t!"}').json() == {"said": {"note": "Soita\novikelloa\t!"}}


def test_a_hundred_errors_are_enough(post: Post) -> None:
    response = post("{" + ",".join(f'"x{number}": 1' for number in range(5000)) + "}")

    assert code(response) == (400, "unknown_field")
    assert len(response.json()["errors"]) == 100
