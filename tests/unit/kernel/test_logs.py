"""No secret reaches the log, wherever it is put; everything else does."""

import io
import json
import logging
import logging.config
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import structlog
from django.conf import settings

from config.kernel import logs
from config.kernel.context import request_id

SECRETS = [
    "polku_store_Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4",
    "polku_sk_Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4",
    "polku_cart_Zm9v-YmFy_YmF6cXV4",
    "4242424242424242",
    "4242 4242 4242 4242",
    "4242-4242-4242-4242",
    "378282246310005",
    "6304000000000000",
]


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], str]]:
    """All log lines, as JSON, from whatever logger."""
    stream, before = io.StringIO(), settings.LOGGING
    as_json = {"level": "INFO", "format": "json"}
    monkeypatch.setattr("sys.stderr", stream)
    logs.configure(as_json)
    # pytest puts its own standard error back between here and the test.
    monkeypatch.setattr(logs, "sys", SimpleNamespace(stderr=stream))
    monkeypatch.setattr(settings, "LOGGING", as_json)
    yield stream.getvalue
    monkeypatch.undo()
    logs.configure(before)


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize(
    "say",
    [
        lambda secret: structlog.get_logger("a").info(f"got {secret}."),
        lambda secret: structlog.get_logger("a").info("got it", value=secret),
        lambda secret: structlog.get_logger("a").info(
            "got it", value={"inner": [f"x{secret}", {"y": secret}]}
        ),
        lambda secret: structlog.get_logger("a").info("got it", value=secret.encode()),
        lambda secret: structlog.get_logger("a").info("got it", value=ValueError(f"no {secret}")),
        lambda secret: logging.getLogger("b").warning("got %s", secret),
        lambda secret: logging.getLogger("b").warning("got %(it)s", {"it": secret}),
        lambda secret: logging.getLogger("django.request").error(
            "at /x?q=%s", secret, extra={"request": secret}
        ),
    ],
)
def test_what_looks_like_a_secret_is_masked(
    written: Callable[[], str], say: Callable[[str], None], secret: str
) -> None:
    say(secret)

    assert logs.MASK in written()
    assert secret not in written()
    assert secret[-9:] not in written()


def test_a_secret_in_a_traceback_is_masked(written: Callable[[], str]) -> None:
    try:
        raise ValueError(f"declined: {SECRETS[3]}, {SECRETS[0]}")
    except ValueError:
        logging.getLogger("b").exception("it failed")

    assert "ValueError: declined" in written()
    assert SECRETS[3] not in written()
    assert SECRETS[0] not in written()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("password", "hunter2"),
        ("Authorization", "Digest abc"),
        ("cookies", {"session": "abc"}),
        ("X-Cart-Secret", "abc"),
        ("api_key", "abc"),
        ("stream_ticket", "abc"),
    ],
)
def test_what_is_named_like_a_secret_is_masked(written: Callable[[], str], name: str, value: Any) -> None:
    structlog.get_logger("a").info("got it", **{name: value}, headers={name: value})

    line = json.loads(written())
    assert line[name] == logs.MASK
    assert line["headers"] == {name: logs.MASK}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Authorization: Bearer abcdef123456", "Authorization: [masked]"),
        ("Basic YWxhZGRpbjpvcGVuc2VzYW1l", "[masked]"),
        ("/stream?ticket=abcd1234&last=3", "/stream?ticket=[masked]&last=3"),
        ("password: 'correct horse'", "password: '[masked] horse'"),
        ("postgresql://polku:hunter2@db/polku", "postgresql://[masked]@db/polku"),
    ],
)
def test_the_rest_of_the_line_stays(text: str, expected: str) -> None:
    assert logs.masked_text(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "01a2012f-af40-7026-8a42-cd583636a117",
        "42424242-4242-4242-8242-424242424242",
        "4242424242424241",
        "6438080023498",
        "order 2026-11-22 12:00",
        "a basic sofa",
        "the secret garden",
        "tokens are kept as digests",
        "1234567890123456789012",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert logs.masked_text(text) == text


def test_a_card_number_written_as_a_number_is_masked(written: Callable[[], str]) -> None:
    structlog.get_logger("a").info("got it", number=4242424242424242, minor=129_900, ok=True, none=None)

    line = json.loads(written())
    assert (line["number"], line["minor"], line["ok"], line["none"]) == (logs.MASK, 129_900, True, None)


def test_each_line_carries_the_requests_id(written: Callable[[], str]) -> None:
    request_id.set("")
    token = request_id.set("till-7")
    structlog.get_logger("a").info("one")
    logging.getLogger("b").info("two")
    logs.access_log().info("request", path="/")
    request_id.reset(token)
    structlog.get_logger("a").info("three")

    lines = [json.loads(line) for line in written().splitlines()]
    assert [line.get("request_id") for line in lines] == ["till-7", "till-7", "till-7", None]
    assert {"timestamp", "level", "logger", "event"} <= set(lines[2])


def test_below_the_level_nothing_is_written(written: Callable[[], str]) -> None:
    structlog.get_logger("a").debug("one")
    logging.getLogger("b").debug("two")

    assert written() == ""
