"""What the shop hears: publications, prices and stock become what shoppers read.

Every handler reads what is true now instead of believing what the event says, so the order of events does not matter.
"""

from datetime import datetime

from config.kernel.actors import Actor
from config.kernel.events import handles
from config.kernel.jobs import enqueue
from orders.events import StockChanged
from pim.events import ProductPublished
from shop import tasks
from shop.catalog import services as catalog
from shop.events import ListingsRendered, PriceSet, ProductListed, TermsAdded


@handles(ProductPublished)
def on_product_published(event: ProductPublished, *, by: Actor, now: datetime) -> None:
    """Show the publication."""
    catalog.show_product(product_ref=event.product_ref, channel=event.channel, by=by, now=now)


@handles(ProductListed)
def on_product_listed(event: ProductListed) -> None:
    """Look again: before the listing was committed, news of its prices and stock found no product to write to."""
    catalog.refresh_product(product_ref=event.product_ref)


@handles(PriceSet)
def on_price_set(event: PriceSet) -> None:
    """Show the new price."""
    catalog.refresh_prices(sku=event.sku)


@handles(StockChanged)
def on_stock_changed(event: StockChanged) -> None:
    """Show how much there is, where that is another band than before."""
    catalog.refresh_stock(sku=event.sku)


@handles(ListingsRendered)
def on_listings_rendered(event: ListingsRendered) -> None:
    """Let it be found by what it says now. A job, because the first new word opens a dictionary."""
    enqueue(
        tasks.index_products,
        content_scope=event.content_scope,
        product_refs=[str(ref) for ref in event.product_refs],
    )


@handles(TermsAdded)
def on_terms_added(event: TermsAdded) -> None:
    """Let the new words be found in every inflection."""
    enqueue(tasks.inflect_terms, language=event.language)
