"""What somebody wants the master data to be: attributes, products and links as they should be, by their codes."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pim.catalogue.rules import Values

Labels = Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class OptionDraft:
    """An option of a select attribute, as it should be; `swatch` is a colour, `#c8b79e`, a picture's path, or empty."""

    code: str
    labels: Labels
    swatch: str = ""


@dataclass(frozen=True, kw_only=True)
class AttributeDraft:
    """An attribute as it should be, with its options in order."""

    code: str
    type: str
    labels: Labels
    localisable: bool = False
    scopable: bool = False
    public: bool = True
    unit: str = ""
    position: int = 0
    filterable: bool = False
    options: tuple[OptionDraft, ...] = ()


@dataclass(frozen=True, kw_only=True)
class VariantDraft:
    """A variant as it should be: its SKU and what it says itself, an option for every axis included.

    `model` is the code of the model that it inherits from; the axes may be said there.
    """

    sku: str
    values: Values = field(default_factory=dict)
    model: str | None = None
    enabled: bool = True


@dataclass(frozen=True, kw_only=True)
class ModelDraft:
    """A model as it should be: its own values only."""

    code: str
    values: Values


@dataclass(frozen=True, kw_only=True)
class ProductDraft:
    """A whole product as it should be; `categories` are `{code: rank}`."""

    code: str
    values: Values
    variants: tuple[VariantDraft, ...]
    axes: tuple[str, ...] = ()
    categories: Mapping[str, int] = field(default_factory=dict)
    tax_class: str = "standard"
    family: str | None = None
    models: tuple[ModelDraft, ...] = ()


@dataclass(frozen=True, kw_only=True)
class LinkDraft:
    """A link of type `kind` to the product `target`; `suits` is the (attribute, option) of the source that it fits."""

    kind: str
    target: str
    suits: tuple[str, str] | None = None
    quantity: int | None = None
