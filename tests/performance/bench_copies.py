"""Copies of the bench's rendered products: the rows that rendering would write for them; a test compares the two."""

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final
from uuid import UUID

from tests.performance.bench_goods import CHANNEL, PRICE_LIST

_IDENTITY: Final = re.compile(
    r"(?P<id>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})|(?<![0-9a-f])(?P<number>[0-9]{6})(?![0-9a-f])"
)


def copied_id(identity: str, copy: int) -> UUID:
    """The id of something in the so-manieth copy."""
    return UUID(hashlib.md5(f"{identity}/{copy}".encode(), usedforsecurity=False).hexdigest())


def copy_products(*, rendered: int, products: int) -> None:
    """Add copies of what was rendered until there are so many, and let the planner know. In the caller's transaction.

    A copy's number is its original's plus a multiple of `rendered`; its price is that of its original and some more.
    """
    from django.db import connection

    copies = products // rendered
    with connection.cursor() as cursor, _as_owner(cursor), _indexed_afterwards(cursor):
        _copy_listings(cursor, rendered, copies)
        for statement in _COPIES:
            cursor.execute(statement, {"channel": CHANNEL, "rendered": rendered, "copies": copies})
        for table in _READ:
            cursor.execute(f"ANALYZE {table}")


@contextmanager
def _as_owner(cursor: Any) -> Iterator[None]:
    """The application's role may not look a table over for the planner, nor drop an index."""
    cursor.execute("SELECT current_user")
    (role,) = cursor.fetchone()
    cursor.execute("RESET ROLE")
    yield
    cursor.execute(f"SET ROLE {role}")


@contextmanager
def _indexed_afterwards(cursor: Any) -> Iterator[None]:
    """Indexes that no constraint needs are built once from all the rows: row by row takes several times as long."""
    cursor.execute(
        """
        SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid)
        FROM pg_index
        WHERE indrelid = ANY(%s::regclass[]) AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid)
        """,
        [list(_COPIED)],
    )
    indexes = cursor.fetchall()
    for name, _ in indexes:
        cursor.execute(f"DROP INDEX {name}")
    yield
    cursor.execute("SET LOCAL maintenance_work_mem = '512MB'")
    for _, definition in indexes:
        cursor.execute(definition)


def _copy_listings(cursor: Any, rendered: int, copies: int) -> None:
    """Listings are bytes with NUL in them, which SQL cannot look into."""
    columns = (
        "product_ref",
        "content_scope",
        "locale",
        "slug",
        "card",
        "detail",
        "lines",
        "links",
        "published_at",
    )
    cursor.execute(
        f"SELECT product_ref::text, content_scope, locale, slug, card, detail, lines::text, links::text, "
        f"published_at FROM shop_listing WHERE content_scope = '{CHANNEL}'"
    )
    rows = [
        (
            ref,
            scope,
            locale,
            published_at,
            [_Template(text if isinstance(text, str) else bytes(text).decode("latin-1")) for text in texts],
        )
        for ref, scope, locale, *texts, published_at in cursor.fetchall()
    ]
    with cursor.copy(f"COPY shop_listing ({', '.join(columns)}) FROM STDIN (FORMAT binary)") as copy:
        copy.set_types(["uuid", "text", "text", "text", "bytea", "bytea", "jsonb", "jsonb", "timestamptz"])
        for number in range(1, copies):
            for ref, scope, locale, published_at, (slug, card, detail, lines, links) in rows:
                copy.write_row(
                    (
                        copied_id(ref, number),
                        scope,
                        locale,
                        slug.copy(number, rendered),
                        card.copy(number, rendered).encode("latin-1"),
                        detail.copy(number, rendered).encode("latin-1"),
                        _Json(lines.copy(number, rendered)),
                        _Json(links.copy(number, rendered)),
                        published_at,
                    )
                )


class _Template:
    """A text, taken apart where it names a product or a variant."""

    def __init__(self, text: str) -> None:
        self._parts: list[str] = []
        self._names: list[tuple[str, str]] = []  # (kind, name) behind each part but the last
        end = 0
        for found in _IDENTITY.finditer(text):
            self._parts.append(text[end : found.start()])
            self._names.append((found.lastgroup or "", found[0]))
            end = found.end()
        self._parts.append(text[end:])

    def copy(self, number: int, rendered: int) -> str:
        """The text as the so-manieth copy has it."""
        pieces: list[str] = []
        for part, (kind, name) in zip(self._parts, self._names, strict=False):
            pieces.append(part)
            pieces.append(
                str(copied_id(name, number)) if kind == "id" else f"{int(name) + number * rendered:06d}"
            )
        return "".join((*pieces, self._parts[-1]))


def _Json(text: str) -> Any:  # noqa: N802 - stands for a type
    from psycopg.types.json import Jsonb

    return Jsonb(text, dumps=lambda said: said)


_COPIED: Final = (
    "shop_listing",
    "shop_showing",
    "shop_placement",
    "shop_offer",
    "shop_availability",
    "shop_document",
)
_READ: Final = (*_COPIED, "shop_shelf", "shop_term", "shop_wordform")
_REF: Final = "md5({0}.product_ref::text || '/' || copy)::uuid"
_SHIFT: Final = "((rank + copy * %(rendered)s) * 7919 %% 500) * 100"
_SKU: Final = (
    "overlay({0}.sku placing lpad((substr({0}.sku, 2, 6)::int + copy * %(rendered)s)::text, 6, '0') from 2)"
)
_EACH: Final = "CROSS JOIN generate_series(1, %(copies)s - 1) copy"
_RANK: Final = """
    JOIN shop_placement place ON place.product_ref = {0}.product_ref AND place.channel = %(channel)s AND category = ''
"""
_COPIES: Final = tuple(
    " ".join(statement.split())
    for statement in (
        f"""
        INSERT INTO shop_showing
            (product_ref, channel, content_scope, number, withdrawn, tax_class, listed_at, words)
        SELECT {_REF.format("showing")}, channel, content_scope, number, withdrawn, tax_class,
            listed_at + copy * interval '1 minute', words
        FROM shop_showing showing {_EACH} WHERE channel = %(channel)s
        """,
        f"""
        INSERT INTO shop_offer (sku, price_list, product_ref, tax_class, minor)
        SELECT {_SKU.format("offer")}, price_list, {_REF.format("offer")}, tax_class, minor + {_SHIFT}
        FROM shop_offer offer {_RANK.format("offer")} {_EACH} WHERE price_list = '{PRICE_LIST}'
        """,
        f"""
        INSERT INTO shop_availability (sku, channel, product_ref, band, stores, facts)
        SELECT {_SKU.format("stock")}, channel, {_REF.format("stock")}, band, stores, facts
        FROM shop_availability stock {_EACH} WHERE channel = %(channel)s
        """,
        f"""
        INSERT INTO shop_document (product_ref, content_scope, locale, rank, terms)
        SELECT {_REF.format("document")}, content_scope, locale, rank + copy * %(rendered)s,
            replace(terms::text, lpad(rank::text, 6, '0'), lpad((rank + copy * %(rendered)s)::text, 6, '0'))::tsvector
        FROM shop_document document {_EACH} WHERE content_scope = %(channel)s
        """,
        f"""
        INSERT INTO shop_placement
            (channel, category, product_ref, rank, price_minor, prices_differ, band, listed_at)
        SELECT channel, category, {_REF.format("place")}, rank + copy * %(rendered)s, price_minor + {_SHIFT},
            prices_differ, band, listed_at + copy * interval '1 minute'
        FROM shop_placement place {_EACH} WHERE channel = %(channel)s
        """,
        "UPDATE shop_shelf SET total = total * %(copies)s WHERE channel = %(channel)s",
    )
)
