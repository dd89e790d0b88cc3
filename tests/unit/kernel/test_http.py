"""The client calls nobody inside, follows nobody, and waits for nobody (`reliability.md` 3, case 56)."""

import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from config.kernel import http
from config.kernel.checks import loopback_is_closed
from config.kernel.http import UrlNotAllowed

Talk = Callable[[socket.socket], None]


@pytest.fixture
def serve() -> Iterator[Callable[[Talk], str]]:
    """A server on this machine that says what it is told to, byte for byte; its URL."""
    listeners: list[socket.socket] = []

    def start(talk: Talk) -> str:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)

        def answer() -> None:
            try:
                while True:
                    client, _ = listener.accept()
                    with client:
                        client.recv(65536)
                        talk(client)
            except OSError:
                return

        threading.Thread(target=answer, daemon=True).start()
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    yield start
    for listener in listeners:
        listener.close()


@pytest.fixture
def may_call_loopback(settings: Any) -> None:
    settings.HTTP_MAY_CALL_LOOPBACK = True


def says(text: bytes) -> Talk:
    return lambda client: client.sendall(text)


OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello"


@pytest.mark.usefixtures("may_call_loopback")
def test_an_answer_is_read(serve: Callable[[Talk], str]) -> None:
    answer = http.send(method="GET", url=serve(says(OK)))

    assert (answer.status, answer.headers["Content-Type"], answer.body) == (200, "text/plain", b"hello")


@pytest.mark.usefixtures("may_call_loopback")
def test_an_error_is_an_answer_too(serve: Callable[[Talk], str]) -> None:
    url = serve(says(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"))

    assert http.send(method="POST", url=url, body=b"{}").status == 404


def test_this_machine_is_not_called(serve: Callable[[Talk], str]) -> None:
    asked: list[bytes] = []
    url = serve(lambda client: asked.append(b"somebody"))

    with pytest.raises(UrlNotAllowed):
        http.send(method="GET", url=url)

    assert asked == []


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://169.254.169.254/latest/meta-data/",
        "http://10.0.0.1/",
        "http://192.168.1.1/",
        "http://100.64.0.1/",
        "http://0.0.0.0/",
        "http://0x7f.1/",
        "http://2130706433/",
        "http://017700000001/",
        "http://[64:ff9b::7f00:1]/",
        "http://224.0.0.1/",
        "file:///etc/passwd",
        "gopher://127.0.0.1:25/",
        "ftp://example.org/",
        "//example.org/",
        "http://user@example.org/",
        "http://user:pass@127.0.0.1/",
        "http://@127.0.0.1/",
        "http://127.0.0.1:99999/",
        "http://127.0.0.1\r\nHost: x/",
        "http://[broken/",
        "http://",
        "",
        "nonsense",
        "http://a\0b/",
        "http://" + "a" * 300 + ".fi/",
    ],
)
def test_an_address_that_is_inside_or_none_looks_like_any_other(url: str) -> None:
    with pytest.raises(UrlNotAllowed) as refused:
        http.send(method="GET", url=url)

    assert (refused.value.status, refused.value.detail, refused.value.data) == (
        422,
        "This address cannot be used.",
        {},
    )


@pytest.mark.usefixtures("may_call_loopback")
@pytest.mark.parametrize(
    "status", [b"301 Moved", b"302 Found", b"303 See Other", b"307 Temporary", b"308 Permanent"]
)
def test_a_redirect_is_not_followed(serve: Callable[[Talk], str], status: bytes) -> None:
    asked: list[bytes] = []
    inside = serve(lambda client: asked.append(b"somebody")).encode()
    url = serve(says(b"HTTP/1.1 " + status + b"\r\nLocation: " + inside + b"\r\nContent-Length: 0\r\n\r\n"))

    with pytest.raises(UrlNotAllowed):
        http.send(method="GET", url=url)

    assert asked == []


@pytest.mark.usefixtures("may_call_loopback")
def test_a_name_is_resolved_once(serve: Callable[[Talk], str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Rebinding: the second answer of the name server would be another address."""
    asked: list[str] = []
    resolve = socket.getaddrinfo

    def counting(host: str, *args: Any, **kwargs: Any) -> Any:
        asked.append(host)
        return resolve("127.0.0.1" if host == "shop.example" else host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", counting)
    url = serve(says(OK)).replace("127.0.0.1", "shop.example")

    assert http.send(method="GET", url=url).body == b"hello"
    assert asked.count("shop.example") == 1


@pytest.mark.usefixtures("may_call_loopback")
@pytest.mark.parametrize("announced", [b"Content-Length: 10000000000\r\n", b""])
def test_an_answer_without_an_end_is_cut_off(serve: Callable[[Talk], str], announced: bytes) -> None:
    def flood(client: socket.socket) -> None:
        client.sendall(b"HTTP/1.1 200 OK\r\n" + announced + b"\r\n")
        while True:
            client.sendall(b"x" * 65536)

    begun = time.monotonic()
    with pytest.raises(UrlNotAllowed):
        http.send(method="GET", url=serve(flood), max_bytes=1_000_000)

    assert time.monotonic() - begun < 2


def dribble(*, before: bytes) -> Talk:
    def talk(client: socket.socket) -> None:
        client.sendall(before)
        while True:
            client.sendall(b"x")
            time.sleep(0.1)

    return talk


@pytest.mark.usefixtures("may_call_loopback")
@pytest.mark.parametrize(
    "before",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nX-",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n",
    ],
)
def test_an_answer_that_dribbles_is_not_waited_for(serve: Callable[[Talk], str], before: bytes) -> None:
    begun = time.monotonic()
    with pytest.raises(UrlNotAllowed):
        http.send(method="GET", url=serve(dribble(before=before)), timeout_s=0.5)

    assert time.monotonic() - begun < 1.5


@pytest.mark.usefixtures("may_call_loopback")
def test_a_server_that_says_nothing_is_not_waited_for(serve: Callable[[Talk], str]) -> None:
    with pytest.raises(UrlNotAllowed):
        http.send(method="GET", url=serve(lambda client: time.sleep(2)), timeout_s=0.3)


@pytest.mark.usefixtures("may_call_loopback")
def test_a_compressed_bomb_is_not_unpacked(serve: Callable[[Talk], str]) -> None:

    bomb = gzip.compress(b"\0" * 50_000_000)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb)

    with pytest.raises(UrlNotAllowed):
        http.send(method="GET", url=serve(says(head + bomb)))


def test_production_refuses_to_call_itself(settings: Any) -> None:
    settings.PRODUCTION = settings.HTTP_MAY_CALL_LOOPBACK = True

    assert [error.id for error in loopback_is_closed()] == ["kernel.E001"]
    settings.HTTP_MAY_CALL_LOOPBACK = False
    assert loopback_is_closed() == []
