"""The API's form fields: `a[b][c]=v` and `a[0]=v` to nested dicts and lists."""

import re
from typing import Any
from urllib.parse import parse_qsl

from tests.fakes.stripe.objects import Json


def nested(raw: str) -> Json:
    """A form's fields as the nested dicts and lists that their names mean."""
    found: Json = {}
    for name, value in parse_qsl(raw, keep_blank_values=True):
        first, *rest = re.findall(r"[^\[\]]+|(?<=\[)(?=\])", name)
        here, path = found, [first, *rest]
        for step in path[:-1]:
            here = here.setdefault(step, {})
        here[path[-1] if path[-1] else str(len(here))] = value
    return {name: _lists(value) for name, value in found.items()}


def _lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {name: _lists(part) for name, part in value.items()}
    return list(inner.values()) if inner and all(name.isdecimal() for name in inner) else inner
