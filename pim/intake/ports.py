"""What a reader of somebody else's catalogue must offer: neutral rows, in an order in which they can be written.

A reader knows its format and nothing of the database. It turns cells into the forms of `AttributeType`; whether a value
is allowed is judged later, by the attribute's definition. The `data` of a row is JSON-safe:

    GROUP           {labels, position}
    LINK_TYPE       {labels, position, two_way, quantified}
    CATEGORY        {labels, parent or None, position}
    CHANNEL         {labels, kind, locales, currencies, tree}
    ATTRIBUTE       {labels, type, group or None, localisable, scopable, unique, measurement_family or None,
                     default_unit, filterable, public, limits, position}
    OPTION          {attribute, labels, position}
    FAMILY          {labels, attributes, label_attribute or None, image_attribute or None,
                     requirements: {channel: [attribute]}}
    FAMILY_VARIANT  {family, labels, levels: [{axes, attributes}, one or two of them]}
    MODEL           {family_variant, categories, values: [cell], links: {type: [code]}}, or, where there is no family
                     variant, {family or None, axes, ...}
    PRODUCT         {family or None, categories, enabled, values: [cell], links: {type: [code]}}; `code` is the SKU

A cell is `[column, attribute, channel or "*", locale or "*", value]`. Locales are BCP 47. A measure without a unit is
in the attribute's usual one.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from config.kernel.errors import InvalidInput


class BadSource(InvalidInput):
    """The set cannot be read at all: a file's encoding, delimiter or header is wrong, or it has no place here."""

    code = "bad_source"
    status = 422
    title = "The set cannot be read."


class Kind(StrEnum):
    """What a row tells of, in the order in which rows come."""

    GROUP = "group"
    LINK_TYPE = "link_type"
    CATEGORY = "category"
    CHANNEL = "channel"
    ATTRIBUTE = "attribute"
    OPTION = "option"
    FAMILY = "family"
    FAMILY_VARIANT = "family_variant"
    MODEL = "model"
    PRODUCT = "product"


@dataclass(frozen=True, kw_only=True)
class Row:
    """A row of the source in neutral form; `parent` is the code of the model above a model or product."""

    kind: Kind
    file: str
    line: int
    code: str
    data: Mapping[str, Any]
    parent: str = ""


@dataclass(frozen=True, kw_only=True)
class Refused:
    """A row that cannot be taken, and why: `reason` is for programs, `detail` for people. The rest goes on."""

    file: str
    line: int
    column: str
    reason: str
    detail: str
    code: str = ""


@dataclass(frozen=True, kw_only=True)
class Left:
    """Something that the source has and that is left where it is: counted, so that nobody wonders."""

    what: str
    count: int


@dataclass(frozen=True, kw_only=True)
class KnownAttribute:
    """What is known of an attribute before the source is read; the source may lack its definition."""

    code: str
    type: str
    localisable: bool
    scopable: bool


class Reader(Protocol):
    """Reads one format. Models come before what stands below them, definitions before models, products last."""

    name: str

    def recognises(self, *, place: Path) -> bool:
        """Whether this looks like a set of the format."""
        ...

    def check(self, *, place: Path, known: Mapping[str, KnownAttribute]) -> None:
        """See at once what needs no reading of the whole set: encodings, delimiters, headers. Errors: BadSource."""
        ...

    def read(self, *, place: Path, known: Mapping[str, KnownAttribute]) -> Iterator[Row | Refused | Left]:
        """Everything in the set; `known` attributes are by lower-case code. Errors: BadSource."""
        ...
