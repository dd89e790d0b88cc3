"""The house's own code, as files and syntax trees."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from django.conf import settings

ROOT: Path = settings.BASE_DIR
APPS = ("pim", "customers", "orders", "shop")
PACKAGES = ("config", *APPS)


@cache
def modules(*packages: str) -> tuple[Path, ...]:
    """Every Python file of these packages (all of ours by default), migrations left out."""
    return tuple(
        path
        for package in packages or PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
        if "migrations" not in path.parts
    )


@cache
def tree(path: Path) -> ast.Module:
    """The file's syntax tree."""
    return ast.parse(path.read_text(), filename=str(path))


def dotted(path: Path) -> str:
    """The module's name."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def calls(path: Path) -> Iterator[tuple[str, int]]:
    """Every call in the file as written (`timezone.now`), with its line."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node.lineno
