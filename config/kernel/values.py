"""Frozen dataclasses to JSON and back: event payloads and the stored results of use cases.

Strict on the way in: an unknown key or a missing one is an error, because it means that code and stored data differ.
"""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

import cattrs

T = TypeVar("T")


def _by(read: Callable[[Any], Any]) -> Callable[[Any, Any], Any]:
    """A hook of cattrs, which also names the type."""
    return lambda value, _: read(value)


_converter = cattrs.Converter(forbid_extra_keys=True)
_READERS: dict[Any, Callable[[Any], Any]] = {
    UUID: UUID,
    Decimal: Decimal,
    datetime: datetime.fromisoformat,
    date: date.fromisoformat,
}
for _type, _read in _READERS.items():
    _converter.register_structure_hook(_type, _by(_read))
_converter.register_unstructure_hook(UUID, str)
_converter.register_unstructure_hook(Decimal, str)
_converter.register_unstructure_hook(datetime, datetime.isoformat)
_converter.register_unstructure_hook(date, date.isoformat)


def to_json(value: Any) -> Any:
    """A dataclass (or None, or a primitive) as what `json` can write."""
    return _converter.unstructure(value)


def from_json(kind: type[T], data: Any) -> T:
    """The value that `to_json` was given. Errors: whatever cattrs raises when `data` is not a `kind`."""
    return _converter.structure(data, kind)
