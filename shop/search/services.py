"""Keeping documents and words true to the listings.

Words come first and documents second, each in the order of their keys, so that two workers never wait for each other.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import Q
from django.utils.module_loading import import_string

from config.kernel.actors import Actor
from config.kernel.db import transaction, transaction_required
from config.kernel.events import Event, emit, emit_all
from shop.catalog.rendered import RenderedListing, list_places, list_rendered
from shop.events import CompoundsSplit, TermsAdded
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
    DELETE FROM shop_document
    WHERE content_scope = %(scope)s AND product_ref = ANY(%(refs)s)
        AND (product_ref, locale) NOT IN (SELECT * FROM unnest(%(listed)s::uuid[], %(locales)s::text[]))
"""


# Of one content scope and locale; PostgreSQL reads hundreds of terms in a query without effort.
_USING: Final = """
    SELECT product_ref FROM shop_document
    WHERE content_scope = %s AND locale = %s AND terms @@ %s::tsquery ORDER BY product_ref
"""
_PRODUCTS_AT_ONCE: Final = 100
_TERMS_AT_ONCE: Final = 200
_WORDS_AT_ONCE: Final = 500  # to take apart, each by a hundred pieces

# Whoever writes documents holds it shared, whoever changes what compounds are made of holds it alone and for moments:
# so no document is written by parts that were read before the change, and missed by those who look for it after.
_LOCK_PRODUCTS: Final = """
    SELECT pg_advisory_xact_lock(hashtextextended(ref::text || '/' || place.scope, 0))
    FROM unnest(%s::uuid[]) WITH ORDINALITY AS wanted (ref, turn), (SELECT %s::text) AS place (scope) ORDER BY turn
"""
_PARTS_LOCK: Final = "shop.search.parts:{language}"


@cache
def _dictionary() -> Dictionary:
    """The dictionary that the settings name; opened when the first unknown word comes."""
    made: Dictionary = import_string(settings.SEARCH_DICTIONARY)()
    return made


@transaction
def index_products(*, content_scope: str, product_refs: Sequence[UUID], by: Actor, now: datetime) -> None:
    """`index_documents` as a use case of its own."""
    index_documents(content_scope=content_scope, product_refs=product_refs, by=by, now=now)


@transaction_required
def index_documents(*, content_scope: str, product_refs: Sequence[UUID], by: Actor, now: datetime) -> None:
    """Make the documents of these products agree with their listings. Emits TermsAdded for words never met before.

    Locks the products, so that nobody writes by a listing that was read before somebody else's.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_PRODUCTS, [sorted(set(product_refs)), content_scope])
    listings = list_rendered(content_scope=content_scope, product_refs=product_refs)
    shelves = list_places(content_scope=content_scope, product_refs=product_refs)
    meanings: dict[str, Mapping[str, rules.Meaning]] = {}
    for language, forms in sorted(_forms_by_language(listings).items()):
        _lock("SELECT pg_advisory_xact_lock_shared(hashtext(%s))", _PARTS_LOCK.format(language=language))
        known = get_meanings(forms=forms, language=language)
        if unmet := forms - known.keys():
            _learn(unmet, language)
            known |= get_meanings(forms=unmet, language=language)
            emit(TermsAdded(language=language), by=by, now=now)
        meanings[language] = known
    with connection.cursor() as cursor:
        listed = [listing.product_ref for listing in listings]
        locales = [listing.locale for listing in listings]
        told: dict[str, Any] = {
            "scope": content_scope,
            "refs": list(product_refs),
            "listed": listed,
            "locales": locales,
        }
        cursor.execute(_GONE, told)
        cursor.execute(
            _WRITE,
            {
                "scope": content_scope,
                "refs": listed,
                "locales": locales,
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
    parts = _split(set(bases.values()), language, used=bases)
    ids = _write_terms(parts, language)
    _write_forms({base: base for base in parts} | bases, ids, language)


def _split(bases: Collection[str], language: str, used: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """The parts of these words and of the parts themselves, by all that is known and by the forms in `used`."""
    pieces = {
        inner
        for base in bases
        for piece in rules.pieces_of(base)
        for inner in (piece, *rules.pieces_of(piece))
    }
    known = {form: meaning.base for form, meaning in get_meanings(forms=pieces, language=language).items()}
    known |= {base: base for base in bases} | dict(used)
    parts: dict[str, tuple[str, ...]] = {}
    for base in sorted(bases):
        _take_apart(base, language, known, parts)
    return parts


def _write_terms(parts: Mapping[str, Sequence[str]], language: str) -> dict[str, int]:
    """Have these terms; those that are there keep their parts. Their ids."""
    Term.objects.bulk_create(
        [Term(language=language, base=base, parts=list(parts[base])) for base in sorted(parts)],
        ignore_conflicts=True,
    )
    return dict(Term.objects.filter(language=language, base__in=parts).values_list("base", "id"))


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
    """Write down every form of the terms that have only been seen in a few. One pass over the dictionary for all.

    Compounds of which one of them is a part are taken apart anew, whichever of the two came first. Emits CompoundsSplit
    for the products that use such a compound, and TermsAdded for parts that are terms only since then.
    """
    _lock("SELECT pg_advisory_xact_lock(hashtext(%s))", f"shop.search.inflect:{language}")
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
    if language in rules.COMPOUNDING:
        _split_again(ids, language, by, now)


def _split_again(new: Mapping[str, int], language: str, by: Actor, now: datetime) -> None:
    """Take apart anew what the new terms, `{base: id}`, may be parts of; their products are told of."""
    forms = set(WordForm.objects.filter(term_id__in=new.values()).values_list("form", flat=True))
    saved = {
        base: tuple(parts)
        for base, parts in Term.objects.filter(language=language).values_list("base", "parts")
    }
    touched = {base for base in saved if base in new or not forms.isdisjoint(rules.pieces_of(base))}
    split = _split_many(touched, language)
    renewed = _differing(split, saved)
    if larger := {base for base, parts in saved.items() if not renewed.isdisjoint(parts)} - touched:
        split |= _split_many(larger, language)
        renewed = _differing(split, saved)
    if not renewed:
        return
    added = split.keys() - saved.keys()
    _lock("SELECT pg_advisory_xact_lock(hashtext(%s))", _PARTS_LOCK.format(language=language))
    ids = _write_terms(split, language)
    _write_forms({base: base for base in added}, ids, language)
    terms = [Term(id=ids[base], parts=list(split[base])) for base in sorted(renewed)]
    Term.objects.bulk_update(terms, ["parts"], batch_size=_AT_ONCE)
    events: list[Event] = [
        CompoundsSplit(content_scope=scope, product_refs=tuple(refs[start : start + _PRODUCTS_AT_ONCE]))
        for scope, refs in _products_using(renewed, language)
        for start in range(0, len(refs), _PRODUCTS_AT_ONCE)
    ]
    emit_all([*events, *([TermsAdded(language=language)] if added else [])], by=by, now=now)


def _split_many(bases: Collection[str], language: str) -> dict[str, tuple[str, ...]]:
    """As `_split`, with no more looked up at once than a batch of products asks for."""
    every, split = sorted(bases), dict[str, tuple[str, ...]]()
    for start in range(0, len(every), _WORDS_AT_ONCE):
        split |= _split(every[start : start + _WORDS_AT_ONCE], language, used={})
    return split


def _differing(split: Mapping[str, tuple[str, ...]], saved: Mapping[str, tuple[str, ...]]) -> set[str]:
    return {base for base, parts in split.items() if base in saved and parts != saved[base]}


def _products_using(terms: Collection[str], language: str) -> Iterator[tuple[str, list[UUID]]]:
    """(content scope, products) whose documents in the language have one of the terms."""
    every = sorted(terms)
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT content_scope, locale FROM shop_document ORDER BY 1, 2")
        places = [place for place in cursor.fetchall() if rules.language_of(place[1]) == language]
        found: dict[str, set[UUID]] = {}
        for scope, locale in places:
            place = place_of(content_scope=scope, locale=locale)
            for start in range(0, len(every), _TERMS_AT_ONCE):
                some = rules.any_of(terms=every[start : start + _TERMS_AT_ONCE], place=place)
                cursor.execute(_USING, [scope, locale, some])
                found.setdefault(scope, set()).update(ref for (ref,) in cursor.fetchall())
    for scope, refs in sorted(found.items()):
        yield scope, sorted(refs)


def _lock(statement: str, name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, [name])
