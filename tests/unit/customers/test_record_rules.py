"""When two spellings mean the same, and in which order steps of one moment are told."""

from dataclasses import replace

import pytest

from customers.record.rules import (
    GivenAddress,
    StepKind,
    fingerprint,
    normalise_email,
    normalise_phone,
    rank,
)

HOME = GivenAddress(
    name="Aino Virtanen", street="Mannerheimintie 1 A 2", postcode="00100", city="Helsinki", country="FI"
)


@pytest.mark.parametrize("spelling", ["aino@example.fi", "Aino@Example.FI", " AINO@EXAMPLE.FI "])
def test_an_address_is_the_same_in_any_case(spelling: str) -> None:
    assert normalise_email(email=spelling) == "aino@example.fi"


def test_composed_and_decomposed_letters_are_the_same() -> None:
    assert normalise_email(email="pa\u0308ivi@example.fi") == normalise_email(email="PÄIVI@example.fi")


@pytest.mark.parametrize(
    ("spelling", "normal"),
    [("+358 40 123 4567", "+358401234567"), ("040-123 4567", "0401234567"), (" +358(0)40", "+358040")],
)
def test_a_telephone_is_its_digits(spelling: str, normal: str) -> None:
    assert normalise_phone(phone=spelling) == normal


def test_an_address_is_the_same_in_any_case_and_spacing() -> None:
    shouted = replace(HOME, street="  MANNERHEIMINTIE 1  a 2", city="HELSINKI")

    assert fingerprint(address=shouted) == fingerprint(address=HOME)


def test_another_door_is_another_address() -> None:
    assert fingerprint(address=replace(HOME, street="Mannerheimintie 1 A 3")) != fingerprint(address=HOME)


def test_parts_do_not_run_into_each_other() -> None:
    moved = replace(HOME, postcode="00100 Helsinki", city="")

    assert fingerprint(address=moved) != fingerprint(address=HOME)


def test_steps_of_one_moment_are_told_as_they_follow_from_each_other() -> None:
    told = sorted(
        ["order_confirmed", "a later version's step", "order_placed"], key=lambda kind: rank(kind=kind)
    )

    assert told == [StepKind.ORDER_PLACED, StepKind.ORDER_CONFIRMED, "a later version's step"]
