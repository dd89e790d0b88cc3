"""Money is conserved, and nothing about it stays undone (`reliability.md`, I5 to I9 and I12)."""

from config.kernel.invariants import Offenders, invariant


@invariant("I5", "confirmed orders whose whole sum is not secured by one attempt in their currency")
def confirmed_is_secured() -> Offenders:
    """Goods may leave only for a sum that is authorised, captured or invoiced."""
    return """
        SELECT placed.id, placed.number, placed.total_gross_minor, sum(attempt.amount_minor) AS secured
        FROM orders_order AS placed
            LEFT JOIN orders_paymentattempt AS attempt
                ON attempt.order_id = placed.id AND attempt.state = 'secured' AND attempt.currency = placed.currency
        WHERE placed.state IN ('confirmed', 'completed')
        GROUP BY placed.id
        HAVING coalesce(sum(attempt.amount_minor), -1) <> placed.total_gross_minor
        ORDER BY placed.id
    """


@invariant("I5", "orders on invoice that were not invoiced exactly once over their sum, in their currency")
def invoiced_is_agreed() -> Offenders:
    """What is asked for is what was agreed."""
    return """
        SELECT placed.id, placed.number, placed.total_gross_minor, sum(entry.amount_minor) AS invoiced
        FROM orders_paymentattempt AS attempt
            JOIN orders_order AS placed ON placed.id = attempt.order_id
            LEFT JOIN orders_paymententry AS entry ON entry.attempt_id = attempt.id AND entry.kind = 'invoiced'
        WHERE attempt.method = 'invoice'
        GROUP BY placed.id, attempt.id
        HAVING coalesce(sum(entry.amount_minor), -1) <> placed.total_gross_minor
            OR bool_or(entry.currency <> placed.currency)
        ORDER BY placed.id
    """


@invariant("I6", "payment attempts of which more was given back than was taken or asked for")
def credit_within_invoice() -> Offenders:
    """Per attempt, what we give back never passes what we took, and no more is captured than was authorised.

    What her bank takes back beside that is none of our doing: it may come after a refund.
    """
    return """
        SELECT attempt.id, attempt.amount_minor, sum(entry.amount_minor) AS balance
        FROM orders_paymententry AS entry JOIN orders_paymentattempt AS attempt
            ON attempt.id = entry.attempt_id AND entry.kind NOT IN ('disputed', 'reinstated')
        GROUP BY attempt.id
        HAVING sum(entry.amount_minor) < 0
            OR sum(entry.amount_minor) FILTER (WHERE entry.kind = 'captured') > attempt.amount_minor
        ORDER BY attempt.id
    """


@invariant("I6", "ledgers that differ from their documents")
def ledger_is_documented() -> Offenders:
    """Invoices less credit notes are what the entries say."""
    return """
        SELECT entry.order_id, entry.balance, document.balance AS documented
        FROM (
                SELECT order_id, sum(amount_minor) AS balance FROM orders_paymententry
                WHERE kind IN ('invoiced', 'credited') GROUP BY order_id
            ) AS entry
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
        WHERE state IN ('pending', 'requires_action', 'secured') GROUP BY order_id HAVING count(*) > 1
        ORDER BY order_id
    """


@invariant(
    "I8", "money that is authorised or taken for no confirmed order, and is not going back, for ten minutes"
)
def money_has_its_order() -> Offenders:
    """Whatever the provider holds belongs to an order that is confirmed, or its release is asked for or done."""
    return """
        SELECT attempt.id, attempt.provider_ref, attempt.provider_status, placed.number, placed.state
        FROM orders_paymentattempt AS attempt JOIN orders_order AS placed ON placed.id = attempt.order_id
        WHERE attempt.provider_status IN ('authorised', 'succeeded')
            AND NOT (attempt.state = 'secured' AND placed.state IN ('confirmed', 'completed'))
            AND attempt.checked_at < %(now)s - interval '10 minutes'
            AND NOT EXISTS (
                SELECT FROM orders_paymentoperation AS operation
                WHERE operation.attempt_id = attempt.id AND operation.kind = 'release' AND operation.state <> 'failed'
            )
        ORDER BY attempt.id
    """


@invariant("I9", "captures and refunds of the ledger that the provider did not make")
def ledger_is_the_providers() -> Offenders:
    """Every captured cent was seen at the provider, and every entry answers an operation that is done."""
    return """
        SELECT attempt.id, attempt.provider_ref, attempt.captured_minor,
               sum(entry.amount_minor) FILTER (WHERE entry.kind = 'captured') AS captured
        FROM orders_paymentattempt AS attempt
            JOIN orders_paymententry AS entry
                ON entry.attempt_id = attempt.id AND entry.kind IN ('captured', 'refunded')
        GROUP BY attempt.id
        HAVING attempt.provider_ref IS NULL
            OR attempt.captured_minor < coalesce(sum(entry.amount_minor) FILTER (WHERE entry.kind = 'captured'), 0)
            OR count(*) FILTER (WHERE entry.amount_minor <> 0 AND entry.about_ref IS NOT NULL) <> (
                SELECT count(*) FROM orders_paymentoperation AS operation
                WHERE operation.attempt_id = attempt.id AND operation.state = 'done'
                    AND operation.kind IN ('capture', 'refund')
            )
        ORDER BY attempt.id
    """


@invariant("I9", "disputes whose money is not in the ledger as the provider moved it, and entries of none")
def ledger_has_the_disputes() -> Offenders:
    """Captures less refunds less what banks took back is what the provider holds for us."""
    return """
        SELECT dispute.provider_ref, entry.about_ref, dispute.taken_minor, entry.taken,
               dispute.returned_minor, entry.returned
        FROM (
                SELECT about_ref, attempt_id,
                       -coalesce(sum(amount_minor) FILTER (WHERE kind = 'disputed'), 0) AS taken,
                       coalesce(sum(amount_minor) FILTER (WHERE kind = 'reinstated'), 0) AS returned
                FROM orders_paymententry WHERE kind IN ('disputed', 'reinstated') GROUP BY about_ref, attempt_id
            ) AS entry
            FULL JOIN orders_dispute AS dispute
                ON dispute.public_id = entry.about_ref AND dispute.attempt_id = entry.attempt_id
        WHERE (dispute.taken_minor, dispute.returned_minor)
            IS DISTINCT FROM (coalesce(entry.taken, 0), coalesce(entry.returned, 0))
        ORDER BY dispute.id
    """


@invariant("I12", "disputes whose end is not known, and of which the provider was not asked for a day")
def disputes_are_followed() -> Offenders:
    """A job asks every few hours, whatever messages came."""
    return """
        SELECT id, provider_ref, state, checked_at FROM orders_dispute
        WHERE state NOT IN ('closed', 'lost', 'won') AND checked_at < %(now)s - interval '1 day'
        ORDER BY id
    """


@invariant("I12", "messages of providers that nobody has looked at for a quarter of an hour")
def inbox_is_read() -> Offenders:
    """A job looks at each, and a recovery job at those that it missed."""
    return """
        SELECT id, provider, kind, received_at FROM orders_providermessage
        WHERE state = 'received' AND received_at < %(now)s - interval '15 minutes'
        ORDER BY id
    """


@invariant("I12", "orders that should have ended an hour ago for want of money")
def holds_end() -> Offenders:
    """Stock is not held for ever for whom nobody hears of."""
    return """
        SELECT id, number, pay_by FROM orders_order
        WHERE state = 'pending_payment' AND pay_by < %(now)s - interval '1 hour'
        ORDER BY id
    """
