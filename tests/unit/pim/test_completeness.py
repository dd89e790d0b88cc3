"""What is missing, per channel and language."""

from typing import Any

import pytest

from pim.enrichment.rules import Demand, Requirement, assess


def required(code: str, type_: str = "text", **more: Any) -> Requirement:
    return Requirement(code=code, type=type_, **{"localisable": False, "scopable": False} | more)


def missing(values: Any, *requirements: Requirement) -> dict[str, list[str]]:
    demand = Demand(channel="web", locales=("fi", "sv"), currencies=("EUR", "SEK"), requirements=requirements)
    found = assess(values=values, demands=[demand])
    return {locale: standing["missing"] for locale, standing in found["web"].items()}


@pytest.mark.parametrize(
    ("values", "requirement", "lacking"),
    [
        ({"a": {"*": {"*": "x"}}}, required("a"), []),
        ({}, required("a"), ["fi", "sv"]),
        ({"a": {"*": {"*": False}}}, required("a", "boolean"), []),
        ({"a": {"*": {"fi": "x"}}}, required("a", localisable=True), ["sv"]),
        ({"a": {"web": {"*": "x"}}}, required("a", scopable=True), []),
        ({"a": {"print": {"*": "x"}}}, required("a", scopable=True), ["fi", "sv"]),
        ({"a": {"*": {"*": "x"}}}, required("a", scopable=True), []),
        ({"a": {"web": {"sv": "x"}, "*": {"fi": "x"}}}, required("a", scopable=True, localisable=True), []),
        ({"a": {"print": {"fi": "x"}}}, required("a", scopable=True, localisable=True), ["fi", "sv"]),
        ({"a": {"*": {"*": {"EUR": "1", "SEK": "0", "USD": "2"}}}}, required("a", "price"), []),
        ({"a": {"*": {"*": {"EUR": "1"}}}}, required("a", "price"), ["fi", "sv"]),
        ({}, required("a", localisable=True, locales=frozenset({"sv"})), ["sv"]),
        ({}, required("sku", "identifier", always=True), []),
    ],
)
def test_something_is_missing_where_nobody_said_it(
    values: Any, requirement: Requirement, lacking: list[str]
) -> None:
    found = missing(values, requirement)

    assert [locale for locale, codes in found.items() if codes] == lacking


def test_a_requirement_of_some_languages_counts_in_those_only() -> None:
    narrow = required("legal", localisable=True, locales=frozenset({"sv"}))
    demand = Demand(channel="web", locales=("fi", "sv"), currencies=(), requirements=(narrow, required("b")))

    found = assess(values={"b": {"*": {"*": "x"}}}, demands=[demand])

    assert found == {
        "web": {"fi": {"required": 1, "missing": []}, "sv": {"required": 2, "missing": ["legal"]}}
    }


def test_a_channel_that_asks_nothing_has_no_answer() -> None:
    demand = Demand(channel="web", locales=("fi",), currencies=(), requirements=())

    assert assess(values={}, demands=[demand]) == {}
