"""Accounts come to be, and find their customer's record, when somebody proves an e-mail address."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from allauth.account.models import EmailAddress

from config.kernel.actors import Actor
from config.kernel.db import add_rows, transaction, transaction_required
from config.kernel.events import emit
from config.kernel.models import User
from customers.events import CustomerRecognised
from customers.identity.models import Identity
from customers.identity.queries import find_customer_of, has_proved
from customers.record.services import prove_email


@dataclass(frozen=True, kw_only=True)
class Account:
    """An account whose address was proved. `may_sign_in` is false for one that was closed."""

    user_ref: UUID
    may_sign_in: bool


@transaction
def prove_address(*, email: str, by: Actor, now: datetime) -> Account:
    """Somebody has shown the code that was sent to this address: its account, made new where there is none.

    Of two that are made at once the constraint lets one live.
    """
    user = User.objects.filter(email__iexact=email).first()
    if user is None:
        user = User(email=User.objects.normalize_email(email), created_at=now)
        user.set_unusable_password()
        if not add_rows([user], unless_there=True):
            user = User.objects.get(email__iexact=email)
    if user.is_active:
        address = EmailAddress.objects.filter(user=user, email__iexact=email).first()
        if address is None:
            address = EmailAddress(user=user, email=email.lower(), primary=True)
        address.verified = True
        address.save()
    return Account(user_ref=user.public_id, may_sign_in=user.is_active)


@transaction_required
def recognise_user(*, user_ref: UUID, locale: str, by: Actor, now: datetime) -> UUID | None:
    """Join an account to the record of whoever has its address, made new where nobody has; the customer's public id.

    The address is then a proved one in the record: what was bought with it as a guest is hers. An account whose
    address nobody has proved joins nothing, and gets None. Locks the customer. Emits CustomerRecognised, once.
    """
    if (known := find_customer_of(user_ref=user_ref)) is not None:
        return known
    user = User.objects.get(public_id=user_ref)
    if not has_proved(user=user):
        return None
    customer = prove_email(email=user.email, name=user.name, locale=locale, now=now)
    identity = Identity(user_ref=user_ref, customer=customer, since_at=now)
    if add_rows([identity], unless_there=True):
        emit(CustomerRecognised(customer_ref=customer.public_id, user_ref=user_ref), by=by, now=now)
    if not user.name and customer.name:
        user.name = customer.name
        user.save(update_fields=["name"])
    return customer.public_id
