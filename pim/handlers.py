"""What the PIM hears."""

from datetime import datetime

from config.kernel.actors import Actor
from config.kernel.events import handles
from config.kernel.jobs import enqueue
from pim.enrichment.services import assess_product
from pim.events import ImportRequested, ProductEdited, RequirementsChanged
from pim.tasks import assess_again, bring_in


@handles(ImportRequested)
def on_import_requested(event: ImportRequested) -> None:
    """Let a worker do it. A second job finds the import's steps taken and does nothing."""
    enqueue(bring_in, import_id=str(event.import_id))


@handles(ProductEdited)
def on_product_edited(event: ProductEdited, *, by: Actor, now: datetime) -> None:
    """Note how complete it has become."""
    assess_product(product_ref=event.product_ref, now=now)


@handles(RequirementsChanged)
def on_requirements_changed(event: RequirementsChanged) -> None:
    """Let a worker look at every product of the family. A job that comes twice writes nothing the second time."""
    enqueue(assess_again, family=event.family)
