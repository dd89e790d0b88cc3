"""How soon people see a page, measured in the browser; writes its section of `docs/performance.md`.

Five visits to each page that anybody or a buyer comes to, each with an empty cache, over a line of 1 MB/s with 165 ms
of delay for every request; the medians count. Wanted: at most 100 kB without pictures, largest contentful paint under
1.5 s, layout shift at most 0.01. The servers answer without compression, as in development, so what is painted comes
later here than behind the proxy of `docker-compose.yml`; what that would send is counted by compressing each answer.
`--trial` visits each page once in the small shop, and writes nothing.
"""

import argparse
import base64
import gzip
import os
import statistics
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, CDPSession, expect
from playwright.sync_api import Error as PlaywrightError

from tests.browser.acts import leaves_without_paying, order_on_invoice, put_into_cart, sign_in
from tests.browser.people import DESK, PHONE, open_browser, somebody
from tests.browser.stage import Stage, open_stage
from tests.performance.postgres import durable_postgres
from tests.performance.sections import PAGE, PEOPLE, put_section, section_of

VISITS: Final = 5
LINE: Final = {
    "offline": False,
    "latency": 165,
    "downloadThroughput": 1_000_000,
    "uploadThroughput": 1_000_000,
}
MOST_BYTES: Final = 100_000
LONGEST_MS: Final = 1500
MOST_SHIFT: Final = 0.01
_WATCH: Final = """
    window.seen = {lcp: 0, cls: 0};
    new PerformanceObserver(list => { for (const e of list.getEntries()) seen.lcp = e.startTime; })
        .observe({type: 'largest-contentful-paint', buffered: true});
    new PerformanceObserver(list => { for (const e of list.getEntries()) if (!e.hadRecentInput) seen.cls += e.value; })
        .observe({type: 'layout-shift', buffered: true});
"""


@dataclass(frozen=True, kw_only=True)
class Visit:
    """What one visit took: bytes without pictures as the proxy sends them and as the servers do, those of pictures,
    milliseconds until the largest thing was painted, and the shift.
    """

    bytes: int
    plain_bytes: int
    picture_bytes: int
    lcp_ms: float
    shift: float


@dataclass(frozen=True, kw_only=True)
class Place:
    """A page to be measured, and the cookies of whoever comes to it."""

    path: str
    cookies: Any = None


def visit(browser: Browser, stage: Stage, place: Place, device: dict[str, Any]) -> Visit:
    """Look at a page with nothing in the cache. Errors: AssertionError when it is not there, or leads elsewhere."""
    with somebody(
        browser, stage.url, device, elsewhere=stage.elsewhere, storage_state=place.cookies
    ) as visitor:
        line = visitor.context.new_cdp_session(visitor.page)
        kinds: dict[str, str] = {}
        sizes: dict[str, float] = {}
        line.on("Network.responseReceived", lambda told: kinds.update({told["requestId"]: told["type"]}))
        line.on(
            "Network.loadingFinished",
            lambda told: sizes.update({told["requestId"]: told["encodedDataLength"]}),
        )
        line.send("Network.enable")
        line.send("Network.emulateNetworkConditions", LINE)
        visitor.page.add_init_script(_WATCH)
        answer = visitor.page.goto(f"{stage.url}{place.path}", wait_until="load")
        assert answer is not None
        assert answer.ok, f"{place.path}: {answer.status}"
        assert visitor.page.url == f"{stage.url}{place.path}", f"{place.path} led to {visitor.page.url}"
        visitor.page.wait_for_timeout(700)  # what moves, moves after the page came
        seen = visitor.page.evaluate("seen")
        others = [name for name in sizes if kinds.get(name) != "Image"]
        saved = sum(_saved(line, name) for name in others)
    pictures = sum(size for name, size in sizes.items() if kinds.get(name) == "Image")
    plain = sum(sizes[name] for name in others)
    return Visit(
        bytes=int(plain - saved),
        plain_bytes=int(plain),
        picture_bytes=int(pictures),
        lcp_ms=seen["lcp"],
        shift=seen["cls"],
    )


def _saved(line: CDPSession, request: str) -> int:
    """How much less an answer is, compressed (gzip -6)."""
    try:
        answer = line.send("Network.getResponseBody", {"requestId": request})
    except PlaywrightError:
        return 0  # it has no body, such as a redirection
    body = base64.b64decode(answer["body"]) if answer["base64Encoded"] else answer["body"].encode()
    return max(0, len(body) - len(gzip.compress(body, compresslevel=6)))


def pages_of(stage: Stage, browser: Browser) -> dict[str, Place]:
    """What is measured: the pages of anybody, and those of a buyer with a cart, an order and one that is not paid."""
    slug = stage.shop.guest().says("GET", "/store/v1/products?category=sofas")["items"][0]["slug"]
    anybodys = {
        "front page": "",
        "category": "c/sofas",
        "search": "search?q=sohva",
        "product": f"p/{slug}",
        "empty cart": "cart",
        "sign-in": "sign-in",
        "withdraw": "withdraw",
    }
    with somebody(browser, stage.url, DESK, elsewhere=stage.elsewhere) as her:
        sign_in(her, stage.letters)
        order = order_on_invoice(her.page, stage.url, slug)
        stage.shop.person("packer").says("POST", f"/staff/v1/orders/{order}/parcels", {})
        # What has arrived can come back.
        expect(her.page.locator("#order")).to_contain_text("on luovutettu", timeout=60_000)
        unpaid = leaves_without_paying(her, slug)
        her.goes(f"/fi/p/{slug}")
        put_into_cart(her.page)
        cookies = her.context.storage_state()
    hers = {
        "cart": "cart",
        "checkout": "checkout",
        "payment": f"pay/{unpaid}",
        "order": f"orders/{order}",
        "orders": "orders",
        "return": f"orders/{order}/return",
        "withdraw from an order": f"orders/{order}/withdraw",
        "account": "account",
    }
    return {name: Place(path=f"/fi/{path}") for name, path in anybodys.items()} | {
        name: Place(path=f"/fi/{path}", cookies=cookies) for name, path in hers.items()
    }


def measure(stage: Stage, *, visits: int) -> dict[tuple[str, str], Visit]:
    """The medians by page and device; the devices take turns, so that a busy moment hits both."""
    result: dict[tuple[str, str], Visit] = {}
    with open_browser() as browser:
        for name, place in pages_of(stage, browser).items():
            rounds = [
                (visit(browser, stage, place, PHONE), visit(browser, stage, place, DESK))
                for _ in range(visits)
            ]
            for device, seen in zip(("phone", "desk"), zip(*rounds, strict=True), strict=True):
                result[name, device] = Visit(
                    bytes=int(statistics.median(one.bytes for one in seen)),
                    plain_bytes=int(statistics.median(one.plain_bytes for one in seen)),
                    picture_bytes=int(statistics.median(one.picture_bytes for one in seen)),
                    lcp_ms=statistics.median(one.lcp_ms for one in seen),
                    shift=statistics.median(one.shift for one in seen),
                )
    return result


def section_with(result: dict[tuple[str, str], Visit]) -> str:
    """The figures as a section of the documentation."""
    lines = [
        PEOPLE,
        "",
        f"Written by `make bench-pages`: medians of {VISITS} visits with an empty cache, over a line of 1 MB/s with",
        "165 ms of delay for every request, in Debian's chromium, on the machine the servers share; the demo shop.",
        f"Wanted: at most {MOST_BYTES // 1000} kB without pictures, the largest thing painted within {LONGEST_MS} ms,",
        f"layout shift at most {MOST_SHIFT}. The proxy compresses (counted as gzip -6 of each answer); servers here do",
        "not, so everything is painted later than behind it. The machine's load at the end:",
        f"{os.getloadavg()[0]:.1f}.",
        "",
        "| page | screen | kB without pictures | not compressed | kB of pictures | largest paint, ms | layout shift |",
        "|---|---|---:|---:|---:|---:|---:|",
        *(
            f"| {name} | {device} | {seen.bytes / 1000:.1f} | {seen.plain_bytes / 1000:.1f} "
            f"| {seen.picture_bytes / 1000:.1f} "
            f"| {seen.lcp_ms:.0f} | {seen.shift:.3f} |"
            for (name, device), seen in result.items()
        ),
    ]
    return "\n".join(lines) + "\n"


def misses(result: dict[tuple[str, str], Visit]) -> list[str]:
    """Which pages are heavier, later or less calm than wanted."""
    return [
        f"{name} on a {device}: {seen}"
        for (name, device), seen in result.items()
        if seen.bytes > MOST_BYTES or seen.lcp_ms >= LONGEST_MS or seen.shift > MOST_SHIFT
    ]


def main() -> int:
    """Measure, write the page, and end with 1 when something is not as wanted."""
    arguments = argparse.ArgumentParser(description=main.__doc__)
    arguments.add_argument("--trial", action="store_true", help="visit each page once, and write nothing")
    trial = arguments.parse_args().trial
    with (
        tempfile.TemporaryDirectory() as folder,
        durable_postgres(),
        open_stage(Path(folder), step_s=0.2, whole=not trial) as stage,
    ):
        result = measure(stage, visits=1 if trial else VISITS)
    if trial:
        sys.stdout.write(section_with(result))
    else:
        put_section(PAGE, PEOPLE, section_with(result))
        sys.stdout.write(section_of(PAGE, PEOPLE))
    for miss in misses(result):
        sys.stdout.write(f"not as wanted: {miss}\n")
    return 1 if misses(result) else 0


if __name__ == "__main__":
    sys.exit(main())
