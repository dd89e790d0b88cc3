"""What rendering must be told of everything that documents name by code: labels in every language, and their like."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Protocol


class AttributeWords(Protocol):
    """What is said of an attribute."""

    @property
    def labels(self) -> Mapping[str, str]: ...
    @property
    def type(self) -> str: ...
    @property
    def unit(self) -> str: ...
    @property
    def position(self) -> int: ...
    @property
    def filterable(self) -> bool: ...
    @property
    def units(self) -> Mapping[str, str]: ...
    @property
    def scales(self) -> Mapping[str, tuple[Decimal, Decimal]]: ...


class OptionWords(Protocol):
    """What is said of an option."""

    @property
    def labels(self) -> Mapping[str, str]: ...
    @property
    def swatch(self) -> str: ...


class CategoryWords(Protocol):
    """What is said of a category; `path` leads from the root to it."""

    @property
    def labels(self) -> Mapping[str, str]: ...
    @property
    def path(self) -> tuple[str, ...]: ...


class LinkTypeWords(Protocol):
    """What is said of a type of link."""

    @property
    def labels(self) -> Mapping[str, str]: ...


class Words(Protocol):
    """The labels of what documents name by code, in every language."""

    @property
    def attributes(self) -> Mapping[str, AttributeWords]: ...
    @property
    def options(self) -> Mapping[tuple[str, str], OptionWords]: ...
    @property
    def categories(self) -> Mapping[str, CategoryWords]: ...
    @property
    def link_types(self) -> Mapping[str, LinkTypeWords]: ...
