"""Keys, versions, pages and limits, as a client of the API meets them."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.http import HttpResponse
from django.test import Client

from config.kernel.models import RateCount, User
from config.kernel.rest.authentication import issue_api_key
from config.kernel.rest.preconditions import etag_of_bytes
from config.kernel.rest.throttling import forget_old_counts

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.kernel.probes")]

PRODUCT = "/store/v1/products/0194f0c1-a2b3-7c3d-8e4f-5a6b7c8d9e0f"
LINE = {"sku": "SOFA", "quantity": 1}


def code(response: Any) -> tuple[int, str]:
    assert response.headers["Content-Type"] == "application/problem+json"
    return response.status_code, response.json()["code"]


def promise(client: Client, body: Any = LINE, **headers: str) -> HttpResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post("/store/v1/promises", body, content_type="application/json", headers=named)


# --- Idempotency-Key


def test_a_promise_needs_a_key(client: Client) -> None:
    assert code(promise(client)) == (400, "idempotency_key_required")


@pytest.mark.parametrize("key", ["", "k" * 300, "k" * 256, "kärry", "a\tb"])
def test_a_key_is_short_printable_ascii(client: Client, key: str) -> None:
    assert code(promise(client, Idempotency_Key=key)) == (400, "invalid_idempotency_key")


def test_a_key_of_255_characters_is_good(client: Client) -> None:
    response = promise(client, Idempotency_Key="k" * 255)

    assert response.status_code == 201
    assert "Idempotent-Replayed" not in response.headers


def test_the_fingerprint_tells_one_request_from_another(client: Client) -> None:
    def fingerprint(body: Any) -> str:
        return str(promise(client, body, Idempotency_Key="one").json()["said"][2])

    assert fingerprint(LINE) == fingerprint(LINE)
    assert fingerprint(LINE) != fingerprint(LINE | {"quantity": 2})


def test_a_key_belongs_to_who_sent_it(client: Client) -> None:
    def principal(**headers: str) -> str:
        return str(promise(client, Idempotency_Key="one", **headers).json()["said"][0])

    guest, other = principal(X_Cart_Secret="polku_cart_a"), principal(X_Cart_Secret="polku_cart_b")
    neighbour = principal(X_Forwarded_For="198.51.100.7")

    assert len({guest, other, neighbour}) == 3
    assert guest == principal(X_Cart_Secret="polku_cart_a")
    assert "polku_cart_a" not in guest
    assert max(len(one) for one in (guest, other, neighbour)) <= 100


# --- If-Match and If-None-Match


def test_a_write_says_which_version_it_means(client: Client) -> None:
    assert code(client.patch(PRODUCT)) == (428, "precondition_required")


@pytest.mark.parametrize("etag", ['"v17"', 'W/"v17"', ' "v17" '])
def test_the_version_is_read_from_our_etag(client: Client, etag: str) -> None:
    assert client.patch(PRODUCT, headers={"If-Match": etag}).json() == {"said": 17}


@pytest.mark.parametrize(
    "etag", ["17", '"17"', "v17", "*", '"v1", "v2"', '"v-1"', '"v01"', '"v' + "9" * 40 + '"', ""]
)
def test_any_other_etag_is_no_version_of_ours(client: Client, etag: str) -> None:
    assert code(client.patch(PRODUCT, headers={"If-Match": etag})) == (412, "version_conflict")


def test_a_body_where_none_is_taken_is_refused(client: Client) -> None:
    response = client.patch(
        PRODUCT, {"price": 1}, content_type="application/json", headers={"If-Match": '"v1"'}
    )

    assert code(response) == (400, "unknown_field")


@pytest.mark.parametrize("known", ['"v3"', 'W/"v3"', '"v1", W/"v3"', "*"])
def test_a_reader_who_has_the_version_is_told_so(client: Client, known: str) -> None:
    response = client.get(PRODUCT, headers={"If-None-Match": known})

    assert (response.status_code, response.content, response.headers["ETag"]) == (304, b"", '"v3"')


@pytest.mark.parametrize("known", ['"v2"', "v3", "", '"'])
def test_a_reader_who_has_another_gets_it(client: Client, known: str) -> None:
    assert client.get(PRODUCT, headers={"If-None-Match": known}).status_code == 200


def test_bytes_without_a_version_have_an_etag_too() -> None:
    assert etag_of_bytes(b"a") == etag_of_bytes(b"a") != etag_of_bytes(b"b")


# --- Pages


def listing(client: Client, query: str = "") -> HttpResponse:
    return client.get(f"/store/v1/listing{query}")


def test_a_page_has_defaults(client: Client) -> None:
    assert listing(client).json() == {"page": 1, "limit": 24, "sort": "name"}
    assert listing(client, "?page=3&limit=100&sort=-price&category=sofas").json() == {
        "page": 3,
        "limit": 100,
        "sort": "-price",
        "category": "sofas",
    }


@pytest.mark.parametrize(
    "query",
    [
        *("?limit=1000000000", "?limit=101", "?limit=0", "?limit=-1", "?limit=1e2", "?limit=１２", "?limit="),
        *("?page=0", "?page=" + "9" * 30, "?page=1.5", "?page=x", "?page_size=1e9", "?offset=-1"),
    ],
)
def test_a_page_that_is_none_is_refused(client: Client, query: str) -> None:
    assert code(listing(client, query)) == (400, "invalid_page")


@pytest.mark.parametrize(
    "query",
    ["?ordering=user__password", "?sort=user__password", "?sort=", "?colour=red", "?sort=name&sort=-price"],
)
def test_a_filter_that_the_list_does_not_know_is_named(client: Client, query: str) -> None:
    response = listing(client, query)

    assert code(response) == (400, "unknown_filter")
    assert response.json()["errors"][0]["pointer"] == "?" + query[1:].partition("=")[0]


@pytest.fixture
def key() -> str:
    return issue_api_key(name="Warehouse", scopes=["people:read"])


def people(client: Client, key: str, query: str = "") -> HttpResponse:
    return client.get(f"/system/v1/people{query}", headers={"Authorization": f"Bearer {key}"})


def test_a_cursor_goes_on_where_the_page_ended(client: Client, key: str) -> None:
    for number in range(5):
        User.objects.create_user(email=f"{number}@esimerkki.fi")
    # Ids made within one millisecond are in no order of their own.
    emails = list(User.objects.order_by("public_id").values_list("email", flat=True))

    first = people(client, key, "?limit=2").json()
    second = people(client, key, f"?limit=2&after={first['next_after']}").json()
    third = people(client, key, f"?limit=2&after={second['next_after']}").json()

    assert sorted(emails) == [f"{number}@esimerkki.fi" for number in range(5)]
    assert [first["items"], second["items"], third["items"]] == [emails[:2], emails[2:4], emails[4:]]
    assert third["next_after"] is None


def test_a_cursor_of_another_caller_or_an_edited_one_is_no_cursor(client: Client, key: str) -> None:
    for number in range(3):
        User.objects.create_user(email=f"{number}@esimerkki.fi")
    cursor = people(client, key, "?limit=1").json()["next_after"]
    other = issue_api_key(name="Till", scopes=["people:read"])

    assert people(client, key, f"?after={cursor}").status_code == 200
    assert code(people(client, other, f"?after={cursor}")) == (400, "invalid_page")
    for edited in (
        cursor[:-1],
        "A" + cursor[1:],
        cursor.replace(":", "", 1),
        "x" * 600,
        "%20",
        str(UUID(int=1)),
    ):
        assert code(people(client, key, f"?after={edited}")) == (400, "invalid_page")


# --- Limits


def test_a_caller_who_asks_too_often_is_told_when_to_come_back(
    client: Client, settings: Any, key: str
) -> None:
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"system.read": (2, timedelta(minutes=1))}

    first, second, third = (people(client, key) for _ in range(3))

    assert [first.status_code, second.status_code] == [200, 200]
    assert second.headers["RateLimit-Policy"] == '"system.read";q=2;w=60'
    assert second.headers["RateLimit"].startswith('"system.read";r=0;t=')
    assert code(third) == (429, "too_many_requests")
    assert 1 <= int(third.headers["Retry-After"]) <= 60
    assert "RateLimit" in third.headers


def test_callers_are_counted_apart(client: Client, settings: Any, key: str) -> None:
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"system.read": (1, timedelta(minutes=1))}
    other = issue_api_key(name="Till", scopes=["people:read"])

    assert people(client, key).status_code == 200
    assert people(client, other).status_code == 200
    assert people(client, key).status_code == 429


def test_guests_are_counted_by_address_and_an_ipv6_network_is_one(client: Client, settings: Any) -> None:
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"store.write": (1, timedelta(minutes=1))}

    def status(address: str) -> int:
        return promise(client, Idempotency_Key="k", X_Forwarded_For=address).status_code

    assert [status("198.51.100.7"), status("198.51.100.8"), status("198.51.100.7")] == [201, 201, 429]
    assert [status("2001:db8::1"), status("2001:db8:0:1::1"), status("2001:db8::2")] == [201, 201, 429]


def test_guests_with_carts_of_their_own_are_counted_apart_at_one_address(
    client: Client, settings: Any
) -> None:
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"store.write": (1, timedelta(minutes=1))}

    def status(secret: str) -> int:
        return promise(client, Idempotency_Key="k", X_Cart_Secret=secret).status_code

    assert [status("aino"), status("elias"), status("aino")] == [201, 201, 429]
    assert not RateCount.objects.filter(bucket__contains="aino").exists()


def test_reading_is_not_counted_where_writing_is(client: Client) -> None:
    client.get("/store/v1/listing")

    assert not RateCount.objects.exists()


def test_a_window_that_is_over_begins_anew_in_its_row(client: Client, settings: Any, key: str) -> None:
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"system.read": (1, timedelta(minutes=1))}
    people(client, key)
    RateCount.objects.update(ends_at="2026-01-01T00:00:00Z")

    assert people(client, key).status_code == 200
    assert RateCount.objects.get().hits == 1


def test_old_counts_are_forgotten(client: Client, now: Any, key: str) -> None:
    people(client, key)

    assert forget_old_counts(now=now) == 0
    assert forget_old_counts(now=now + timedelta(minutes=2)) == 1


# --- Credentials


@pytest.mark.parametrize(
    "given", ["", "Bearer", "Bearer polku_sk_unknown", "Basic eDp5", "Bearer a b", "polku_sk_x"]
)
def test_a_credential_that_is_none_is_asked_for(client: Client, given: str) -> None:
    response = client.get("/system/v1/people", headers={"Authorization": given})

    assert code(response) == (401, "not_authenticated")
    assert response.headers["WWW-Authenticate"] == "Bearer"


def test_a_key_without_the_scope_is_told_which(client: Client) -> None:
    response = people(client, issue_api_key(name="Till", scopes=["stock:write"]))

    assert code(response) == (403, "not_allowed")
    assert response.json()["scope"] == "people:read"
