"""Anticipated errors: a refusal has a stable code, and data that a program can read.

Each refusal is defined in the module that raises it. `config.kernel.rest.problems` is the one translator to
problem+json (RFC 9457). What is not a `Refusal` is not anticipated and rises.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar


class Refusal(Exception):
    """A use case said no, and nothing was changed."""

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 409
    title: ClassVar[str] = "The request was refused."

    def __init__(self, detail: str = "", /, **data: Any) -> None:
        """`detail` is one sentence for people; `data` is JSON-safe and becomes members of the problem."""
        self.detail = detail or self.title
        self.data = data
        super().__init__(self.detail)

    @property
    def headers(self) -> Mapping[str, str]:
        """Response headers that belong to this refusal, `Retry-After` for one."""
        return {}


class Busy(Refusal):
    """Rows stayed locked for longer than a caller should wait; the same request may succeed soon."""

    code = "busy"
    status = 503
    title = "Somebody else is changing the same thing."

    @property
    def headers(self) -> Mapping[str, str]:
        return {"Retry-After": "1"}


class NotFound(Refusal):
    """There is no such thing, or none that this caller may know of: the two look alike."""

    code = "not_found"
    status = 404
    title = "There is no such thing here."


@dataclass(frozen=True, kw_only=True)
class FieldError:
    """What is wrong with one field: `pointer` is a JSON pointer into the body, or `?name` for a parameter."""

    pointer: str
    code: str
    detail: str
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The field's own name, the last part of its pointer."""
        return self.pointer.lstrip("#?").rsplit("/", 1)[-1]


class InvalidInput(Refusal):
    """The request does not say what the API description asks for. Nothing was looked up or changed."""

    code = "invalid_input"
    status = 400
    title = "The request is not valid."

    def __init__(self, errors: Iterable[FieldError], /) -> None:
        self.errors = tuple(errors)
        super().__init__(" ".join(error.detail for error in self.errors))


def invalid(pointer: str, code: str, detail: str, **params: Any) -> InvalidInput:
    """One field is wrong."""
    return InvalidInput([FieldError(pointer=pointer, code=code, detail=detail, params=params)])
