"""The edge: what every request gets, whatever it asks for (`reliability.md` 3, cases 1-13 and 4, headers)."""

import json
import logging
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.kernel.probes")]


def code(response: Any) -> tuple[int, str]:
    assert response.headers["Content-Type"] == "application/problem+json"
    return response.status_code, response.json()["code"]


def test_every_answer_has_an_id_of_its_own(client: Client) -> None:
    first, second = client.get("/plain"), client.get("/nowhere")

    assert first.headers["X-Request-ID"] != second.headers["X-Request-ID"]
    assert second.json()["request_id"] == second.headers["X-Request-ID"]


def test_a_sane_id_of_the_client_is_kept(client: Client) -> None:
    response = client.get("/nowhere", headers={"X-Request-ID": "till-7.2026-11-22_1"})

    assert response.headers["X-Request-ID"] == "till-7.2026-11-22_1"


@pytest.mark.parametrize("given", ["a" * 65, "a b", "ä", "x\ny", "<script>", ""])
def test_any_other_id_of_the_client_is_replaced(client: Client, given: str) -> None:
    assert client.get("/plain", headers={"X-Request-ID": given}).headers["X-Request-ID"] != given


@pytest.mark.parametrize(
    ("remote", "forwarded", "expected"),
    [
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("127.0.0.1", "203.0.113.9, 198.51.100.7", "198.51.100.7"),
        ("127.0.0.1", "203.0.113.9, 198.51.100.7, 127.0.0.1", "198.51.100.7"),
        ("127.0.0.1", "2001:db8::1", "2001:db8::1"),
        ("127.0.0.1", "203.0.113.9, nonsense", "127.0.0.1"),
        ("127.0.0.1", "' OR 1=1", "127.0.0.1"),
        ("203.0.113.9", "198.51.100.7", "203.0.113.9"),
        ("", "198.51.100.7", ""),
    ],
)
def test_the_client_is_the_last_hop_that_is_no_proxy_of_ours(
    client: Client, remote: str, forwarded: str, expected: str
) -> None:
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}

    response = client.get("/plain", headers=headers, REMOTE_ADDR=remote)

    assert response.content.decode().split(" ")[0] == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/store/v1/products/%00", (400, "invalid_character")),
        ("/plain?q=%00", (400, "invalid_character")),
        ("/plain?q=a%00b&page=1", (400, "invalid_character")),
        ("/plain?q=%ff", (400, "malformed_request")),
        ("/plain?q=%ed%a0%80", (400, "malformed_request")),
        ("/plain?q=%zz", (400, "malformed_request")),
        ("/plain?q=%", (400, "malformed_request")),
        ("/store/v1/products/..%2f..%2fetc", (404, "not_found")),
        ("/store/v1/products/../admin", (404, "not_found")),
        (f"/store/v1/products/{10**30}", (404, "not_found")),
        ("/store/v1/products/0194f0c1-a2b3-7c3d-8e4f-5a6b7c8d9e0", (404, "not_found")),
        ("/store/v1/products/%ff%fe", (404, "not_found")),
        (
            "/store/v1/listing?" + "&".join(f"a{number}=1" for number in range(1500)),
            (400, "malformed_request"),
        ),
    ],
)
def test_a_strange_address_is_refused_and_nothing_breaks(
    client: Client, path: str, expected: tuple[int, str]
) -> None:
    assert code(client.get(path)) == expected


@pytest.mark.parametrize("path", ["/plain?q=caf%C3%A9&x=a+b%26", "/plain?", "/plain?q=%25"])
def test_parameters_in_utf_8_are_let_through(client: Client, path: str) -> None:
    assert client.get(path).status_code == 200


@pytest.mark.parametrize("length", ["-1", "1e3", "abc", "٣", "1_0"])
def test_a_length_that_is_no_number_is_refused(client: Client, length: str) -> None:
    assert code(client.get("/plain", CONTENT_LENGTH=length)) == (400, "malformed_request")


def test_a_body_that_no_view_reads_is_limited_too(client: Client) -> None:
    response = client.generic("GET", "/plain", "a" * 1_000_001, content_type="text/plain")

    assert code(response) == (413, "body_too_large")


@pytest.mark.parametrize("host", ["evil.example", "localhost:80@evil.example", "[::1", ""])
def test_a_host_that_is_not_ours_is_refused(client: Client, host: str) -> None:
    assert code(client.get("/plain", HTTP_HOST=host, SERVER_NAME=host)) == (400, "malformed_request")


def test_health_is_asked_by_address(client: Client) -> None:
    assert client.get("/health/live", HTTP_HOST="10.1.2.3").status_code == 200


def test_personal_answers_are_kept_by_nobody(client: Client) -> None:
    assert client.get("/plain").headers["Cache-Control"] == "no-store"
    assert (
        client.post("/store/v1/echo", {}, content_type="application/json").headers["Cache-Control"]
        == "no-store"
    )
    assert client.get("/nowhere").headers["Cache-Control"] == "no-store"


def test_a_view_may_say_how_long_its_answer_is_good(client: Client) -> None:
    response = client.get("/store/v1/products/0194f0c1-a2b3-7c3d-8e4f-5a6b7c8d9e0f")

    assert response.headers["Cache-Control"] == "max-age=60"


@pytest.mark.parametrize("path", ["/plain", "/nowhere", "/plain?q=%00", "/store/v1/failing/unexpected"])
def test_no_answer_is_sniffed(client: Client, path: str) -> None:
    client.raise_request_exception = False

    assert client.get(path).headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "image/*;q=0", "*/*"])
def test_the_answer_is_json_whatever_is_accepted(client: Client, accept: str) -> None:
    response = client.post(
        "/store/v1/echo?format=xml", {}, content_type="application/json", headers={"Accept": accept}
    )

    assert (response.status_code, response.headers["Content-Type"]) == (200, "application/json")


def test_an_unknown_method_is_told_which_there_are(client: Client) -> None:
    response = client.put("/store/v1/echo", {}, content_type="application/json")

    assert code(response) == (405, "method_not_allowed")
    assert response.headers["Allow"] == "POST"
    assert code(client.options("/store/v1/echo")) == (405, "method_not_allowed")


def test_a_refusal_keeps_its_code_status_and_data(client: Client) -> None:
    response = client.get("/store/v1/failing/refused")

    body = response.json()
    assert code(response) == (409, "sold_out")
    assert body == {
        "type": "http://localhost:8000/api/problems/sold_out",
        "title": "Sold out.",
        "status": 409,
        "detail": "The last one went to somebody else.",
        "code": "sold_out",
        "short": {"SOFA": 1},
        "instance": f"urn:request:{body['request_id']}",
        "request_id": response.headers["X-Request-ID"],
    }


def test_what_nobody_anticipated_says_nothing_but_its_id(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    client.raise_request_exception = False

    response = client.get("/store/v1/failing/unexpected")

    assert code(response) == (500, "internal_error")
    assert "hunter2" not in response.content.decode()
    assert "Traceback" not in response.content.decode()
    (record,) = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert record.exc_info is not None


def test_a_route_that_declares_no_callers_answers_nobody(client: Client) -> None:
    assert code(client.get("/store/v1/undeclared")) == (403, "not_allowed")


def test_one_line_is_written_for_a_request_and_none_of_its_secrets(
    client: Client, capfd: pytest.CaptureFixture[str], settings: Any
) -> None:
    path = "/store/v1/failing/refused?ticket=abcdefgh12345678&token=polku_store_abcdefgh12345678"

    client.get(path, headers={"Authorization": "", "X-Cart-Secret": "polku_cart_abcdefgh12345678"})

    (line,) = [line for line in capfd.readouterr().err.splitlines() if "polku.access" in line]
    assert "status=409" in line
    assert "route=store/v1/failing/<slug:how>" in line
    assert "abcdefgh" not in line


def test_sessions_exist_for_pages_only(client: Client) -> None:
    assert "session" not in client.get("/plain").content.decode()
    page = client.get("/admin/login/")
    assert page.status_code == 200
    assert "csrf" in page.cookies
    assert page.headers["X-Frame-Options"] == "DENY"


def test_pages_refuse_a_form_without_its_token() -> None:
    client = Client(enforce_csrf_checks=True)

    response = client.post("/admin/login/", {"username": "a", "password": "b"})

    assert response.status_code == 403


def test_an_unknown_page_is_a_page(client: Client) -> None:
    response: HttpResponse = client.get("/admin/nowhere/")

    assert response.status_code in {302, 404}
    assert response.headers["Content-Type"].startswith("text/html")


def test_the_api_asks_for_no_csrf_token() -> None:
    client = Client(enforce_csrf_checks=True)

    assert client.post("/store/v1/echo", json.dumps({}), content_type="application/json").status_code == 200
