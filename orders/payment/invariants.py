"""Money is conserved (`reliability.md`, I5 to I7)."""

from config.kernel.invariants import Offenders, invariant


@invariant(
    "I5", "confirmed orders whose sum is not secured, and entries of another currency than their order's"
)
def confirmed_is_secured() -> Offenders:
    """What was invoiced is what was agreed. Captures and disputes join when cards do."""
    return """
        SELECT placed.id, placed.number, placed.total_gross_minor, sum(entry.amount_minor) AS invoiced
        FROM orders_order AS placed
            LEFT JOIN orders_paymententry AS entry ON entry.order_id = placed.id AND entry.kind = 'invoiced'
        WHERE placed.state IN ('confirmed', 'completed')
        GROUP BY placed.id
        HAVING coalesce(sum(entry.amount_minor), -1) <> placed.total_gross_minor
            OR bool_or(entry.currency <> placed.currency)
        ORDER BY placed.id
    """


@invariant("I6", "payment attempts of which more was given back than was asked for")
def credit_within_invoice() -> Offenders:
    """Per attempt, the ledger never falls below zero."""
    return """
        SELECT attempt_id, sum(amount_minor) AS balance FROM orders_paymententry
        GROUP BY attempt_id HAVING sum(amount_minor) < 0
        ORDER BY attempt_id
    """


@invariant("I6", "ledgers that differ from their documents")
def ledger_is_documented() -> Offenders:
    """Invoices less credit notes are what the entries say."""
    return """
        SELECT entry.order_id, entry.balance, document.balance AS documented
        FROM (SELECT order_id, sum(amount_minor) AS balance FROM orders_paymententry GROUP BY order_id) AS entry
            FULL JOIN (SELECT order_id, sum(gross_minor) AS balance FROM orders_invoice GROUP BY order_id) AS document
            ON document.order_id = entry.order_id
        WHERE entry.balance IS DISTINCT FROM document.balance
        ORDER BY entry.order_id
    """


@invariant("I7", "orders with two live payment attempts")
def one_live_attempt() -> Offenders:
    """The same sum is asked for once."""
    return """
        SELECT order_id, count(*) AS live FROM orders_paymentattempt
        WHERE state IN ('pending', 'secured') GROUP BY order_id HAVING count(*) > 1
        ORDER BY order_id
    """
