"""Codes are written down once, are nobody else's, and stand in the documentation."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from config.kernel.errors import NotFound
from config.kernel.rest.codes import FIELD_CODES, describe, markdown, refusals, stable_code

ROOT = Path(settings.BASE_DIR)


def test_the_page_of_codes_is_current() -> None:
    page = (ROOT / "docs" / "problems.md").read_text()

    assert page == markdown(), "run `manage.py problem_codes > docs/problems.md`"


def test_no_two_refusals_share_a_code() -> None:
    codes = Counter(kind.code for kind in refusals())

    assert [code for code, times in codes.items() if times > 1] == []
    # A character may be wrong in a field that is read, or anywhere before that; a channel may be all that is.
    assert set(codes) & set(FIELD_CODES) <= {"invalid_character", "not_an_object", "unknown_channel"}


def test_codes_are_snake_case_and_statuses_are_refusals() -> None:
    for kind in refusals():
        assert re.fullmatch(r"[a-z][a-z0-9_]*", kind.code), kind
        assert 400 <= kind.status < 600, kind
        assert kind.title.endswith((".", "?")), kind
    for code in FIELD_CODES:
        assert re.fullmatch(r"[a-z][a-z0-9_]*", code)


def codes_of_fields() -> Iterator[tuple[str, str]]:
    """Each code that our code gives to a field, and where."""
    for package in ("config", "pim", "customers", "orders", "shop"):
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if not isinstance(node, ast.Call):
                    continue
                name = (
                    node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                )
                given = [node.args[1]] if name == "invalid" and len(node.args) > 1 else []
                if name == "FieldError":
                    given = [word.value for word in node.keywords if word.arg == "code"]
                for value in given:
                    if isinstance(value, ast.Constant):
                        yield str(value.value), f"{path.relative_to(ROOT)}:{node.lineno}"


def test_every_code_of_a_field_is_in_the_list() -> None:
    assert {(code, where) for code, where in codes_of_fields() if code not in FIELD_CODES} == set()


def test_a_code_can_be_read_about() -> None:
    assert "status 409" in describe("idempotency_key_in_flight")
    assert FIELD_CODES["invalid_quantity"] in describe("invalid_quantity")
    with pytest.raises(NotFound):
        describe("nothing")


def test_a_code_of_the_framework_is_never_shown() -> None:
    assert stable_code("max_length") == "too_long"
    assert stable_code("required") == "required"
    assert stable_code("something_new") == stable_code(None) == "invalid"
