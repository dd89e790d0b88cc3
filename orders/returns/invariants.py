"""What came back had left, and was paid for once (`reliability.md`, I3 and I16)."""

from config.kernel.invariants import Offenders, invariant


@invariant("I3", "SKUs of which parcels and returns do not move what stock says")
def goods_are_conserved() -> Offenders:
    """Dispatched by movements = packed in parcels; returned by movements = received in returns."""
    return """
        WITH moved AS (
            SELECT level.sku,
                   -sum(movement.delta) FILTER (WHERE movement.kind = 'dispatched') AS dispatched,
                   sum(movement.delta) FILTER (WHERE movement.kind = 'returned') AS returned
            FROM orders_stockmovement AS movement JOIN orders_stocklevel AS level ON level.id = movement.level_id
            GROUP BY level.sku
        ), packed AS (
            SELECT line.sku, sum(packed.quantity) AS units
            FROM orders_parcelline AS packed JOIN orders_orderline AS line ON line.id = packed.order_line_id
            GROUP BY line.sku
        ), received AS (
            SELECT line.sku, sum(back.quantity) AS units
            FROM orders_returnline AS back
                JOIN orders_return AS coming ON coming.id = back.goods_return_id
                JOIN orders_orderline AS line ON line.id = back.order_line_id
            WHERE coming.state IN ('received', 'credited')
            GROUP BY line.sku
        )
        SELECT sku, moved.dispatched, packed.units AS packed, moved.returned, received.units AS received
        FROM moved FULL JOIN packed USING (sku) FULL JOIN received USING (sku)
        WHERE coalesce(moved.dispatched, 0) <> coalesce(packed.units, 0)
            OR coalesce(moved.returned, 0) <> coalesce(received.units, 0)
        ORDER BY sku
    """


@invariant("I16", "order lines of which more came back than left, or more left than was ordered")
def returned_within_shipped() -> Offenders:
    """Ordered is at least shipped, shipped at least announced for return."""
    return """
        SELECT line.id, line.quantity, coalesce(shipped.units, 0) AS shipped, coalesce(back.units, 0) AS announced
        FROM orders_orderline AS line
            LEFT JOIN (SELECT order_line_id, sum(quantity) AS units FROM orders_parcelline GROUP BY 1) AS shipped
                ON shipped.order_line_id = line.id
            LEFT JOIN (SELECT order_line_id, sum(quantity) AS units FROM orders_returnline GROUP BY 1) AS back
                ON back.order_line_id = line.id
        WHERE coalesce(shipped.units, 0) > line.quantity OR coalesce(back.units, 0) > coalesce(shipped.units, 0)
        ORDER BY line.id
    """


@invariant("I16", "returns that were not credited exactly once, or with another sum than theirs")
def credited_once() -> Offenders:
    """A credited return has one entry of its sum, another none."""
    return """
        SELECT coming.id, coming.state, coming.credited_gross_minor, count(entry.id) AS credits,
               sum(entry.amount_minor) AS credited
        FROM orders_return AS coming
            LEFT JOIN orders_paymententry AS entry ON entry.about_ref = coming.public_id
        GROUP BY coming.id
        HAVING (coming.state = 'credited') <> (count(entry.id) = 1)
            OR coalesce(-sum(entry.amount_minor), 0) <> coalesce(coming.credited_gross_minor, 0)
        ORDER BY coming.id
    """
