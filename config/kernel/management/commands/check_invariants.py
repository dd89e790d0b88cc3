"""`manage.py check_invariants`: is the data still true to its own rules?"""

import re
from argparse import ArgumentParser, ArgumentTypeError
from datetime import timedelta
from typing import Any, Final

from django.core.management.base import BaseCommand
from django.utils import timezone

from config.kernel.invariants import ROWS_SHOWN, check, registered_invariants

_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def duration(text: str) -> timedelta:
    """A length of time as people write it: `90s`, `15m`, `1h`, `2d`. Errors: ArgumentTypeError."""
    found = re.fullmatch(r"([0-9]{1,6})([smhd])", text)
    if found is None:
        raise ArgumentTypeError(f"{text!r} is no length of time such as 90s, 15m, 1h or 2d")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


class Command(BaseCommand):
    """Run every registered invariant; exit status 1 when one is broken."""

    help = "Run every invariant and print the rows that break one. Exit status 1 when there are any."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--in",
            dest="later",
            type=duration,
            default=timedelta(),
            metavar="1h",
            help="Ask as of a later moment. Many rules grant what is under way a quarter of an hour or more; where "
            "nothing works any more, this finds now what it would leave behind.",
        )

    def handle(self, *args: Any, later: timedelta, **options: Any) -> None:
        violations = check(now=timezone.now() + later)
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
