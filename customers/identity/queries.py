"""Whose account it is."""

from uuid import UUID

from allauth.account.models import EmailAddress

from config.kernel.models import User
from customers.identity.models import Identity


def find_customer_of(*, user_ref: UUID) -> UUID | None:
    """The public id of the customer whose account this is; None until its address was proved."""
    return Identity.objects.filter(user_ref=user_ref).values_list("customer__public_id", flat=True).first()


def has_proved(*, user: User) -> bool:
    """Whether somebody has shown a code that was sent to this account's address."""
    proved: bool = EmailAddress.objects.filter(user=user, email__iexact=user.email, verified=True).exists()
    return proved
