"""A light HTTP/1.1 client, for tests and benches that need hundreds of clients beside the server they measure.

It knows what our servers answer on this machine, and nothing more: one kept connection, `Content-Length` bodies. Only
the standard library, so that a client process starts in a blink.
"""

import json
import random
import socket
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

# What the last step of a checkout says.
ACKNOWLEDGED: Final = {"acknowledgements": ["terms", "withdrawal"]}
ON_INVOICE: Final = {"payment_method": "invoice", **ACKNOWLEDGED}
BY_CARD: Final = {"payment_method": "card", **ACKNOWLEDGED}

_READ: Final = 65536


class ConnectionLost(ConnectionError):
    """The server ended the connection before its answer was complete: nobody knows whether the request was done."""


@dataclass(frozen=True, kw_only=True)
class Reply:
    """An answer; names of headers in lower case. `seconds` passed from sending to the last byte."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float

    def json(self) -> Any:
        """What the body says."""
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The problem's stable code, empty for a success."""
        return str(self.json()["code"]) if self.status >= 400 else ""


def some_address() -> str:
    """An address of nobody, so that the rate limits count every request by itself."""
    number = random.getrandbits(24)
    return f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"


class Wire:
    """One client. It connects when it must, and keeps the connection."""

    def __init__(self, *, port: int, headers: Mapping[str, str] | None = None, timeout_s: float = 30) -> None:
        self._port = port
        self._timeout_s = timeout_s
        self._headers = {"Host": f"127.0.0.1:{port}", **(headers or {})}
        self._socket: socket.socket | None = None

    def connect(self) -> None:
        """Connect now rather than with the first request."""
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port), timeout=self._timeout_s)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def close(self) -> None:
        """Hang up; the next request connects again."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def __enter__(self) -> "Wire":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def ask(self, method: str, path: str, body: Any = None, /, **headers: str) -> Reply:
        """Send a request from an address of its own, and read the answer. A write without a key gets a fresh one.

        Errors: ConnectionLost; ConnectionRefusedError when nobody listens; TimeoutError.
        """
        sent = {"X-Forwarded-For": some_address()} | self._headers
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        content = b""
        if method != "GET":
            sent.setdefault("Idempotency-Key", str(uuid.uuid4()))
            content = json.dumps(body).encode()
            sent |= {"Content-Type": "application/json", "Content-Length": str(len(content))}
        head = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
        began = time.perf_counter()
        self.connect()
        try:
            return self._exchange(f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + content, began)
        except (ConnectionError, TimeoutError) as error:
            self.close()
            if isinstance(error, ConnectionError):
                raise ConnectionLost(str(error)) from error
            raise

    def _exchange(self, request: bytes, began: float) -> Reply:
        assert self._socket is not None
        self._socket.sendall(request)
        head, _, body = self._read_head().partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        status = int(first.split(" ", 2)[1])
        length = int(headers.get("content-length", 0))
        if "chunked" in headers.get("transfer-encoding", ""):
            raise NotImplementedError("a chunked answer")
        while len(body) < length:
            body += self._read_some()
        if headers.get("connection", "").lower() == "close":
            self.close()
        return Reply(status=status, headers=headers, body=body, seconds=time.perf_counter() - began)

    def _read_head(self) -> bytes:
        """The head, and as much of the body as came with it."""
        read = self._read_some()
        while b"\r\n\r\n" not in read:
            read += self._read_some()
        return read

    def _read_some(self) -> bytes:
        assert self._socket is not None
        if not (more := self._socket.recv(_READ)):
            raise ConnectionLost("the server hung up")
        return more
