"""What was left half-way: parcels that were packed and did not leave, carriers' messages that nobody read."""

from datetime import datetime, timedelta
from typing import Final

import structlog
from django.conf import settings

from config.kernel.actors import Actor
from config.kernel.db import outside_transaction
from config.kernel.errors import Refusal
from orders.parcels.queries import list_parcels_in_vain, list_waiting_parcels
from orders.parcels.services import finish_parcel, unpack_parcel
from orders.parcels.tracking import reread_message
from orders.payment.queries import list_open_messages

_A_REQUEST_LASTS: Final = timedelta(minutes=2)
_STRANGERS_KEPT: Final = timedelta(hours=24)  # how long a parcel that is not ours may still become ours

logger = structlog.get_logger(__name__)


@outside_transaction
def send_packed_parcels(*, by: Actor, now: datetime) -> int:
    """Let parcels go on whose request ended between packing and leaving, because somebody died or the carrier was away.

    Those of orders that were called off are unpacked. What cannot leave now is tried again next time. Returns how many
    were dealt with.
    """
    in_vain = list_parcels_in_vain()
    for parcel_id in in_vain:
        unpack_parcel(parcel_id=parcel_id, by=by, now=now)
    sent = 0
    for parcel_id in list_waiting_parcels(packed_before=now - _A_REQUEST_LASTS):
        try:
            finish_parcel(parcel_id=parcel_id, by=by, now=now)
        except Refusal as refusal:
            logger.warning("a packed parcel could not leave", parcel=str(parcel_id), code=refusal.code)
        else:
            sent += 1
    return len(in_vain) + sent


@outside_transaction
def reread_messages(*, by: Actor, now: datetime) -> None:
    """Read messages of carriers that nobody read, or that came before their parcel had its tracking code."""
    for carrier in settings.CARRIER_HOOKS:
        for message_id in list_open_messages(
            provider=carrier, now=now, silent_for=_A_REQUEST_LASTS, given_up_after=_STRANGERS_KEPT
        ):
            reread_message(message_id=message_id, by=by, now=now)
