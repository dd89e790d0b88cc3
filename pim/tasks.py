"""The PIM's jobs."""

from uuid import UUID

from django.utils import timezone

from config.kernel.actors import system
from config.kernel.jobs import job
from pim.intake.services import run_import


@job()
def bring_in(*, import_id: str) -> None:
    """Take every step of an import that is left; a job that died is taken up again where it was."""
    run_import(import_id=UUID(import_id), by=system("import"), now=timezone.now())
