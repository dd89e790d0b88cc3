"""Keeping documents and words true to the listings.

Words come first and documents second, each in the order of their keys, so that two workers never wait for each other.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import Q
from django.utils.module_loading import import_string

from config.kernel.actors import Actor
from config.kernel.db import transaction
from config.kernel.events import emit
from shop.catalog.queries import RenderedListing, list_places, list_rendered
from shop.events import TermsAdded
from shop.search import rules
from shop.search.models import Term, WordForm
from shop.search.ports import Dictionary
from shop.search.queries import get_meanings, place_of

_AT_ONCE: Final = 2000

_WRITE: Final = """
    INSERT INTO shop_document AS document (product_ref, content_scope, locale, rank, terms)
    SELECT product_ref, %(scope)s, locale, rank, terms::tsvector
    FROM unnest(%(refs)s::uuid[], %(locales)s::text[], %(ranks)s::integer[], %(terms)s::text[])
        AS said (product_ref, locale, rank, terms)
    ORDER BY product_ref, locale
    ON CONFLICT (product_ref, content_scope, locale) DO UPDATE SET rank = excluded.rank, terms = excluded.terms
    WHERE (document.rank, document.terms) IS DISTINCT FROM (excluded.rank, excluded.terms)
"""

_GONE: Final = """
    DELETE FROM shop_document document
    WHERE content_scope = %(scope)s AND product_ref = ANY(%(refs)s) AND NOT EXISTS (
        SELECT FROM shop_listing listing
        WHERE listing.product_ref = document.product_ref
            AND listing.content_scope = document.content_scope AND listing.locale = document.locale
    )
"""


@cache
def _dictionary() -> Dictionary:
    """The dictionary that the settings name; opened when the first unknown word comes."""
    made: Dictionary = import_string(settings.SEARCH_DICTIONARY)()
    return made


@transaction
def index_products(*, content_scope: str, product_refs: Sequence[UUID], by: Actor, now: datetime) -> None:
    """Make the documents of these products agree with their listings. Emits TermsAdded for words never met before."""
    listings = list_rendered(content_scope=content_scope, product_refs=product_refs)
    shelves = list_places(content_scope=content_scope, product_refs=product_refs)
    meanings: dict[str, Mapping[str, rules.Meaning]] = {}
    for language, forms in sorted(_forms_by_language(listings).items()):
        known = get_meanings(forms=forms, language=language)
        if unmet := forms - known.keys():
            _learn(unmet, language)
            known |= get_meanings(forms=unmet, language=language)
            emit(TermsAdded(language=language), by=by, now=now)
        meanings[language] = known
    with connection.cursor() as cursor:
        cursor.execute(_GONE, {"scope": content_scope, "refs": list(product_refs)})
        cursor.execute(
            _WRITE,
            {
                "scope": content_scope,
                "refs": [listing.product_ref for listing in listings],
                "locales": [listing.locale for listing in listings],
                "ranks": [min(shelves.get(listing.product_ref, {"": 0}).values()) for listing in listings],
                "terms": [
                    _terms_of(listing, meanings, shelves.get(listing.product_ref, {})) for listing in listings
                ],
            },
        )


def _forms_by_language(listings: Iterable[RenderedListing]) -> dict[str, set[str]]:
    forms: dict[str, set[str]] = {}
    for listing in listings:
        words = forms.setdefault(rules.language_of(listing.locale), set())
        for _, text in rules.said_in(listing.detail):
            words.update(rules.words_in(text))
    return forms


def _terms_of(
    listing: RenderedListing, meanings: Mapping[str, Mapping[str, rules.Meaning]], shelves: Iterable[str]
) -> str:
    weights = rules.weigh(
        said=rules.said_in(listing.detail), meanings=meanings[rules.language_of(listing.locale)]
    )
    return rules.vector(
        weights=weights,
        shelves=shelves,
        place=place_of(content_scope=listing.content_scope, locale=listing.locale),
    )


def _learn(forms: Collection[str], language: str) -> None:
    """Write down what these words mean, and the parts of those that are compounds."""
    bases = {form: _base_of(form, language) for form in forms}
    pieces = {piece for base in bases.values() for piece in rules.pieces_of(base)}
    used = {form: meaning.base for form, meaning in get_meanings(forms=pieces, language=language).items()}
    used |= {base: base for base in bases.values()} | bases
    parts: dict[str, tuple[str, ...]] = {}
    for base in bases.values():
        _take_apart(base, language, used, parts)
    Term.objects.bulk_create(
        [Term(language=language, base=base, parts=list(parts[base])) for base in sorted(parts)],
        ignore_conflicts=True,
    )
    ids = dict(Term.objects.filter(language=language, base__in=parts).values_list("base", "id"))
    _write_forms({base: base for base in parts} | bases, ids, language)


def _base_of(form: str, language: str) -> str:
    return (
        rules.base_form(
            form=form,
            language=language,
            look_up=lambda word: _dictionary().base_of(form=word, language=language),
        )
        or form
    )


def _take_apart(
    word: str, language: str, used: Mapping[str, str], parts: dict[str, tuple[str, ...]]
) -> tuple[str, ...]:
    """The parts of the word, down to those that have none, the head last; each is noted in `parts` with its own."""
    if word in parts:
        return parts[word]
    parts[word] = ()
    found = rules.split_compound(
        word=word,
        language=language,
        used=lambda piece: used.get(piece) if used.get(piece) != word else None,
        known=lambda piece: rules.base_form(
            form=piece,
            language=language,
            look_up=lambda form: _dictionary().base_of(form=form, language=language),
        ),
    )
    if found is not None:
        modifier, head = found
        inner = (
            *_take_apart(modifier, language, used, parts),
            modifier,
            *_take_apart(head, language, used, parts),
        )
        parts[word] = tuple(dict.fromkeys((*(part for part in inner if part != head), head)))
    return parts[word]


def _write_forms(bases: Mapping[str, str], ids: Mapping[str, int], language: str) -> None:
    WordForm.objects.bulk_create(
        [WordForm(language=language, form=form, term_id=ids[base]) for form, base in sorted(bases.items())],
        ignore_conflicts=True,
        batch_size=_AT_ONCE,
    )


@transaction
def inflect_terms(*, language: str, by: Actor, now: datetime) -> None:
    """Write down every form of the terms that have only been seen in a few. One pass over the dictionary for all."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"shop.search.inflect:{language}"])
    ids = dict(Term.objects.filter(language=language, inflected=False).values_list("base", "id"))
    if not ids:
        return
    sought = ids.keys() | rules.mistaken_bases(bases=ids.keys(), language=language)
    forms = {}
    for form, base in _dictionary().forms_of(bases=sought, language=language):
        right = rules.corrected(form=form, base=base, language=language)
        if right not in ids and right.endswith("t") and right[:-1] in ids:
            right = right[:-1]
        if right in ids and len(form) <= rules.LONGEST_WORD and form == form.lower():
            forms[form] = right
    _write_forms(forms, ids, language)
    Term.objects.filter(Q(language=language) & Q(id__in=ids.values())).update(inflected=True)
