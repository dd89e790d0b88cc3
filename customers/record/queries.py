"""A customer's record, whole."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from config.kernel.errors import NotFound
from customers.record.models import Customer
from customers.record.rules import GivenAddress, rank


@dataclass(frozen=True, kw_only=True)
class ContactCard:
    """A way to reach her. `kind` is `email` or `phone`; `verified_at` is empty until she proved that it is hers."""

    kind: str
    value: str
    verified_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class TimelineStep:
    """Something that happened with her, when, and who did it."""

    kind: str
    about_ref: UUID
    data: dict[str, Any]
    actor_kind: str
    actor_label: str
    actor_store: str
    occurred_at: datetime


@dataclass(frozen=True, kw_only=True)
class CustomerRecord:
    """Everything that is known about one customer, her timeline in the order in which it happened."""

    customer_ref: UUID
    name: str
    locale: str
    first_seen_at: datetime
    contact_points: tuple[ContactCard, ...]
    addresses: tuple[GivenAddress, ...]
    timeline: tuple[TimelineStep, ...]


def get_customer(*, customer_ref: UUID) -> CustomerRecord:
    """The whole record. Errors: NotFound."""
    related = ("contact_points", "addresses", "timeline")
    customer = Customer.objects.filter(public_id=customer_ref).prefetch_related(*related).first()
    if customer is None:
        raise NotFound
    return CustomerRecord(
        customer_ref=customer.public_id,
        name=customer.name,
        locale=customer.locale,
        first_seen_at=customer.first_seen_at,
        contact_points=tuple(
            ContactCard(kind=point.kind, value=point.value, verified_at=point.verified_at)
            for point in customer.contact_points.all()
        ),
        addresses=tuple(
            GivenAddress(
                name=row.name, street=row.street, postcode=row.postcode, city=row.city, country=row.country
            )
            for row in customer.addresses.all()
        ),
        timeline=_in_order(customer),
    )


def _in_order(customer: Customer) -> tuple[TimelineStep, ...]:
    entries = sorted(
        customer.timeline.all(), key=lambda entry: (entry.occurred_at, rank(kind=entry.kind), entry.pk)
    )
    return tuple(
        TimelineStep(
            kind=entry.kind,
            about_ref=entry.about_ref,
            data=entry.data,
            actor_kind=entry.actor_kind,
            actor_label=entry.actor_label,
            actor_store=entry.actor_store,
            occurred_at=entry.occurred_at,
        )
        for entry in entries
    )
