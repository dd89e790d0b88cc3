"""What is in parcels was ordered, left stock when they left, and arrived as somebody said (I3, I12, I16)."""

from config.kernel.invariants import Offenders, invariant


@invariant("I3", "parcels whose goods are not those that left stock for them")
def parcel_is_its_movements() -> Offenders:
    """Parcel by parcel and SKU by SKU; what has not left moved nothing."""
    return """
        WITH packed AS (
            SELECT parcel.public_id AS parcel, line.sku, sum(packed.quantity) AS units
            FROM orders_parcelline AS packed
                JOIN orders_parcel AS parcel ON parcel.id = packed.parcel_id
                JOIN orders_orderline AS line ON line.id = packed.order_line_id
            WHERE parcel.dispatched_at IS NOT NULL
            GROUP BY parcel.public_id, line.sku
        ), moved AS (
            SELECT movement.about_ref AS parcel, level.sku, -sum(movement.delta) AS units
            FROM orders_stockmovement AS movement JOIN orders_stocklevel AS level ON level.id = movement.level_id
            WHERE movement.kind = 'dispatched'
            GROUP BY movement.about_ref, level.sku
        )
        SELECT parcel, sku, packed.units AS packed, moved.units AS moved
        FROM packed FULL JOIN moved USING (parcel, sku)
        WHERE packed.units IS DISTINCT FROM moved.units
        ORDER BY parcel, sku
    """


@invariant("I16", "order lines of which more is packed than was ordered")
def packed_within_ordered() -> Offenders:
    """Parcels that wait count as well as those that left."""
    return """
        SELECT line.id, line.quantity, sum(packed.quantity) AS packed
        FROM orders_orderline AS line JOIN orders_parcelline AS packed ON packed.order_line_id = line.id
        GROUP BY line.id
        HAVING sum(packed.quantity) > line.quantity
        ORDER BY line.id
    """


@invariant("I16", "parcels that are called delivered, and nobody said so")
def delivery_was_told() -> Offenders:
    """The moment of delivery is that of a fact in the parcel's ledger which is believed."""
    return """
        SELECT parcel.id, parcel.state, parcel.delivered_at
        FROM orders_parcel AS parcel
        WHERE parcel.delivered_at IS NOT NULL
            AND NOT EXISTS (
                SELECT FROM orders_trackingevent AS told
                WHERE told.state = 'delivered' AND told.doubt = '' AND told.happened_at = parcel.delivered_at
                    AND (
                        (told.carrier = 'house' AND told.tracking_code = parcel.public_id::text)
                        OR (told.carrier = parcel.carrier AND told.tracking_code = parcel.tracking_code)
                    )
            )
        ORDER BY parcel.id
    """


@invariant(
    "I12", "parcels that were packed a quarter of an hour ago and neither left nor wait for their buyer"
)
def packed_parcels_leave() -> Offenders:
    """Their request ended half-way, and the job that takes them up did not get them on their way."""
    return """
        SELECT parcel.id, parcel.packed_at
        FROM orders_parcel AS parcel
        WHERE parcel.state = 'created' AND parcel.packed_at < %(now)s - interval '15 minutes'
        ORDER BY parcel.id
    """
