"""What the customer record says."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from config.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class CustomerRecorded(Event):
    """A purchase was written into a customer's record; the record may be new, nothing in it need be verified."""

    name: ClassVar[str] = "customers.customer_recorded"
    subject: ClassVar[str] = "customer_ref"

    customer_ref: UUID
    order_ref: UUID


@dataclass(frozen=True, kw_only=True)
class CustomerRecognised(Event):
    """An account was joined to a customer's record, because its address was proved."""

    name: ClassVar[str] = "customers.customer_recognised"
    subject: ClassVar[str] = "customer_ref"

    customer_ref: UUID
    user_ref: UUID


@dataclass(frozen=True, kw_only=True)
class SignInCodeAsked(Event):
    """Somebody wants to sign in; a letter shall bring a code to her address."""

    name: ClassVar[str] = "customers.sign_in_code_asked"
    subject: ClassVar[str] = "letter_id"

    letter_id: UUID
