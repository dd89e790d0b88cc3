"""The formats that can be read."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pim.intake.ports import Reader
from pim.intake.readers.akeneo import Akeneo
from pim.intake.readers.saleor import Saleor

READERS: Final[Mapping[str, Reader]] = {reader.name: reader for reader in (Akeneo(), Saleor())}


def find_reader(*, place: Path) -> Reader | None:
    """The first reader that recognises the set."""
    return next((reader for reader in READERS.values() if reader.recognises(place=place)), None)
