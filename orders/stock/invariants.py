"""Stock agrees with its ledgers (`reliability.md`, I1 to I3)."""

from config.kernel.invariants import Offenders, invariant


@invariant("I1", "stock levels whose units on hand are not the sum of their movements")
def level_is_its_ledger() -> Offenders:
    """Every unit came by a movement and left by one."""
    return """
        SELECT level.id, level.sku, level.on_hand, coalesce(sum(movement.delta), 0) AS moved
        FROM orders_stocklevel AS level
            LEFT JOIN orders_stockmovement AS movement ON movement.level_id = level.id
        GROUP BY level.id
        HAVING level.on_hand <> coalesce(sum(movement.delta), 0)
        ORDER BY level.id
    """


@invariant(
    "I2", "stock levels whose reserved units are not those of their open reservations, or are out of bounds"
)
def reserved_is_promised() -> Offenders:
    """What is kept back is what orders wait for, and never more than is there."""
    return """
        SELECT level.id, level.sku, level.on_hand, level.reserved, coalesce(sum(kept.quantity - kept.taken), 0) AS kept
        FROM orders_stocklevel AS level
            LEFT JOIN orders_reservation AS kept ON kept.level_id = level.id AND kept.state = 'active'
        GROUP BY level.id
        HAVING level.reserved <> coalesce(sum(kept.quantity - kept.taken), 0)
            OR level.on_hand < 0 OR level.reserved < 0 OR level.reserved > level.on_hand
        ORDER BY level.id
    """
