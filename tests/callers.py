"""Callers of the API inside the test's own transaction: Django's test client with somebody's credentials."""

import json
import random
from typing import Any
from uuid import uuid4

from django.http import HttpResponse
from django.test import Client

# Making the chain of middlewares looks at every static file, so all clients share one.
_HANDLER = Client().handler


def new_client() -> Client:
    """A client of Django's, with cookies of its own."""
    client = Client()
    client.handler = _HANDLER
    return client


def some_address() -> str:
    """An address of nobody, so that the rate limits count every caller by herself."""
    return f"10.{random.randrange(256)}.{random.randrange(256)}.{random.randrange(1, 255)}"


def etag(version: int) -> str:
    """A version as `If-Match` wants it."""
    return f'"v{version}"'


class Caller:
    """Somebody with credentials, which go with every request. Header names are written with `_`: `X_Cart_Secret`."""

    def __init__(self, *, token: str = "", client: Client | None = None, **headers: str) -> None:
        self.client = client or new_client()
        self.headers = {"X_Forwarded_For": some_address()} | headers
        if token:
            self.headers["Authorization"] = f"Bearer {token}"

    def carrying(self, **headers: str) -> "Caller":
        """The same somebody, with more headers."""
        return Caller(client=self.client, **(self.headers | headers))

    def tries(self, method: str, path: str, body: Any = None, /, **headers: str) -> HttpResponse:
        """Send it and take any answer. Writes have a fresh Idempotency-Key unless one is given; "" leaves it out."""
        return self.sends(method, path, b"" if body is None else json.dumps(body).encode(), **headers)

    def sends(self, method: str, path: str, raw: bytes, /, **headers: str) -> HttpResponse:
        """Send exactly these bytes as JSON."""
        headers = self.headers | headers
        if method != "GET":
            headers.setdefault("Idempotency_Key", str(uuid4()))
        content_type = headers.pop("Content_Type", "application/json")
        sent = {name.replace("_", "-"): value for name, value in headers.items() if value}
        return self.client.generic(method, path, raw, content_type if raw else "", headers=sent)

    def says(self, method: str, path: str, body: Any = None, /, **headers: str) -> Any:
        """Send it and read the answer. Errors: AssertionError with the problem when it is refused."""
        response = self.tries(method, path, body, **headers)
        assert 200 <= response.status_code < 300, (
            f"{method} {path}: {response.status_code} {response.content!r}"
        )
        return json.loads(response.content) if response.content else None

    def is_refused(self, method: str, path: str, body: Any = None, /, **headers: str) -> tuple[int, str]:
        """Send what must be refused: the status and the problem's code."""
        return refusal(self.tries(method, path, body, **headers))


def problem(response: HttpResponse) -> dict[str, Any]:
    """The problem of a refused request. Errors: AssertionError when it is none, or lacks what every problem has."""
    assert response["Content-Type"] == "application/problem+json", (
        f"{response.status_code} {response.content!r}"
    )
    body: dict[str, Any] = json.loads(response.content)
    assert {"type", "title", "status", "detail", "code", "instance", "request_id"} <= body.keys()
    assert body["status"] == response.status_code
    assert body["type"].endswith(f"/api/problems/{body['code']}")
    assert response["Cache-Control"] == "no-store"
    return body


def refusal(response: HttpResponse) -> tuple[int, str]:
    """Status and code of a problem."""
    return response.status_code, str(problem(response)["code"])
