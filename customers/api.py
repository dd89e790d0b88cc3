"""The door to the customers: what the shop and the orders may call. What writes joins the caller's transaction."""

from customers.record.rules import GivenAddress, Purchase, Step, StepKind
from customers.record.services import record_purchase, record_step

__all__ = ["GivenAddress", "Purchase", "Step", "StepKind", "record_purchase", "record_step"]
