"""What the shop hears: publications, prices and stock become what shoppers read.

Every handler reads what is true now instead of believing what the event says, so the order of events does not matter.
"""

from collections.abc import Sequence
from datetime import datetime

from config.kernel.actors import Actor
from config.kernel.events import handles, handles_together
from config.kernel.jobs import enqueue, enqueue_in
from orders.events import StockChanged
from pim.events import (
    AttributeRenamed,
    CategoryRenamed,
    LinkTypeRenamed,
    OptionRenamed,
    ProductPublished,
    ProductsPublished,
)
from shop import tasks
from shop.catalog import fan_out
from shop.catalog import services as catalog
from shop.catalog.wording import word_of_attribute, word_of_category, word_of_link_type, word_of_option
from shop.events import (
    CompoundsSplit,
    IndexingDue,
    ListingsRendered,
    PriceSet,
    PricesSet,
    ProductsListed,
    RenderingDue,
    TermsAdded,
)
from shop.search import waiting as search


@handles(ProductPublished)
def on_product_published(event: ProductPublished, *, by: Actor, now: datetime) -> None:
    """Show it, and take over the prices that it feeds. At once: somebody waits for it."""
    catalog.show(product_refs=[event.product_ref], by=by, now=now)


@handles(ProductsPublished)
def on_products_published(event: ProductsPublished, *, by: Actor, now: datetime) -> None:
    """Have them shown in batches, so that whoever publishes a single one meanwhile does not wait for all of them."""
    fan_out.note_publications(product_refs=event.product_refs, by=by, now=now)


@handles(ProductsListed)
def on_products_listed(event: ProductsListed) -> None:
    """Look again: before the listing was committed, news of its prices and stock found no product to write to."""
    catalog.refresh(product_refs=event.product_refs)


@handles(PriceSet)
def on_price_set(event: PriceSet, *, by: Actor, now: datetime) -> None:
    """Show the new price."""
    fan_out.note_figures(skus=[event.sku], by=by, now=now)


@handles(PricesSet)
def on_prices_set(event: PricesSet, *, by: Actor, now: datetime) -> None:
    """Show the new prices."""
    fan_out.note_figures(skus=event.skus, by=by, now=now)


@handles_together(StockChanged)
def on_stock_changed(events: Sequence[StockChanged]) -> None:
    """Show how much there is, where that is another band than before."""
    catalog.refresh_stock(skus={event.sku for event in events})


@handles(AttributeRenamed)
def on_attribute_renamed(event: AttributeRenamed, *, by: Actor, now: datetime) -> None:
    """Let its new labels be read wherever it is named."""
    fan_out.note_word(word=word_of_attribute(event.attribute), by=by, now=now)


@handles(OptionRenamed)
def on_option_renamed(event: OptionRenamed, *, by: Actor, now: datetime) -> None:
    """Let its new labels be read wherever it is named."""
    fan_out.note_word(word=word_of_option(event.attribute, event.option), by=by, now=now)


@handles(CategoryRenamed)
def on_category_renamed(event: CategoryRenamed, *, by: Actor, now: datetime) -> None:
    """Let its new labels be read wherever it is named."""
    fan_out.note_word(word=word_of_category(event.category), by=by, now=now)


@handles(LinkTypeRenamed)
def on_link_type_renamed(event: LinkTypeRenamed, *, by: Actor, now: datetime) -> None:
    """Let its new labels be read wherever it is named."""
    fan_out.note_word(word=word_of_link_type(event.link_type), by=by, now=now)


@handles(RenderingDue)
def on_rendering_due(event: RenderingDue, *, by: Actor, now: datetime) -> None:
    """Render a batch of what changes have asked for; publications that come meanwhile are shown between two batches."""
    fan_out.render_some(by=by, now=now)


@handles(ListingsRendered)
def on_listings_rendered(event: ListingsRendered, *, by: Actor, now: datetime) -> None:
    """Let it be found by what it says now. A job, because the first new word opens a dictionary.

    A single product somebody has edited, and looks for. Many come in one mass, which is shown whole before it is found.
    """
    if len(event.product_refs) > 1:
        search.note_products(
            content_scope=event.content_scope, product_refs=event.product_refs, by=by, now=now
        )
        return
    enqueue(
        tasks.index_products,
        content_scope=event.content_scope,
        product_refs=[str(ref) for ref in event.product_refs],
    )


@handles(IndexingDue)
def on_indexing_due(event: IndexingDue) -> None:
    """Let what waits be found, unless more has come by then."""
    enqueue_in(event.after_s, tasks.index_waiting)


@handles(CompoundsSplit)
def on_compounds_split(event: CompoundsSplit) -> None:
    """Let it be found by the parts of its compounds too."""
    enqueue(
        tasks.index_products,
        content_scope=event.content_scope,
        product_refs=[str(ref) for ref in event.product_refs],
    )


@handles(TermsAdded)
def on_terms_added(event: TermsAdded) -> None:
    """Let the new words be found in every inflection."""
    enqueue(tasks.inflect_terms, language=event.language)
