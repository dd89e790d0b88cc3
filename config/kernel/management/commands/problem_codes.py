"""`manage.py problem_codes > docs/problems.md`: every stable code of a problem."""

from typing import Any

from django.core.management.base import BaseCommand

from config.kernel.rest.codes import markdown


class Command(BaseCommand):
    """Writes the page of codes."""

    help = "Print docs/problems.md: every stable code of a problem."
    requires_system_checks: list[str] = []  # noqa: RUF012 - Django's declaration

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(markdown(), ending="")
