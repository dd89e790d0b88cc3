"""What was stated has a receipt, and something follows from it (`reliability.md`, G25)."""

from config.kernel.invariants import Offenders, invariant


@invariant("I16", "withdrawals that were stated without a receipt, and receipts of what was not stated")
def stated_is_receipted() -> Offenders:
    """The receipt is written in the transaction that states it."""
    return """
        SELECT withdrawal.id, withdrawal.state, receipt.id AS receipt
        FROM orders_withdrawal AS withdrawal
            LEFT JOIN orders_withdrawalreceipt AS receipt ON receipt.withdrawal_id = withdrawal.id
        WHERE (withdrawal.state = 'drafted') <> (receipt.id IS NULL)
        ORDER BY withdrawal.id
    """


@invariant("I16", "withdrawals by number from which nothing has followed for more than 15 minutes")
def stated_is_carried_out() -> Offenders:
    """The event of a statement brings what follows; a person looks at what no machine can do."""
    return """
        SELECT id, state, confirmed_at FROM orders_withdrawal
        WHERE state = 'confirmed' AND confirmed_at < %(now)s - interval '15 minutes'
        ORDER BY id
    """


@invariant("I16", "withdrawals whose effect cannot be seen on their order")
def effect_is_seen() -> Offenders:
    """Cancelled: the order is; goods come back: there is a return, by the law's right."""
    return """
        SELECT withdrawal.id, withdrawal.effect, placed.state, coming.by_right
        FROM orders_withdrawal AS withdrawal
            LEFT JOIN orders_order AS placed ON placed.id = withdrawal.order_id
            LEFT JOIN orders_return AS coming ON coming.id = withdrawal.goods_return_id
        WHERE (withdrawal.effect = 'cancelled' AND placed.state IS DISTINCT FROM 'cancelled')
            OR ((withdrawal.effect IN ('goods_return', 'both')) <> (coming.id IS NOT NULL))
            OR (coming.id IS NOT NULL AND (coming.by_right <> 'withdrawal' OR coming.order_id <> placed.id))
        ORDER BY withdrawal.id
    """
