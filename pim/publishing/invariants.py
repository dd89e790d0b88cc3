"""What must hold of every publication that a channel shows."""

from config.kernel.invariants import Offenders, invariant


@invariant("I13", "a publication that holds says neither its name nor what can be bought")
def publication_without_what_its_channel_needs() -> Offenders:
    """The names are those of `reliability.md`; later channels will ask for more than a name and a variant."""
    return """
        SELECT held.public_id, product.code, channel.code AS channel, held.number
        FROM pim_publication held
        JOIN pim_product product ON product.id = held.product_id
        JOIN pim_channel channel ON channel.id = held.channel_id
        WHERE NOT held.withdrawn
        AND NOT EXISTS (
            SELECT FROM pim_publication newer
            WHERE newer.product_id = held.product_id AND newer.channel_id = held.channel_id
            AND newer.number > held.number
        )
        AND (
            coalesce(held.document #> '{texts,name}', '{}') = '{}'
            OR coalesce(held.document -> 'variants', '[]') = '[]'
        )
    """
