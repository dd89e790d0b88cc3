"""Frozen dataclasses to JSON and back: event payloads and the stored results of use cases.

Strict on the way in: an unknown key or a missing one is an error, because it means that code and stored data differ.
"""

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, TypeVar
from uuid import UUID

import cattrs
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

T = TypeVar("T")


def _by(read: Callable[[Any], Any]) -> Callable[[Any, Any], Any]:
    """A hook of cattrs, which also names the type."""
    return lambda value, _: read(value)


# `field(default=None, metadata=NOT_STORED)`: for the caller of today, not for whoever reads the value back.
NOT_STORED: Final = {"stored": False}

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


def _left_out(kind: Any) -> dict[str, Any]:
    return {each.name: override(omit=True) for each in fields(kind) if not each.metadata.get("stored", True)}


def _has_left_out(kind: Any) -> bool:
    return isinstance(kind, type) and is_dataclass(kind) and bool(_left_out(kind))


_converter.register_unstructure_hook_factory(
    _has_left_out, lambda kind: make_dict_unstructure_fn(kind, _converter, **_left_out(kind))
)
_converter.register_structure_hook_factory(
    _has_left_out,
    lambda kind: make_dict_structure_fn(kind, _converter, _cattrs_forbid_extra_keys=True, **_left_out(kind)),
)


def to_json(value: Any) -> Any:
    """A dataclass (or None, or a primitive) as what `json` can write."""
    return _converter.unstructure(value)


def from_json(kind: type[T], data: Any) -> T:
    """The value that `to_json` was given. Errors: whatever cattrs raises when `data` is not a `kind`."""
    return _converter.structure(data, kind)
