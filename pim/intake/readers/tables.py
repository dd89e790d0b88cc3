"""Reading tables of text: what a file is written in is found out, and said when it is not what was expected."""

import csv
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Final

from config.kernel.errors import FieldError
from pim.intake.ports import BadSource

MAX_CELL: Final = 4 * 1024 * 1024
_LOOK: Final = 4096  # bytes, in which a file shows what it is
_MARKS: Final = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table: its header, and its lines with the numbers they begin at."""

    file: str
    header: Sequence[str]
    lines: Iterator[tuple[int, list[str]]]


def open_table(
    *, path: Path, keys: Collection[str] = (), delimiter: str = ";", may_be_empty: bool = True
) -> Table:
    """The table of a file, which must have one of the columns `keys`. Cells that a line lacks at its end are empty.

    Errors: BadSource for an unknown encoding, another delimiter, a file without a header (or, unless it `may_be_empty`,
    without lines), a column that occurs twice, a link that leads out of the set.
    """
    csv.field_size_limit(MAX_CELL)
    require_inside(path=path)
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
    if not may_be_empty:
        first = next(lines, None)
        if first is None:
            raise refusal(path.name, "empty_file", "It has a header and nothing below it.")
        lines = chain([first], lines)
    filled = ((line, cells + [""] * (len(header) - len(cells))) for line, cells in lines)
    return Table(file=path.name, header=header, lines=filled)


def refusal(file: str, code: str, detail: str) -> BadSource:
    """The whole set is refused because of this file."""
    return BadSource([FieldError(pointer=f"/{file}", code=code, detail=detail)])


def require_inside(*, path: Path) -> None:
    """A file of a set is a file, and not a link to somewhere else. Errors: BadSource."""
    if not path.resolve().is_relative_to(path.parent.resolve()):
        raise refusal(path.name, "unsafe_path", "It leads out of the set.")


def _encoding_of(path: Path) -> str:
    """What the file says that it is written in; UTF-8 when it says nothing."""
    with path.open("rb") as opened:
        start = opened.read(_LOOK)
    for mark, encoding in _MARKS:
        if start.startswith(mark):
            return encoding
    if b"\x00" in start:
        detail = "It looks like UTF-16 without a byte order mark; save it with one, or as UTF-8."
        raise refusal(path.name, "wrong_encoding", detail)
    return "utf-8"


def _lines(path: Path, encoding: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    try:
        with path.open(encoding=encoding, newline="") as opened:
            reader = csv.reader(opened, delimiter=delimiter, strict=True)
            begins = 1
            for cells in reader:
                if "\x00" in "".join(cells):
                    raise refusal(path.name, "bad_table", f"Line {begins} has a character that is no text.")
                if cells:
                    yield begins, cells
                begins = reader.line_num + 1
    except UnicodeError as error:
        raise refusal(path.name, "wrong_encoding", _not_in(encoding, error)) from None
    except csv.Error as error:
        raise refusal(path.name, "bad_table", f"It is no table: {error}.") from None


def _not_in(encoding: str, error: UnicodeError) -> str:
    """What the file is not written in, and what it looks like."""
    if encoding != "utf-8":
        return f"It begins as {encoding.upper()}, and does not go on so."
    spoiled = error.object[error.start] if isinstance(error, UnicodeDecodeError) else 0
    # Windows-1252 has its quotes and dashes where Latin-1 has nothing
    guess = "Windows-1252" if 0x80 <= spoiled < 0xA0 else "Latin-1"
    return f"It is not UTF-8; it looks like {guess}. Save it as UTF-8."
