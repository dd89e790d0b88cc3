"""What only a real server can bring: bodies without a length, and requests that break before Django has them."""

import json
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from config.servers import Command, start_program, stream_command, web_command
from tests.servers import free_port

Ask = Callable[[bytes], tuple[int, dict[str, str], Any]]

JSON = b"POST /store/v1/echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


def asker(port: int) -> Ask:
    def ask(request: bytes) -> tuple[int, dict[str, str], Any]:
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            with suppress(
                BrokenPipeError, ConnectionResetError
            ):  # it may answer before it has read everything
                connection.sendall(request)
            received = b""
            while b"\r\n\r\n" not in received:
                part = connection.recv(65536)
                assert part, received
                received += part
            head, _, body = received.partition(b"\r\n\r\n")
            lines = head.decode().split("\r\n")
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])}
            while len(body) < int(headers.get("content-length", 0)):
                body += connection.recv(65536)
            if headers.get("transfer-encoding") == "chunked":
                while not body.endswith(b"0\r\n\r\n"):
                    body += connection.recv(65536)
                body = unchunked(body)
            else:
                body = body[: int(headers.get("content-length", 0))]
        return int(lines[0].split()[1]), headers, json.loads(body) if body.startswith(b"{") else body

    return ask


def unchunked(body: bytes) -> bytes:
    whole = b""
    while body:
        size, _, rest = body.partition(b"\r\n")
        whole += rest[: int(size, 16)]
        body = rest[int(size, 16) + 2 :]
    return whole


@pytest.fixture(scope="module", params=["wsgi", "asgi"])
def ask(request: pytest.FixtureRequest) -> Iterator[Ask]:
    port = free_port()
    command = web_command(port=port, workers=1) if request.param == "wsgi" else stream_command(port=port)
    command = Command(argv=(*command.argv[:-1], "tests.kernel.wire_app:application"), env=command.env)
    child = start_program(command, env={}, output=subprocess.DEVNULL)
    try:
        begun = time.monotonic()
        while True:
            assert child.exit_status() is None
            assert time.monotonic() - begun < 30
            try:
                asker(port)(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n")
                break
            except (OSError, AssertionError):
                time.sleep(0.1)
        yield asker(port)
    finally:
        child.stop(grace_s=5)


def chunked(*parts: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (*parts, b""))


def test_a_body_in_chunks_is_read(ask: Ask) -> None:
    status, _, body = ask(JSON + b"Transfer-Encoding: chunked\r\n\r\n" + chunked(b'{"note": ', b'"Hei"}'))

    assert (status, body) == (200, {"said": {"note": "Hei"}})


def test_a_body_in_chunks_has_the_same_limit(ask: Ask) -> None:
    parts = [b"x" * 100_000] * 15

    status, _, body = ask(JSON + b"Transfer-Encoding: chunked\r\n\r\n" + chunked(*parts))

    assert (status, body["code"], body["limit_bytes"]) == (413, "body_too_large", 1_000_000)


def test_a_body_that_announces_too_much_is_refused(ask: Ask) -> None:
    status, _, body = ask(JSON + b"Content-Length: 2000000\r\n\r\n" + b"x" * 2_000_000)

    assert (status, body["code"]) == (413, "body_too_large")


def test_a_body_is_as_long_as_it_says(ask: Ask) -> None:
    status, _, body = ask(JSON + b'Content-Length: 12\r\n\r\n{"note": "Hei"}')

    assert (status, body["code"], body["byte"]) == (400, "malformed_json", 9)


@pytest.mark.parametrize("charset", [b"rot13", b"bz2", b"utf-16", b"nonsense", b"idna"])
def test_a_charset_that_python_knows_is_no_way_in(ask: Ask, charset: bytes) -> None:
    head = b"POST /store/v1/echo?a=%c3%a4 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n"

    status, _, body = ask(head + b"Content-Type: application/json; charset=" + charset + b"\r\n\r\n{}")

    assert (status, body["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize(
    "header", [b"application/json; charset*=rot13''x", b"application/json; a*=nonsense''b"]
)
def test_a_strange_content_type_is_no_way_in(ask: Ask, header: bytes) -> None:
    head = b"POST /store/v1/echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n"

    status, headers, _ = ask(head + b"Content-Type: " + header + b"\r\n\r\n{}")

    assert status in {200, 415}
    assert headers["x-request-id"]


@pytest.mark.parametrize("target", [b"/store/v1/products/%00", b"/plain?q=%00", b"/plain?%00=1"])
def test_a_nul_reaches_nothing(ask: Ask, target: bytes) -> None:
    status, headers, body = ask(b"GET " + target + b" HTTP/1.1\r\nHost: localhost\r\n\r\n")

    assert (status, body["code"]) == (400, "invalid_character")
    assert headers["content-type"] == "application/problem+json"


def test_bytes_that_are_no_text_are_refused(ask: Ask) -> None:
    status, _, body = ask(b"GET /plain?q=%ff%fe HTTP/1.1\r\nHost: localhost\r\n\r\n")

    assert (status, body["code"]) == (400, "malformed_request")


def test_pages_work_behind_either_server(ask: Ask) -> None:
    status, headers, body = ask(b"GET /admin/login/ HTTP/1.1\r\nHost: localhost\r\n\r\n")

    assert status == 200
    assert b"csrfmiddlewaretoken" in body
    assert headers["x-frame-options"] == "DENY"
