"""The one client for calls to the outside: hardened, because the address often comes from somebody else.

Names are resolved once and the address is checked before it is called, so a name cannot point to the inside the second
time; redirects are not followed; an answer has ten seconds and twenty megabytes, whatever it dribbles
(`reliability.md` 3, case 56). Never call it inside a transaction.
"""

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from django.conf import settings
from requests_hardened import Config, HTTPSession
from requests_hardened.ip_filter_adapter import IPFilterAdapter
from urllib3.exceptions import HTTPError

from config.kernel.errors import Refusal

TIMEOUT_S: Final = 10.0
MAX_BYTES: Final = 20_000_000
_PART: Final = 65_536


class UrlNotAllowed(Refusal):
    """The address cannot be called, must not be, or did not answer as it should. It looks the same for all reasons,
    so that nobody learns from it what is inside our network.
    """

    code = "url_not_allowed"
    status = 422
    title = "This address cannot be used."


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the other side answered; any status but a redirect."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def send(
    *,
    method: str,
    url: str,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    max_bytes: int = MAX_BYTES,
    timeout_s: float = TIMEOUT_S,
) -> Answer:
    """Call `url` and read its answer, all within `timeout_s`. Errors: UrlNotAllowed."""
    try:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or parts.username is not None or parts.password is not None:
            raise UrlNotAllowed
        with _session(timeout_s) as (session, watch), watch.deadline(timeout_s):
            answer = session.request(
                method,
                url,
                headers={"Accept-Encoding": "identity"} | dict(headers or {}),
                data=body,
                stream=True,
            )
            # We asked for plain bytes: what comes packed could be anything when unpacked.
            if answer.is_redirect or answer.headers.get("Content-Encoding", "identity") != "identity":
                raise UrlNotAllowed
            read = _read(answer, max_bytes=max_bytes)
            if watch.has_hung_up:
                raise UrlNotAllowed
            return Answer(status=answer.status_code, headers=dict(answer.headers), body=read)
    except (requests.RequestException, HTTPError, OSError, ValueError):
        raise UrlNotAllowed from None


def _read(answer: requests.Response, *, max_bytes: int) -> bytes:
    parts: list[bytes] = []
    room = max_bytes
    while part := answer.raw.read1(_PART):
        room -= len(part)
        if room < 0:
            raise UrlNotAllowed
        parts.append(part)
    return b"".join(parts)


class _Watch:
    """Ends a call at its deadline, even one whose other side sends a byte now and then: a socket's own time-out
    begins anew with each of them.
    """

    def __init__(self) -> None:
        self.has_hung_up = False
        self._sockets: list[socket.socket] = []

    def add(self, connected: socket.socket) -> None:
        # A copy of the handle: TLS takes the original one away.
        self._sockets.append(connected.dup())

    @contextmanager
    def deadline(self, seconds: float) -> Iterator[None]:
        timer = threading.Timer(seconds, self._hang_up)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            for held in self._sockets:
                held.close()

    def _hang_up(self) -> None:
        self.has_hung_up = True
        for held in self._sockets:
            with suppress(OSError):
                held.shutdown(socket.SHUT_RDWR)


class _WatchedAdapter(IPFilterAdapter):
    """Calls only public addresses, and tells the watch of every connection."""

    def __init__(self, *, watch: _Watch, is_https_proto: bool) -> None:
        self._watch = watch
        super().__init__(is_https_proto=is_https_proto, allow_loopback=settings.HTTP_MAY_CALL_LOOPBACK)

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        pool = super().get_connection_with_tls_context(*args, **kwargs)
        watch = self._watch

        class Watched(pool.ConnectionCls):  # type: ignore[name-defined]
            def _new_conn(self) -> socket.socket:
                connected: socket.socket = super()._new_conn()
                watch.add(connected)
                return connected

        pool.ConnectionCls = Watched
        return pool


@contextmanager
def _session(timeout_s: float) -> Iterator[tuple[requests.Session, _Watch]]:
    config = Config(
        ip_filter_enable=True,
        ip_filter_allow_loopback_ips=settings.HTTP_MAY_CALL_LOOPBACK,
        never_redirect=True,
        default_timeout=(timeout_s, timeout_s),
        user_agent_override="Polku",
    )
    watch = _Watch()
    with HTTPSession(config) as session:
        session.trust_env = False  # no proxy, no .netrc
        session.mount("http://", _WatchedAdapter(watch=watch, is_https_proto=False))
        session.mount("https://", _WatchedAdapter(watch=watch, is_https_proto=True))
        yield session, watch
