"""From publications to listings: which locales are rendered, under which slug, and which listings nobody reads.

Set-based: one look at the listings that are there, one at the slugs that are taken, one removal, one COPY.
"""

from collections.abc import Collection, Iterable, Mapping
from uuid import UUID

from pim.api import PublicationValue
from shop.catalog import rules
from shop.catalog.models import Listing, Showing
from shop.catalog.rendering import Renderer
from shop.catalog.vocabulary import Words
from shop.catalog.writing import Key, replace_listings

Place = tuple[UUID, str, str]  # a product in a content scope and a locale


def write_listings(
    *,
    publications: Iterable[PublicationValue],
    rendered: Collection[Key],
    showings: Mapping[Key, Showing],
    words: Words,
) -> None:
    """Replace the listings of the `rendered` products by what these publications say; withdrawals are not among them.

    Of two channels that share a content scope, the one that was published later speaks.
    """
    found = Listing.objects.filter(product_ref__in={ref for ref, _ in rendered}).only(
        "product_ref", "content_scope", "locale", "slug", "published_at"
    )
    existing = {(row.product_ref, row.content_scope, row.locale): row for row in found}
    wanted: dict[Place, PublicationValue] = {}
    said: set[Place] = set()
    for publication in sorted(publications, key=lambda each: (each.published_at, each.channel)):
        scope = showings[publication.product_ref, publication.channel].content_scope
        for locale in publication.document["locales"]:
            place = (publication.product_ref, scope, locale)
            said.add(place)
            if place not in existing or existing[place].published_at <= publication.published_at:
                wanted[place] = publication
    new = list(_rendered(wanted, _slugs(wanted, existing), Renderer(words=words)))
    still_shown = {
        (key[0], showing.content_scope)
        for key, showing in showings.items()
        if not showing.withdrawn and key not in rendered
    }
    gone = [
        row.pk
        for place, row in existing.items()
        if place in wanted or (place not in said and place[:2] not in still_shown)
    ]
    replace_listings(gone=gone, new=new)


def _rendered(
    wanted: Mapping[Place, PublicationValue], slugs: Mapping[Place, str], renderer: Renderer
) -> Iterable[Listing]:
    pages: dict[tuple[UUID, str, str], tuple[PublicationValue, dict[str, str]]] = {}
    for (ref, scope, locale), publication in wanted.items():
        _, by_locale = pages.setdefault((ref, scope, publication.channel), (publication, {}))
        by_locale[locale] = slugs[ref, scope, locale]
    for (ref, scope, _), (publication, by_locale) in pages.items():
        for locale, page in renderer.render(document=publication.document, slugs=by_locale).items():
            yield Listing(
                product_ref=ref,
                content_scope=scope,
                locale=locale,
                slug=by_locale[locale],
                card=page.card,
                detail=page.detail,
                lines=page.lines,
                links=page.links,
                published_at=publication.published_at,
            )


def _slugs(wanted: Mapping[Place, PublicationValue], existing: Mapping[Place, Listing]) -> dict[Place, str]:
    """A slug for each listing that no other product has: its own, or with the product's code or id behind it.

    The slug that a listing has stays as long as it is one of these, even where a shorter one has become free.
    """
    choices = {
        place: rules.slugs_of(document=publication.document, locale=place[2])
        for place, publication in wanted.items()
    }
    rows = Listing.objects.filter(
        content_scope__in={scope for _, scope, _ in wanted},
        slug__in={slug for slugs in choices.values() for slug in slugs},
    )
    taken = {
        (scope, locale, slug): ref
        for scope, locale, slug, ref in rows.values_list("content_scope", "locale", "slug", "product_ref")
    }
    chosen: dict[Place, str] = {}
    for place in sorted(choices):
        ref, scope, locale = place
        free = [slug for slug in choices[place] if taken.get((scope, locale, slug), ref) == ref]
        before = existing[place].slug if place in existing else ""
        chosen[place] = before if before in free else free[0]
        taken[scope, locale, chosen[place]] = ref
    return chosen
