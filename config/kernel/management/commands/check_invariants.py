"""`manage.py check_invariants`: is the data still true to its own rules?"""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from config.kernel.invariants import ROWS_SHOWN, check, registered_invariants


class Command(BaseCommand):
    """Run every registered invariant; exit status 1 when one is broken."""

    help = "Run every invariant and print the rows that break one. Exit status 1 when there are any."

    def handle(self, *args: Any, **options: Any) -> None:
        violations = check(now=timezone.now())
        for violation in violations:
            self.stdout.write(self.style.ERROR(f"{violation.code}: {violation.says}"))
            for row in violation.rows:
                self.stdout.write("    " + ", ".join(f"{name}={value}" for name, value in row.items()))
            if len(violation.rows) == ROWS_SHOWN:
                self.stdout.write("    …")
        rules = len(registered_invariants())
        if violations:
            self.stdout.write(f"{len(violations)} of {rules} rules are broken.")
            raise SystemExit(1)
        self.stdout.write(self.style.SUCCESS(f"All {rules} rules hold."))
