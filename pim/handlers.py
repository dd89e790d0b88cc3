"""What the PIM hears."""

from config.kernel.events import handles
from config.kernel.jobs import enqueue
from pim.events import ImportRequested
from pim.tasks import bring_in


@handles(ImportRequested)
def on_import_requested(event: ImportRequested) -> None:
    """Let a worker do it. A second job finds the import's steps taken and does nothing."""
    enqueue(bring_in, import_id=str(event.import_id))
