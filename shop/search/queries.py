"""What a query finds. The words are looked up first, in one statement; the page itself is the catalogue's statement."""

from collections.abc import Collection
from typing import Final

from django.db import connection

from shop.catalog.queries import Among
from shop.pricing.queries import MarketContext
from shop.search import rules

# What the weights D to A count. Texts about a product are many; its name is one.
_WEIGHTS: Final = [0.02, 0.1, 0.4, 1.0]

_MATCHES: Final = """
    SELECT product_ref, ts_rank(%(among_weights)s::real[], terms, %(among_rank)s::tsquery) AS score, rank
    FROM shop_document WHERE terms @@ %(among_query)s::tsquery
"""
_MEANINGS: Final = """
    SELECT word.form, term.base, term.parts
    FROM shop_wordform word JOIN shop_term term ON term.id = word.term_id
    WHERE word.language = %s AND word.form = ANY(%s)
"""
_NOTHING: Final = "SELECT product_ref, 0::real AS score, rank FROM shop_document WHERE false"


def find_matches(*, context: MarketContext, text: str, category: str) -> Among:
    """The products of a category ("" is the whole shop) that have every word of `text` in the context's locale."""
    language = rules.language_of(context.locale)
    words = rules.query_words(text=text, language=language)
    wish = rules.wish(
        words=words,
        meanings=get_meanings(
            forms=rules.spellings_to_look_up(words=words, language=language), language=language
        ),
        language=language,
        place=place_of(content_scope=context.content_scope, locale=context.locale),
        shelf=f"{context.channel}/{category}",
    )
    if wish is None:
        return Among(sql=_NOTHING, parameters={})
    return Among(
        sql=_MATCHES,
        parameters={
            "among_query": wish.query,
            "among_rank": wish.rank,
            "among_weights": _WEIGHTS,
        },
    )


def get_meanings(*, forms: Collection[str], language: str) -> dict[str, rules.Meaning]:
    """What the catalogue's words mean, by form; unknown forms are missing."""
    if not forms:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_MEANINGS, [language, list(forms)])
        return {form: rules.Meaning(base=base, parts=tuple(parts)) for form, base, parts in cursor.fetchall()}


def place_of(*, content_scope: str, locale: str) -> str:
    """What every term of a document begins with."""
    return f"{content_scope}/{locale}"


def list_stale_documents() -> tuple[str, ...]:
    """Listings that cannot be found, and documents without a listing, as `scope/locale/product`."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT content_scope || '/' || locale || '/' || product_ref
            FROM shop_listing listing
            FULL JOIN shop_document document USING (product_ref, content_scope, locale)
            WHERE listing.id IS NULL OR document.id IS NULL
            ORDER BY 1
            """
        )
        return tuple(name for (name,) in cursor.fetchall())
