"""An order is the sum of its parts (`reliability.md`, I4)."""

from config.kernel.invariants import Offenders, invariant


@invariant("I4", "orders whose totals are not the sums of their lines and deliveries")
def order_is_its_parts() -> Offenders:
    """Gross and tax, to the cent; a line is its units times their price."""
    return """
        SELECT placed.id, placed.number, placed.total_gross_minor, placed.total_tax_minor,
               sum(part.gross_minor) AS gross, sum(part.tax_minor) AS tax
        FROM orders_order AS placed
            LEFT JOIN (
                SELECT order_id, gross_minor, tax_minor FROM orders_orderline
                UNION ALL SELECT order_id, gross_minor, tax_minor FROM orders_orderdelivery
            ) AS part ON part.order_id = placed.id
        GROUP BY placed.id
        HAVING placed.total_gross_minor <> coalesce(sum(part.gross_minor), 0)
            OR placed.total_tax_minor <> coalesce(sum(part.tax_minor), 0)
        ORDER BY placed.id
    """


@invariant("I4", "order lines that are not their units times the price agreed")
def line_is_its_units() -> Offenders:
    """Discounts come later, as components of their own."""
    return """
        SELECT id, quantity, unit_gross_minor, gross_minor FROM orders_orderline
        WHERE gross_minor <> quantity * unit_gross_minor
        ORDER BY id
    """


@invariant("I4", "orders whose state is not the last step of their history")
def state_is_history() -> Offenders:
    """Every move wrote its row."""
    return """
        SELECT placed.id, placed.number, placed.state, latest.state AS latest
        FROM orders_order AS placed
            LEFT JOIN LATERAL (
                SELECT state FROM orders_orderstep WHERE order_id = placed.id ORDER BY id DESC LIMIT 1
            ) AS latest ON true
        WHERE latest.state IS DISTINCT FROM placed.state
        ORDER BY placed.id
    """
