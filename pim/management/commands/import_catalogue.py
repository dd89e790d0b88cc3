"""`manage.py import_catalogue DIR`: bring the catalogue of another PIM in; a second run writes nothing and says so."""

import csv
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from config.kernel.actors import system
from config.kernel.errors import InvalidInput
from pim.intake.queries import ImportValue, list_refusals
from pim.intake.services import run_import, start_import

_SHOWN = 20
_COLUMNS = ("kind", "file", "line", "column", "code", "reason", "detail")


def _as_text(said: str) -> str:
    """A cell that begins as a formula does is made a text by an apostrophe (OWASP, "CSV injection")."""
    return f"'{said}" if said[:1] in {"=", "+", "-", "@", "\t", "\r"} else said


class Command(BaseCommand):
    help = "Bring a catalogue in and publish it; what was interrupted goes on where it was."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("place", help="the directory (or file) of the set")
        parser.add_argument("--no-publish", action="store_true", help="leave it to people to publish")
        parser.add_argument("--all-or-none", action="store_true", help="take nothing if a row is refused")
        parser.add_argument("--errors", type=Path, metavar="FILE", help="write what was refused, as CSV")

    def handle(self, *args: Any, **options: Any) -> None:
        place, by = Path(options["place"]).resolve(), system("import_catalogue")
        if not place.exists():
            raise CommandError(f"There is nothing at {options['place']}.")
        try:
            import_id = start_import(
                place=str(place),
                publishes=not options["no_publish"],
                all_or_none=options["all_or_none"],
                by=by,
                now=timezone.now(),
            )
        except InvalidInput as refused:
            raise CommandError("; ".join(error.detail for error in refused.errors)) from None
        result = run_import(import_id=import_id, by=by, now=timezone.now(), tell=self._tell)
        if options["errors"]:
            self._write_errors(result, options["errors"])
        if result.problem:
            self._show_refusals(result)
            told = (f"{e['pointer']}: {e['detail']}".removeprefix(": ") for e in result.problem["errors"])
            raise CommandError("; ".join(told))
        self._report(result)

    def _tell(self, progress: ImportValue) -> None:
        self.stderr.write(f"{progress.percent:3d} %  {progress.state}")

    def _report(self, result: ImportValue) -> None:
        for kind, fates in result.counts.items():
            said = ", ".join(f"{number} {fate}" for fate, number in fates.items())
            self.stdout.write(f"{kind}: {said}")
        for what, number in result.left.items():
            self.stdout.write(f"left where they are: {number} of {what}")
        self._show_refusals(result)
        self.stdout.write(f"{result.refused_rows} rows refused")
        if result.wrote_nothing:
            self.stdout.write("everything was so already: nothing was written")

    def _show_refusals(self, result: ImportValue) -> None:
        refusals = list_refusals(import_id=result.import_id)
        for row in refusals[:_SHOWN]:
            self.stdout.write(
                f"{row.kind} refused: {row.file}:{row.line} {row.column} {row.reason}: {row.detail}"
            )
        if (more := refusals.count() - _SHOWN) > 0:
            self.stdout.write(f"and {more} more")

    def _write_errors(self, result: ImportValue, path: Path) -> None:
        """Every refusal with its file and line, in cells that no spreadsheet takes for formulas."""
        with path.open("w", encoding="utf-8", newline="") as opened:
            writer = csv.writer(opened, delimiter=";")
            writer.writerow(_COLUMNS)
            for row in list_refusals(import_id=result.import_id).iterator():
                writer.writerow(_as_text(str(getattr(row, column))) for column in _COLUMNS)
