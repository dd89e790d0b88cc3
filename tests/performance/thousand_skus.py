"""A thousand articles in stock at a warehouse: `python -m tests.performance.thousand_skus`, on `DATABASE_URL`."""

import os
from typing import Final
from uuid import UUID

SKUS: Final = tuple(f"W4-{number:04d}" for number in range(1_000))
_PER_PRODUCT: Final = 4  # sizes of one lamp
_UNITS: Final = 1_000_000


def main() -> None:
    """Add them to the shop, published, priced and rendered."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    _add()


def _add() -> None:
    from django.utils import timezone

    from config.kernel.actors import system
    from config.kernel.db import open_transaction
    from config.kernel.dispatcher import run_pending
    from orders.api import receive_stock
    from pim.api import AttributeDraft, OptionDraft, define_attribute, publish
    from shop.demo.goods import CHANNEL, PRICE_LIST
    from shop.pricing.services import set_price
    from tests.factories.goods import add_product, named

    by, now = system("bench"), timezone.now()
    sizes = [f"w4-{number}" for number in range(_PER_PRODUCT)]
    with open_transaction():
        options = tuple(OptionDraft(code=size, labels={"fi": size}) for size in sizes)
        define_attribute(
            draft=AttributeDraft(code="w4_size", type="select", labels={"fi": "Koko"}, options=options),
            now=now,
        )
        receive_stock(location="LAHTI", units=dict.fromkeys(SKUS, _UNITS), by=by, now=now)
        for number, sku in enumerate(SKUS):
            set_price(price_list=PRICE_LIST, sku=sku, minor=1_000 + number, by=by, now=now)
    for first in range(0, len(SKUS), _PER_PRODUCT):
        skus = SKUS[first : first + _PER_PRODUCT]
        with open_transaction():
            product = add_product(
                code=skus[0].lower(),
                values=named(fi=f"Lamppu {first}", en=f"Lamp {first}") | {"weight": {"*": {"*": "1"}}},
                variants={
                    sku: {"w4_size": {"*": {"*": size}}} for sku, size in zip(skus, sizes, strict=True)
                },
                axes=("w4_size",),
                now=now,
            )
            publish(product_id=UUID(product), channel=CHANNEL, by=by, now=now)
    run_pending(now=now)


if __name__ == "__main__":
    main()
