"""A cart is at most one order (`reliability.md`, I10)."""

from config.kernel.invariants import Offenders, invariant


@invariant("I10", "carts that became another number of orders than one, or another order than they say")
def cart_is_its_order() -> Offenders:
    """An open cart is no order yet; a consumed one became the order that it names, and no other."""
    return """
        SELECT cart.id, cart.public_id, cart.state, cart.order_ref, placed.public_id AS placed
        FROM shop_cart AS cart LEFT JOIN orders_order AS placed ON placed.cart_ref = cart.public_id
        WHERE cart.order_ref IS DISTINCT FROM placed.public_id
        ORDER BY cart.id
    """
