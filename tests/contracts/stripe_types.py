"""What the SDK's annotations say of an object, held against the JSON that came.

The SDK's classes are written from Stripe's own description of its API. A field that may be None may also be missing;
any other must be there. A field that the class does not name, a value of another type, and a word that is not among
the words it names, are faults of who sent it.
"""

import types
import typing
from collections.abc import Iterator
from typing import Any, ClassVar, ForwardRef, Literal, Union, get_args, get_origin

import stripe
from stripe._stripe_object import StripeObject, UntypedStripeObject


def complaints(value: Any, expected: Any, *, at: str) -> Iterator[str]:
    """Everything about `value` that does not fit the annotation `expected`; `at` says where it stands."""
    expected = _resolved(expected)
    origin = get_origin(expected)
    if expected is Any:
        return
    if origin is UntypedStripeObject or expected is UntypedStripeObject:
        if not isinstance(value, dict):
            yield f"{at}: {value!r} is not an object"
    elif origin in (Union, types.UnionType):
        yield from _of_a_union(value, get_args(expected), at=at)
    elif origin is Literal:
        if value not in get_args(expected):
            yield f"{at}: {value!r} is not among {get_args(expected)[:8]}"
    elif origin in (list, typing.List):  # noqa: UP006 - the SDK's own word
        yield from _of_a_list(value, get_args(expected)[0], at=at)
    elif origin is stripe.ListObject:
        yield from _of_a_list(value["data"], get_args(expected)[0], at=f"{at}.data")
    elif isinstance(expected, type) and issubclass(expected, StripeObject):
        yield from _of_an_object(value, expected, at=at)
    elif type(value) is not expected:
        yield f"{at}: {value!r} is not {expected}"


def _of_an_object(value: Any, expected: type[StripeObject], *, at: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{at}: {value!r} is not {expected.__qualname__}"
        return
    fields = {
        name: hint
        for base in reversed(expected.__mro__)
        for name, hint in getattr(base, "__annotations__", {}).items()
        if base.__module__.startswith("stripe.")
        and base is not StripeObject
        and get_origin(hint) is not ClassVar
    }
    for name in value.keys() - fields.keys():
        yield f"{at}.{name} is not a field of {expected.__qualname__}"
    for name, hint in fields.items():
        if name in value:
            yield from complaints(value[name], hint, at=f"{at}.{name}")
        elif not _may_be_none(hint):
            yield f"{at}.{name} is missing"


def _of_a_union(value: Any, choices: tuple[Any, ...], *, at: str) -> Iterator[str]:
    if value is None and type(None) in choices:
        return
    literals = [choice for choice in choices if get_origin(choice) is Literal]
    others = literals or [choice for choice in choices if choice is not type(None)]
    found = [list(complaints(value, choice, at=at)) for choice in others]
    if all(found):
        yield from min(found, key=len)


def _of_a_list(value: Any, inner: Any, *, at: str) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{at}: {value!r} is not a list"
        return
    for place, part in enumerate(value):
        yield from complaints(part, inner, at=f"{at}[{place}]")


def _may_be_none(hint: Any) -> bool:
    return get_origin(hint) in (Union, types.UnionType) and type(None) in get_args(hint)


def _resolved(hint: Any) -> Any:
    name = hint.__forward_arg__ if isinstance(hint, ForwardRef) else hint
    # What has another name within its module, or stands below `stripe.issuing`, is an object, and of no use to us.
    return getattr(stripe, name, UntypedStripeObject) if isinstance(name, str) else hint
