"""What a payment provider must be able to do. It holds the money; what it says is true is what we believe.

An *intent* is the provider's side of one attempt: a sum that may become authorised, then captured in one or more parts.
Every call that changes something takes our own id as the provider's idempotency key, so it can be repeated.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol
from uuid import UUID


class IntentStatus(StrEnum):
    """How far an intent has come, the least first: of two things the provider said, the later one here counts.

    An intent that failed may be tried again and then succeed; one that was cancelled stays so, unless it had succeeded.
    """

    WAITING = "waiting"  # the buyer has not chosen with what she pays
    ACTION = "action"  # she must pass 3DS, or confirm in her app
    PROCESSING = "processing"
    FAILED = "failed"  # her bank or she said no
    AUTHORISED = "authorised"  # the sum is ours to take
    CANCELLED = "cancelled"
    SUCCEEDED = "succeeded"  # the last capture is made


class RefundStatus(StrEnum):
    """How far the provider has come with giving money back."""

    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class AskedIntent:
    """What an attempt asks of the provider. `attempt_id` comes back with every message."""

    attempt_id: UUID
    order_id: UUID
    number: str
    method: str
    amount_minor: int
    currency: str
    return_url: str


@dataclass(frozen=True, kw_only=True)
class IntentSeen:
    """An intent as the provider showed it.

    `attempt_id` is None for an intent that we never asked for. `captured_minor` is what was taken so far. With
    `client_secret` the buyer's device continues at the provider, or at `url` where there is one. `redirects` tells that
    she must go there.
    """

    ref: str
    attempt_id: UUID | None
    status: IntentStatus
    amount_minor: int
    currency: str
    captured_minor: int = 0
    captures_in_parts: bool = False
    failure: str = ""
    client_secret: str = ""
    url: str = ""
    redirects: bool = False


@dataclass(frozen=True, kw_only=True)
class RefundSeen:
    """Money on its way back, as the provider showed it; `operation_id` is ours, None when somebody else did it."""

    ref: str
    operation_id: UUID | None
    status: RefundStatus
    amount_minor: int
    currency: str
    failure: str = ""


class DisputeStatus(StrEnum):
    """How far her bank has come with a payment that the buyer does not accept; the least first, as in `IntentStatus`.

    An inquiry may become a dispute. A bank may still find for us after it had found against us, never the other way.
    """

    INQUIRY = "inquiry"  # the bank asks, and nothing is taken yet: an answer is due
    INQUIRY_ANSWERED = "inquiry_answered"
    CLOSED = "closed"  # nothing came of it
    NEEDS_RESPONSE = "needs_response"  # the money is taken back: evidence is due
    UNDER_REVIEW = "under_review"  # the bank weighs our evidence
    LOST = "lost"
    WON = "won"


# Those whose end is not known; the values, since rows are asked for by them.
OPEN_DISPUTES: Final = (
    DisputeStatus.INQUIRY.value,
    DisputeStatus.INQUIRY_ANSWERED.value,
    DisputeStatus.NEEDS_RESPONSE.value,
    DisputeStatus.UNDER_REVIEW.value,
)


@dataclass(frozen=True, kw_only=True)
class DisputeSeen:
    """A payment that the buyer's bank takes back, or asks about, as the provider showed it.

    `amount_minor` is what it is about; `taken_minor` and `returned_minor` are what the provider took from us for it and
    gave us again: once each, and nothing for an inquiry. `reason` is the provider's word.
    """

    ref: str
    intent_ref: str
    status: DisputeStatus
    amount_minor: int
    currency: str
    reason: str
    taken_minor: int
    returned_minor: int
    evidence_due_at: datetime | None
    opened_at: datetime


@dataclass(frozen=True, kw_only=True)
class News:
    """A verified message of the provider: about which intent, if it is of a kind that we know (`known`)."""

    event_ref: str
    kind: str
    known: bool
    intent_ref: str = ""
    attempt_id: UUID | None = None


class ProviderSilent(Exception):
    """The provider did not answer, or not so that we know what happened. Ask again, with the same key.

    With `key_is_burnt` it answered that it broke, and would answer so to this key for ever: look what is true, then ask
    with another one.
    """

    def __init__(self, reason: str, *, key_is_burnt: bool = False) -> None:
        self.key_is_burnt = key_is_burnt
        super().__init__(reason)


class ProviderRefused(Exception):
    """The provider said no, and will say no again; `reason` is its word for it."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class PaymentProvider(Protocol):
    """Errors of every call to the outside: ProviderSilent, ProviderRefused. Never inside a transaction."""

    def create_intent(self, *, asked: AskedIntent, key: str) -> IntentSeen:
        """Ask for the sum; a repetition with the same key shows the intent as it was at first."""
        ...

    def read_intent(self, *, ref: str, return_url: str = "") -> IntentSeen:
        """What is true of an intent now; `return_url` as in `AskedIntent`."""
        ...

    def find_intent(self, *, attempt_id: UUID, asked_at: datetime) -> IntentSeen | None:
        """The intent of an attempt whose answer we never saw, after the provider forgot the key."""
        ...

    def capture(self, *, ref: str, amount_minor: int, final: bool, key: str) -> IntentSeen:
        """Take a part of what is authorised; with `final` the rest is released."""
        ...

    def cancel(self, *, ref: str, key: str) -> IntentSeen:
        """Give up the intent and release what is authorised."""
        ...

    def refund(self, *, ref: str, amount_minor: int, operation_id: UUID, key: str) -> RefundSeen:
        """Give back a part of what was captured."""
        ...

    def find_refund(self, *, ref: str, operation_id: UUID) -> RefundSeen | None:
        """What became of a refund of the intent `ref`, or None when it was never made."""
        ...

    def is_about_dispute(self, *, kind: str) -> bool:
        """Whether messages of this kind say that a payment is taken back, or what becomes of that."""
        ...

    def list_disputes(self, *, ref: str) -> list[DisputeSeen]:
        """What the buyer's bank takes back of the intent `ref`, or asks about."""
        ...

    def list_new_disputes(self, *, since: datetime) -> list[DisputeSeen]:
        """What banks have begun to take back or to ask about since then, of whatever intent."""
        ...

    def read_message(self, *, body: bytes, signature: str, now: datetime) -> News:
        """Verify and read a webhook's raw body; nothing is called. Errors: `config.kernel.rest.hooks.BadSignature`."""
        ...
