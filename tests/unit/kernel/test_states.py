"""A table of moves is checked when it is made, and asked before every move."""

import pytest
from django.db import models

from config.kernel.states import IllegalMove, Lifecycle


class Light(models.TextChoices):
    """A lamp."""

    OFF = "off"
    ON = "on"
    BROKEN = "broken"


MOVES = {Light.OFF: frozenset({Light.ON}), Light.ON: frozenset({Light.OFF, Light.BROKEN})}


def test_a_move_that_the_table_knows_is_allowed() -> None:
    Lifecycle(states=Light, initial=Light.OFF, moves=MOVES).require(now_in="off", to="on")


def test_a_move_that_the_table_does_not_know_is_refused_with_both_states() -> None:
    with pytest.raises(IllegalMove) as refused:
        Lifecycle(states=Light, initial=Light.OFF, moves=MOVES).require(now_in="broken", to="on")

    assert refused.value.data == {"state": "broken", "wanted": "on"}


def test_a_state_that_nothing_leads_to_is_a_mistake_found_at_once() -> None:
    with pytest.raises(ValueError, match="unreachable"):
        Lifecycle(states=Light, initial=Light.OFF, moves={Light.OFF: frozenset({Light.ON})})


def test_a_move_to_a_state_that_does_not_exist_is_a_mistake_found_at_once() -> None:
    with pytest.raises(ValueError, match="unknown"):
        Lifecycle(states=Light, initial=Light.OFF, moves=MOVES | {Light.BROKEN: frozenset({"mended"})})
