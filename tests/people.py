"""People of the story: each speaks HTTP to a running server, and reads what it says."""

import random
from typing import Any
from uuid import uuid4

import httpx


def some_address() -> str:
    """An address of nobody, so that the rate limits count every person of a test by herself."""
    return f"10.{random.randrange(256)}.{random.randrange(256)}.{random.randrange(1, 255)}"


class Person:
    """Somebody with credentials. `says` sends a request and expects a success; `tries` takes any answer."""

    def __init__(self, url: str, *, token: str = "", locale: str = "fi", **headers: str) -> None:
        headers = {"X-Forwarded-For": some_address(), "Accept-Language": locale} | headers
        if token:
            headers["Authorization"] = f"Bearer {token}"
        self.http = httpx.Client(base_url=url, headers=headers, timeout=30)

    def tries(self, method: str, path: str, body: Any = None, /, **headers: str) -> httpx.Response:
        """Send it; writes take a fresh Idempotency-Key unless one is given."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if method != "GET":
            sent.setdefault("Idempotency-Key", str(uuid4()))
        return self.http.request(method, path, json=body, headers=sent)

    def says(self, method: str, path: str, body: Any = None, /, **headers: str) -> Any:
        """Send it and read the answer. Errors: AssertionError with the problem when it is refused."""
        response = self.tries(method, path, body, **headers)
        assert response.is_success, f"{method} {path}: {response.status_code} {response.text}"
        return response.json() if response.content else None

    def carries(self, **headers: str) -> None:
        """Send these headers from now on (a guest's secret)."""
        self.http.headers.update({name.replace("_", "-"): value for name, value in headers.items()})


def etag(version: int) -> str:
    """A version as `If-Match` wants it."""
    return f'"v{version}"'
