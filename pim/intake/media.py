"""Taking over the pictures and files that lie beside a set.

A file is kept under a name made of its content, so that it never changes under its name and may be kept by whoever has
read it, and a second import finds it there. What it is, is judged by what is in it and never by what it is called.
"""

import hashlib
import os
import re
import tempfile
import unicodedata
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Final

from PIL import Image

MOST_PIXELS: Final = 50_000_000
MOST_BYTES: Final = 64 * 1024 * 1024
_FOLDER: Final = "imported"
# How pictures of each format are called, the usual way first.
_PICTURES: Final[Mapping[str, tuple[str, ...]]] = {
    "JPEG": ("jpg", "jpeg"),
    "PNG": ("png",),
    "WEBP": ("webp",),
    "GIF": ("gif",),
}
# How files begin that are no pictures, and what they are called then.
_FILES: Final = (
    (b"%PDF-", frozenset({"pdf"})),
    (b"PK\x03\x04", frozenset({"docx", "odt", "pptx", "xlsx", "zip"})),
)
_NOT_IN_NAMES: Final = re.compile(r"[^a-z0-9]+")


class BadMedia(Exception):
    """The file cannot be taken; `code` and `detail` say why."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code, self.detail = code, detail


@dataclass(kw_only=True)
class MediaShelf:
    """From `source`, where a set's paths begin, to `root`, where files are served from."""

    source: Path
    root: Path
    _taken: dict[str, str] = field(default_factory=dict)

    def take(self, *, path: str, is_picture: bool, most_megabytes: str | None = None) -> str | None:
        """Keep the file at that path, and say its path below the root; None when there is no file.

        Errors: BadMedia.
        """
        if path in self._taken:
            return self._taken[path]
        found = self.source / path
        if not found.is_file():
            return None
        if not found.resolve().is_relative_to(self.source.resolve()):
            raise BadMedia("unsafe_path", "The path leads out of the set.")
        size = found.stat().st_size
        if size > (Decimal(most_megabytes) * 1_000_000 if most_megabytes else MOST_BYTES):
            raise BadMedia("file_too_large", f"It has {size} bytes.")
        extension = _picture(found) if is_picture else _extension(found)
        content = found.read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        kept = f"{_FOLDER}/{digest[:2]}/{digest[:32]}/{_plain(found.stem)}.{extension}"
        _write(self.root / kept, content)
        self._taken[path] = kept
        return kept


def _picture(path: Path) -> str:
    """The extension of the picture's real format. Errors: BadMedia."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path, formats=list(_PICTURES)) as picture:
                names = _PICTURES[picture.format or ""]
                if picture.width * picture.height > MOST_PIXELS:
                    raise BadMedia("image_too_large", f"It has more than {MOST_PIXELS} pixels.")
                picture.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise BadMedia("image_too_large", f"It has more than {MOST_PIXELS} pixels.") from None
    except (OSError, SyntaxError, ValueError, KeyError):
        raise BadMedia("not_an_image", "It is no picture, or a damaged one.") from None
    called = path.suffix.removeprefix(".").lower()
    return called if called in names else names[0]


def _extension(path: Path) -> str:
    """The extension of a file that need not be a picture. Errors: BadMedia."""
    called = path.suffix.removeprefix(".").lower()
    with path.open("rb") as opened:
        beginning = opened.read(8)
    for mark, extensions in _FILES:
        if beginning.startswith(mark) and called in extensions:
            return called
    try:
        return _picture(path)
    except BadMedia:
        raise BadMedia(
            "unknown_media_type", "It is no document that is known here, or another than its name says."
        ) from None


def _plain(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return _NOT_IN_NAMES.sub("-", plain).strip("-")[:80] or "file"


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all; what is there already is the same."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as opened:
        opened.write(content)
    Path(name).chmod(0o644)
    Path(name).replace(path)
