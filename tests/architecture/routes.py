"""Every route of the house as the URL resolver knows it: method, path template, and the view behind it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from django.urls import URLPattern, URLResolver, get_resolver

METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")

# Django's admin has the same few routes for every model; they are one row each.
_ADMIN_MODEL: Final = re.compile(r"^/admin/(?!password_change)[a-z_]+/[a-z_]+/")


@dataclass(frozen=True, order=True)
class Route:
    """One method of one path."""

    path: str
    method: str

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def list_routes() -> list[Route]:
    """Every (method, path template), the admin's with {app} and {model} for its models."""
    return sorted(
        {Route(path=path, method=method) for path, view in _views() for method in methods_of(path, view)}
    )


@cache
def views_by_route() -> dict[Route, Any]:
    """The view class of every route that has one, or its function."""
    return {
        Route(path=path, method=method): getattr(view, "cls", getattr(view, "view_class", view))
        for path, view in _views()
        for method in methods_of(path, view)
    }


def methods_of(path: str, view: Any) -> tuple[str, ...]:
    """What the view answers. A function view is asked with GET; those of the admin take forms as well."""
    declared = getattr(view, "cls", getattr(view, "view_class", None))
    if declared is not None:
        known = {name.upper() for name in declared.http_method_names if hasattr(declared, name)}
        return tuple(method for method in METHODS if method in known)
    return ("GET", "POST") if path.startswith("/admin/") else ("GET",)


def _views() -> Iterator[tuple[str, Any]]:
    for path, view in _walk(get_resolver(), "/"):
        yield _ADMIN_MODEL.sub("/admin/{app}/{model}/", path), view


def _walk(resolver: URLResolver, prefix: str) -> Iterator[tuple[str, Any]]:
    for entry in resolver.url_patterns:
        path = prefix + _template(str(entry.pattern))
        if isinstance(entry, URLResolver):
            yield from _walk(entry, path)
        elif isinstance(entry, URLPattern):
            yield path, entry.callback


def _template(pattern: str) -> str:
    """`carts/<uuid:cart_id>` as `carts/{cart_id}`, and the same for the admin's regular expressions."""
    pattern = re.sub(r"\(\?P<(\w+)>[^)]*\)", r"{\1}", pattern)
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", pattern).replace("^", "").replace("$", "")
