"""The PIM's jobs."""

from uuid import UUID

from django.utils import timezone

from config.kernel.actors import system
from config.kernel.jobs import job
from pim.enrichment.services import assess_family
from pim.intake.services import run_import


@job()
def bring_in(*, import_id: str) -> None:
    """Take every step of an import that is left; a job that died is taken up again where it was."""
    run_import(import_id=UUID(import_id), by=system("import"), now=timezone.now())


@job()
def assess_again(*, family: str) -> None:
    """Note how complete the products of a family are, now that something else is asked of them."""
    assess_family(family=family, by=system("assess_again"), now=timezone.now())
