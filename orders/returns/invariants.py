"""What came back had left, and was paid for once (`reliability.md`, I3 and I16)."""

from config.kernel.invariants import Offenders, invariant


@invariant("I3", "SKUs of which parcels and returns do not move what stock says")
def goods_are_conserved() -> Offenders:
    """By movements dispatched = left in parcels, returned = found in returns, written off = found damaged."""
    return """
        WITH moved AS (
            SELECT level.sku,
                   -sum(movement.delta) FILTER (WHERE movement.kind = 'dispatched') AS dispatched,
                   sum(movement.delta) FILTER (WHERE movement.kind = 'returned') AS returned,
                   -sum(movement.delta) FILTER (WHERE movement.kind = 'written_off') AS lost
            FROM orders_stockmovement AS movement JOIN orders_stocklevel AS level ON level.id = movement.level_id
            GROUP BY level.sku
        ), packed AS (
            SELECT line.sku, sum(packed.quantity) AS units
            FROM orders_parcelline AS packed
                JOIN orders_parcel AS parcel ON parcel.id = packed.parcel_id
                JOIN orders_orderline AS line ON line.id = packed.order_line_id
            WHERE parcel.dispatched_at IS NOT NULL
            GROUP BY line.sku
        ), received AS (
            SELECT line.sku, sum(back.sellable + back.damaged) AS units,
                   sum(back.damaged) AS damaged
            FROM orders_returnline AS back
                JOIN orders_return AS coming ON coming.id = back.goods_return_id
                JOIN orders_orderline AS line ON line.id = back.order_line_id
            WHERE coming.state IN ('received', 'credited')
            GROUP BY line.sku
        )
        SELECT sku, moved.dispatched, packed.units AS packed, moved.returned, received.units AS received, moved.lost
        FROM moved FULL JOIN packed USING (sku) FULL JOIN received USING (sku)
        WHERE coalesce(moved.dispatched, 0) <> coalesce(packed.units, 0)
            OR coalesce(moved.returned, 0) <> coalesce(received.units, 0)
            OR coalesce(moved.lost, 0) <> coalesce(received.damaged, 0)
        ORDER BY sku
    """


@invariant("I16", "order lines of which more came back than left, or more left than was ordered")
def returned_within_shipped() -> Offenders:
    """Ordered is at least shipped; shipped at least what is on its way back or came."""
    return """
        SELECT line.id, line.quantity, coalesce(shipped.units, 0) AS shipped, coalesce(back.units, 0) AS back
        FROM orders_orderline AS line
            LEFT JOIN (
                SELECT packed.order_line_id, sum(packed.quantity) AS units
                FROM orders_parcelline AS packed JOIN orders_parcel AS parcel ON parcel.id = packed.parcel_id
                WHERE parcel.dispatched_at IS NOT NULL
                GROUP BY packed.order_line_id
            ) AS shipped ON shipped.order_line_id = line.id
            LEFT JOIN (
                SELECT order_line_id, sum(coalesce(sellable + damaged, quantity)) AS units
                FROM orders_returnline GROUP BY order_line_id
            ) AS back ON back.order_line_id = line.id
        WHERE coalesce(shipped.units, 0) > line.quantity OR coalesce(back.units, 0) > coalesce(shipped.units, 0)
        ORDER BY line.id
    """


@invariant("I16", "returns that were not credited exactly once, or with another sum than theirs")
def credited_once() -> Offenders:
    """A credited return has one entry of its sum, or one operation that will bring it; another return has neither.

    An operation that the provider refused stands for its sum as well: somebody must look at it.
    """
    return """
        WITH given AS (
            SELECT about_ref, -amount_minor AS amount_minor FROM orders_paymententry
            WHERE about_ref IS NOT NULL AND kind IN ('credited', 'refunded')
            UNION ALL
            SELECT about_ref, amount_minor FROM orders_paymentoperation
            WHERE about_ref IS NOT NULL AND kind = 'refund' AND state <> 'done'
        )
        SELECT coming.id, coming.state, coming.credited_gross_minor, count(given.about_ref) AS credits,
               sum(given.amount_minor) AS credited
        FROM orders_return AS coming LEFT JOIN given ON given.about_ref = coming.public_id
        GROUP BY coming.id
        HAVING (coming.state = 'credited') <> (count(given.about_ref) = 1)
            OR coalesce(sum(given.amount_minor), 0) <> coalesce(coming.credited_gross_minor, 0)
        ORDER BY coming.id
    """


@invariant("I16", "returns that are not what was found in them")
def received_is_inspected() -> Offenders:
    """Somebody looked at every line of a received return, and at none of another."""
    return """
        SELECT coming.id, coming.state, back.id AS line, back.sellable, back.damaged
        FROM orders_return AS coming JOIN orders_returnline AS back ON back.goods_return_id = coming.id
        WHERE (coming.state = 'announced') <> (back.sellable IS NULL)
        ORDER BY coming.id, back.id
    """
