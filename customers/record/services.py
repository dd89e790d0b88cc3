"""Write purchases and what follows them into customer records.

Everything here may be repeated, and told in any order: a fact is written once, by its kind and what it is about.
"""

from datetime import datetime
from typing import Final
from uuid import UUID

from config.kernel.actors import Actor
from config.kernel.db import Locking, Lookup, add_rows, lock, transaction_required
from config.kernel.errors import NotFound
from config.kernel.events import emit
from customers.events import CustomerRecorded
from customers.record.models import ContactKind, ContactPoint, Customer, CustomerAddress, TimelineEntry
from customers.record.rules import GivenAddress, Purchase, Step, fingerprint, normalise_email, normalise_phone


@transaction_required
def record_purchase(
    *, purchase: Purchase, step: Step, customer_ref: UUID | None = None, by: Actor, now: datetime
) -> UUID:
    """Write a purchase into the record of the customer who is signed in, else of whoever has that e-mail address.

    A record is made new where there is none. The address is not proved to be hers, so `verified_at` stays empty, and
    what she says about herself is kept beside what was known before. Emits CustomerRecorded, once per order. Locks the
    customer. Returns the customer's public id.
    """
    signed_in = lock(Customer.objects.filter(public_id=customer_ref)) if customer_ref else []
    customer = (
        signed_in[0]
        if signed_in
        else _find_or_create(email=purchase.email, name=purchase.name, locale=purchase.locale, now=now)
    )
    if not _append(customer, step, by=by):
        return customer.public_id
    if (customer.name, customer.locale) != (purchase.name, purchase.locale):
        customer.name, customer.locale = purchase.name, purchase.locale
        customer.save(update_fields=["name", "locale"])
    _add_contact(customer, kind=ContactKind.PHONE, value=purchase.phone)
    if purchase.address is not None:
        _add_address(customer, given=purchase.address, now=now)
    emit(CustomerRecorded(customer_ref=customer.public_id, order_ref=purchase.order_ref), by=by, now=now)
    return customer.public_id


def _add_address(customer: Customer, *, given: GivenAddress, now: datetime) -> None:
    address = CustomerAddress(
        customer=customer,
        name=given.name,
        street=given.street,
        postcode=given.postcode,
        city=given.city,
        country=given.country,
        fingerprint=fingerprint(address=given),
        first_used_at=now,
    )
    add_rows([address], unless_there=True)


@transaction_required
def record_step(*, customer_ref: UUID, step: Step, by: Actor) -> None:
    """Write something that happened into a customer's timeline, unless it stands there. Errors: NotFound."""
    customers = _OF_REF.look([customer_ref])
    if not customers:
        raise NotFound
    _append(customers[0], step, by=by)


@transaction_required
def prove_email(*, email: str, name: str, locale: str, now: datetime) -> Customer:
    """The record of whoever has this address, made new where nobody has; the address is a proved one from now on.

    Locks the customer.
    """
    customer = _find_or_create(email=email, name=name, locale=locale, now=now)
    unproved = customer.contact_points.filter(
        kind=ContactKind.EMAIL, normalised=normalise_email(email=email), verified_at=None
    )
    unproved.update(verified_at=now)
    return customer


def _find_or_create(*, email: str, name: str, locale: str, now: datetime) -> Customer:
    """The customer with that e-mail address, locked. Of two that are made at once the constraint lets one live."""
    wanted = normalise_email(email=email)
    if (found := _find(wanted)) is not None:
        return found
    customer = Customer(name=name, locale=locale, first_seen_at=now)
    add_rows([customer])
    contact = ContactPoint(customer=customer, kind=ContactKind.EMAIL, value=email, normalised=wanted)
    if add_rows([contact], unless_there=True):
        return customer  # nobody else can see her before this is committed
    customer.delete()
    owner = _find(wanted)
    assert owner is not None
    return owner


_OF_REF: Final = Lookup(Customer, where="public_id = %s")
_OF_EMAIL: Final = Locking(
    Customer,
    where="id IN (SELECT customer_id FROM customers_contactpoint WHERE kind = %s AND normalised = %s)",
)


def _find(email: str) -> Customer | None:
    return next(iter(lock(_OF_EMAIL([ContactKind.EMAIL, email]))), None)


def _add_contact(customer: Customer, *, kind: ContactKind, value: str) -> None:
    if not value:
        return
    contact = ContactPoint(customer=customer, kind=kind, value=value, normalised=normalise_phone(phone=value))
    add_rows([contact], unless_there=True)


def _append(customer: Customer, step: Step, *, by: Actor) -> bool:
    """Write the entry; false when it stood there already."""
    entry = TimelineEntry(
        customer=customer,
        kind=step.kind,
        about_ref=step.about_ref,
        data=step.data,
        actor_kind=by.kind,
        actor_label=by.label,
        actor_store=by.store,
        occurred_at=step.occurred_at,
    )
    return add_rows([entry], unless_there=True)
