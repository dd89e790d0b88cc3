"""Server-sent events as a client of a real stream server reads them."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from queue import Empty, Queue
from typing import Any

import httpx


class Reader:
    """One open stream: its answer, and what it has said so far."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._lines: Queue[str] = Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        try:
            for line in self.response.iter_lines():
                self._lines.put(line)
        except httpx.HTTPError:
            self._lines.put("(cut)")

    def line(self, *, within_s: float = 5) -> str:
        """The next line that is not empty."""
        while not (line := self._lines.get(timeout=within_s)):
            pass
        return line

    def message(self) -> tuple[int, dict[str, Any]]:
        """The next message: its position and its body."""
        position, data = self.line(), self.line()
        assert (position[:4], data[:6]) == ("id: ", "data: ")
        return int(position[4:]), json.loads(data[6:])

    def hang_up(self) -> None:
        """Go away. Closing alone would not be noticed while the other thread still reads."""
        self.response.extensions["network_stream"].get_extra_info("socket").shutdown(socket.SHUT_RDWR)

    def is_silent(self) -> bool:
        """Whether nothing is said for a while."""
        try:
            self.line(within_s=0.3)
        except Empty:
            return True
        return False


@contextmanager
def opened(url: str, **headers: str) -> Iterator[Reader]:
    """Open the stream at `url`, whose ticket is in it. Errors: AssertionError with what was answered instead."""
    with httpx.Client(timeout=30) as client, client.stream("GET", url, headers=headers) as response:
        assert response.status_code == 200, response.read()
        reader = Reader(response)
        assert reader.line() == "retry: 2000"
        yield reader
        with suppress(OSError):
            reader.hang_up()
