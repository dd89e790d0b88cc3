"""The shop's slow work: what needs a dictionary."""

from uuid import UUID

from django.utils import timezone

from config.kernel.actors import system
from config.kernel.jobs import job
from shop.search import services as search
from shop.search import waiting


@job()
def index_products(*, content_scope: str, product_refs: list[str]) -> None:
    """Let products be found by what their listings say now."""
    search.index_products(
        content_scope=content_scope,
        product_refs=[UUID(ref) for ref in product_refs],
        by=system("index_products"),
        now=timezone.now(),
    )


@job()
def index_waiting() -> None:
    """Let products that were rendered in the mass be found, once no more of them come."""
    waiting.index_waiting(by=system("index_waiting"), now=timezone.now())


@job()
def inflect_terms(*, language: str) -> None:
    """Let the words that are new in a language be found in every inflection; whatever is due, so once is enough."""
    search.inflect_terms(language=language, by=system("inflect_terms"), now=timezone.now())
