"""The door to the customers: what the shop and the orders may call. What writes joins the caller's transaction."""

from customers.identity.queries import find_customer_of
from customers.identity.services import recognise_user
from customers.record.rules import GivenAddress, Purchase, Step, StepKind
from customers.record.services import record_purchase, record_step

__all__ = [
    "GivenAddress",
    "Purchase",
    "Step",
    "StepKind",
    "find_customer_of",
    "recognise_user",
    "record_purchase",
    "record_step",
]
