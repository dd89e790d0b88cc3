"""Eight readers in one thread, so light that what they measure keeps the machine: raw sockets and finished requests.

A client that is a process of its own and reads every header takes as much of the machine as the server it asks, and
then every workload looks alike. This one sends bytes that were made beforehand and reads of an answer its status and
its length; it gives up at the first answer that is not what was asked for.
"""

import selectors
import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import cycle
from random import Random
from time import perf_counter
from typing import Final

_READ: Final = 262_144
_PATIENCE_S: Final = 30.0
_LENGTH: Final = b"content-length: "


class UnexpectedAnswer(RuntimeError):
    """The server did not do what was measured, so its figure would mean nothing."""


@dataclass(frozen=True, kw_only=True)
class Speed:
    """How many seconds each answer took that came in time, over how many, and how long bodies were on average."""

    took: Sequence[float]
    seconds: float
    body_bytes: int

    @property
    def per_second(self) -> float:
        """Answers a second, of all clients together."""
        return len(self.took) / self.seconds


class _Reader:
    """One kept connection and the answer that it waits for."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=_PATIENCE_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.asked_at = 0.0
        self._read = b""
        self._ends_at = 0  # where the answer ends in what was read; 0 while its head is not complete
        self._body = 0

    def ask(self, request: bytes) -> None:
        """Send a finished request."""
        self._read, self._ends_at = b"", 0
        self.asked_at = perf_counter()
        self.socket.sendall(request)

    def hear(self) -> int | None:
        """Read on; the length of the body when the answer is complete, else None. Errors: UnexpectedAnswer."""
        more = self.socket.recv(_READ)
        if not more:
            raise UnexpectedAnswer("the server hung up")
        self._read += more
        if not self._ends_at:
            self._read_head()
        if not self._ends_at or len(self._read) < self._ends_at:
            return None
        return self._body

    def _read_head(self) -> None:
        end = self._read.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self._read[:end].lower()
        if not head.startswith(b"http/1.1 200 "):
            raise UnexpectedAnswer(self._read[:500].decode(errors="replace"))
        begin = head.find(_LENGTH)
        if begin < 0:
            raise UnexpectedAnswer(f"no length: {head.decode(errors='replace')}")
        self._body = int(head[begin + len(_LENGTH) :].split(b"\r", 1)[0])
        if not self._body:
            raise UnexpectedAnswer("an empty answer")
        self._ends_at = end + 4 + self._body


def requests_for(*, asked: Iterable[tuple[str, str]], host: str, key: str, random: Random) -> list[bytes]:
    """Finished requests of (path, language), each from an address of its own, so that none is refused as too many.

    The host names the market to pages, the key to the API.
    """
    return [
        (
            f"GET {path} HTTP/1.1\r\nHost: {host}\r\nX-Api-Key: {key}\r\nAccept-Language: {language}\r\n"
            f"X-Forwarded-For: {_address(random)}\r\n\r\n"
        ).encode()
        for path, language in asked
    ]


def _address(random: Random) -> str:
    return f"10.{random.randrange(256)}.{random.randrange(256)}.{random.randrange(256)}"


def read_for(
    *, seconds: float, port: int, requests: Sequence[bytes], clients: int, warm_up_s: float = 0.3
) -> Speed:
    """Let `clients` ask one request after the other for so long, each its next one as soon as it is answered.

    Answers of the warm-up do not count, nor those that come too late. Errors: UnexpectedAnswer.
    """
    queue = cycle(requests)
    readers = [_Reader(port) for _ in range(clients)]
    took: list[float] = []
    bodies = 0
    try:
        with selectors.DefaultSelector() as selector:
            for reader in readers:
                selector.register(reader.socket, selectors.EVENT_READ, reader)
                reader.ask(next(queue))
            begins_at = perf_counter() + warm_up_s
            ends_at = begins_at + seconds
            while perf_counter() < ends_at:
                ready = selector.select(_PATIENCE_S)
                if not ready:
                    raise UnexpectedAnswer("no answer")
                for key, _ in ready:
                    reader = key.data
                    if (body := reader.hear()) is None:
                        continue
                    now = perf_counter()
                    if begins_at <= now <= ends_at:
                        took.append(now - reader.asked_at)
                        bodies += body
                    reader.ask(next(queue))
    finally:
        for reader in readers:
            reader.socket.close()
    return Speed(took=took, seconds=seconds, body_bytes=bodies // max(1, len(took)))
