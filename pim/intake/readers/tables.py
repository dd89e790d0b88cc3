"""Reading tables of text: what a file is written in is found out, and said when it is not what was expected."""

import csv
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from config.kernel.errors import FieldError
from pim.intake.ports import BadSource

MAX_CELL: Final = 4 * 1024 * 1024
_MARKS: Final = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table: its header, and its lines with the numbers they begin at."""

    file: str
    header: Sequence[str]
    lines: Iterator[tuple[int, list[str]]]


def open_table(*, path: Path, keys: Collection[str] = (), delimiter: str = ";") -> Table:
    """The table of a file, which must have one of the columns `keys`. Cells that a line lacks at its end are empty.

    Errors: BadSource for an unknown encoding, another delimiter, an empty file, a column that occurs twice.
    """
    csv.field_size_limit(MAX_CELL)
    encoding = _encoding_of(path)
    lines = _lines(path, encoding, delimiter)
    _, header = next(lines, (0, []))
    if not header:
        raise refusal(path.name, "empty_file", "It has no header.")
    if twice := sorted({name for name in header if header.count(name) > 1}):
        raise refusal(path.name, "bad_header", f"Columns occur twice: {', '.join(twice)}.")
    if keys and not set(keys) & set(header):
        for other in {",", ";", "\t", "|"} - {delimiter}:
            if set(keys) & {name.strip('"') for name in header[0].split(other)}:
                raise refusal(
                    path.name, "wrong_delimiter", f"It is delimited by {other!r}, not by {delimiter!r}."
                )
        raise refusal(path.name, "bad_header", f"It lacks the column {' or '.join(sorted(keys))}.")
    filled = ((line, cells + [""] * (len(header) - len(cells))) for line, cells in lines)
    return Table(file=path.name, header=header, lines=filled)


def refusal(file: str, code: str, detail: str) -> BadSource:
    """The whole set is refused because of this file."""
    return BadSource([FieldError(pointer=f"/{file}", code=code, detail=detail)])


def _encoding_of(path: Path) -> str:
    with path.open("rb") as opened:
        start = opened.read(4)
    for mark, encoding in _MARKS:
        if start.startswith(mark):
            return encoding
    return "utf-8"


def _lines(path: Path, encoding: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    try:
        with path.open(encoding=encoding, newline="") as opened:
            reader = csv.reader(opened, delimiter=delimiter, strict=True)
            begins = 1
            for cells in reader:
                if cells:
                    yield begins, cells
                begins = reader.line_num + 1
    except UnicodeDecodeError:
        raise refusal(path.name, "wrong_encoding", f"It is not {encoding.upper()}.") from None
    except csv.Error as error:
        raise refusal(path.name, "bad_table", f"It is no table: {error}.") from None
