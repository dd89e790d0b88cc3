"""State machines as tables: which moves there are, checked once when the module loads.

A model keeps `state` and offers moves as methods; each method asks its `Lifecycle` first, and writes a history row.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import models

from config.kernel.errors import Refusal


class IllegalMove(Refusal):
    """The thing is not in a state from which this can happen."""

    code = "illegal_state"
    status = 409
    title = "This cannot happen in the present state."


@dataclass(frozen=True, kw_only=True)
class Lifecycle:
    """The states of one thing: where it begins, and from each state the states that may follow."""

    states: type[models.TextChoices]
    initial: str
    moves: Mapping[str, frozenset[str]]

    def __post_init__(self) -> None:
        known = set(self.states.values)
        named = {self.initial} | set(self.moves) | {to for tos in self.moves.values() for to in tos}
        if named - known:
            raise ValueError(f"unknown states: {sorted(named - known)}")
        if unreachable := known - self.reachable():
            raise ValueError(f"unreachable states: {sorted(unreachable)}")

    def reachable(self) -> set[str]:
        """Every state that some chain of moves leads to from the initial one."""
        seen, frontier = {str(self.initial)}, [str(self.initial)]
        while frontier:
            for state in self.moves.get(frontier.pop(), frozenset()):
                if str(state) not in seen:
                    seen.add(str(state))
                    frontier.append(str(state))
        return seen

    def require(self, *, now_in: str, to: str) -> None:
        """Errors: IllegalMove, with the present state and the one that was wanted."""
        if to not in self.moves.get(now_in, frozenset()):
            raise IllegalMove(f"It is {now_in}, so it cannot become {to}.", state=now_in, wanted=to)

    def constraint(self, name: str) -> models.CheckConstraint:
        """The same list of states, known to the database."""
        return models.CheckConstraint(condition=models.Q(state__in=sorted(self.states.values)), name=name)
