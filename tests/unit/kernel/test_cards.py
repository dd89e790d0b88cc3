"""Which digits are a card's number, and where they are found."""

from typing import Any

import pytest

from config.kernel.rest.cards import CardDataNotAccepted, is_card, refuse_cards

CARDS = [
    "4242424242424242",
    "4222222222222",
    "5555555555554444",
    "2223003122003222",
    "378282246310005",
    "36227206271667",
    "6011111111111117",
    "3566002020360505",
    "6200000000000005",
]
OTHERS = [
    "4242424242424241",  # a wrong check digit
    "6410405082657",  # a Finnish GTIN
    "1234567890123452",  # no scheme begins so
    "358401234567",
    "01a201d6-6def-7d13-ba22-ec0658f81242",
    "20261122061255",
]


@pytest.mark.parametrize("digits", CARDS)
def test_a_cards_number_is_known(digits: str) -> None:
    assert is_card(digits=digits)


@pytest.mark.parametrize("text", OTHERS)
def test_other_numbers_pass(text: str) -> None:
    refuse_cards(document={"field": text})


@pytest.mark.parametrize(
    "document",
    [
        {"name": "4242 4242 4242 4242"},
        {"a": [{"b": ["my card is 4242-4242-4242-4242, thanks"]}]},
        {"phone": 4242424242424242},
        {"4242424242424242": 1},
    ],
)
def test_a_card_is_found_wherever_it_stands_and_not_repeated(document: Any) -> None:
    with pytest.raises(CardDataNotAccepted) as refused:
        refuse_cards(document=document)

    assert "4242" not in str(refused.value) + str(refused.value.data)


@pytest.mark.parametrize("digits", ["1234567890123452", "9999999999992", "1000000000000000009"])
def test_where_people_pay_any_number_with_a_right_check_digit_is_a_cards(digits: str) -> None:
    refuse_cards(document={"field": digits})
    with pytest.raises(CardDataNotAccepted):
        refuse_cards(document={"field": digits}, of_any_scheme=True)


def test_the_code_of_an_article_may_look_like_an_old_card() -> None:
    refuse_cards(document={"sku": "4222222222222"})


def test_an_id_is_no_card_whatever_its_digits() -> None:
    refuse_cards(document={"line_id": "abcdefab-4242-4242-4242-4242abcdefab"}, of_any_scheme=True)
    with pytest.raises(CardDataNotAccepted):
        refuse_cards(document={"line_id": "b-4242-4242-4242-4242"})
