"""Idempotency keys as Stripe keeps them: the first answer for a key, once the request began to run."""

import threading
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.stripe.objects import Refused


@dataclass
class _Kept:
    asked: tuple[str, str]
    answer: tuple[int, bytes] | None = None


@dataclass
class IdempotencyStore:
    """Key -> what was asked under it, and the answer when there is one. Kept while the fake runs (Stripe: 24 h)."""

    kept: dict[str, _Kept] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, *, key: str, line: str, body: str) -> tuple[int, bytes] | None:
        """The answer of the first request, or None for the first one, which now runs.

        Errors: Refused, 400 with other parameters, 409 while the first one runs.
        """
        with self.lock:
            first = self.kept.get(key)
            if first is None:
                self.kept[key] = _Kept(asked=(line, body))
                return None
            if first.asked != (line, body):
                raise Refused(
                    400,
                    "idempotency_error",
                    "Keys for idempotent requests can only be used with the same parameters they were first used "
                    f"with. Try using a key other than '{key}' if you meant to execute a different request.",
                )
            if first.answer is None:
                raise Refused(
                    409,
                    "idempotency_error",
                    "There is currently another in-progress request using this Idempotent Key.",
                    "idempotency_key_in_use",
                )
            return first.answer

    def end(self, *, key: str, answer: tuple[int, bytes] | None) -> None:
        """Keep the answer; None forgets the key, as for a request that was refused before it ran."""
        with self.lock:
            if answer is None:
                self.kept.pop(key, None)
            else:
                self.kept[key].answer = answer

    def is_answered(self, key: str) -> bool:
        """Whether a request with this key has its answer."""
        with self.lock:
            return key in self.kept and self.kept[key].answer is not None

    def answers(self) -> dict[str, list[Any]]:
        """Everything that was answered, as JSON can say it."""
        with self.lock:
            return {
                key: [*kept.asked, kept.answer[0], kept.answer[1].decode()]
                for key, kept in self.kept.items()
                if kept.answer is not None
            }

    def restore(self, answers: dict[str, list[Any]]) -> None:
        """Take over what `answers` gave."""
        for key, (line, body, status, answer) in answers.items():
            self.kept[key] = _Kept(asked=(line, body), answer=(status, answer.encode()))
