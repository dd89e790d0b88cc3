"""The dictionaries of simplemma, read as the compressed streams they are: 60 MB for Finnish instead of 400.

Opening the Finnish one takes seconds of one processor, so it happens in a worker, once, and never in a web process
(`docs/adr/0020-words-in-the-database.md`). Only its dictionaries are used: for words they lack, its further rules guess
too boldly for names (`iittala` became `ii`). From a base form to its forms there is no public way, so this reads the
stream itself; the locked version and `tests/shop/test_dictionary.py` hold it.
"""

from bisect import bisect_left
from collections.abc import Collection, Iterator
from typing import Final

from simplemma.strategies.dictionaries import StreamDictionaryFactory
from simplemma.strategies.dictionaries.dictionary_factory import SUPPORTED_LANGUAGES
from simplemma.strategies.dictionaries.frontcode import _iter_records
from simplemma.strategies.dictionaries.stream_dictionary_factory import StreamMap

_OPEN: Final = StreamDictionaryFactory()

# Languages whose words keep their first letters in every form, so that little of the stream need be read. Swedish and
# English do not (`bok`, `böcker`), and are short.
_KEEPS_ITS_BEGINNING: Final = frozenset({"fi"})


class SimplemmaDictionary:
    """Implements `shop.search.ports.Dictionary`. All of them share the dictionaries that the process has opened."""

    def base_of(self, *, form: str, language: str) -> str | None:
        """As the port says."""
        if language not in SUPPORTED_LANGUAGES:
            return None
        found = _OPEN.get_dictionary(language).get(form)
        return found.lower() if found else None

    def forms_of(self, *, bases: Collection[str], language: str) -> Iterator[tuple[str, str]]:
        """As the port says."""
        if language not in SUPPORTED_LANGUAGES:
            return
        stream = _OPEN.get_dictionary(language)
        assert isinstance(stream, StreamMap)
        sought = {_stored(base, stream) for base in bases}
        beginnings = {b""}
        if language in _KEEPS_ITS_BEGINNING and not stream._rev:
            beginnings = {base[: _letters_kept(base)].encode() for base in bases}
        for beginning in sorted(beginnings):
            for form, base in _records_from(beginning, stream):
                if base in sought:
                    yield _read(form, stream), _read(base, stream)


def _letters_kept(base: str) -> int:
    """How many first letters all forms of a Finnish word share: `työ` and `töitä` one, `vesi` and `veden` two."""
    if len(base) < 4:
        return 1
    return 2 if len(base) < 6 else 3


def _records_from(beginning: bytes, stream: StreamMap) -> Iterator[tuple[bytes, bytes]]:
    """The stored (form, base) whose form has this beginning; forms are stored in their order, in blocks."""
    block = max(0, bisect_left(stream._firsts, beginning) - 1)
    for _, form, base in _iter_records(stream._data, *stream._blocks[block]):
        if form.startswith(beginning):
            yield form, base
        elif form > beginning:
            return


def _stored(word: str, stream: StreamMap) -> bytes:
    return word.encode()[::-1] if stream._rev else word.encode()


def _read(stored: bytes, stream: StreamMap) -> str:
    return (stored[::-1] if stream._rev else stored).decode()
