"""What a dictionary must be able to do. It may be large and slow to open, so only workers open one."""

from collections.abc import Collection, Iterator
from typing import Protocol


class Dictionary(Protocol):
    """The base forms of words, per language (`fi`, `sv`, `en`, …). Words are in lower case."""

    def base_of(self, *, form: str, language: str) -> str | None:
        """The word that a form belongs to, or None for a word or a language that it does not have."""
        ...

    def forms_of(self, *, bases: Collection[str], language: str) -> Iterator[tuple[str, str]]:
        """Every (form, base) of these base forms. Takes seconds, however few they are: ask for many at once."""
        ...
