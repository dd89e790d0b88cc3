"""What stands under the bars on the demonstration's packings, so that a hand scanner finds them.

Numbers that begin with 20 to 29 are a company's own (GS1 General Specifications, 1.4.2, restricted circulation): they
are nobody else's article.
"""

import hashlib
from dataclasses import replace
from typing import Final

from pim.api import AttributeDraft, ProductDraft
from shop.demo.drafts import fact
from shop.demo.goods import said

EAN: Final = AttributeDraft(
    code="ean", type="gtin", position=60, labels=said("EAN-koodi", "EAN-kod", "EAN code")
)
_OWN: Final = "20"


def packed(draft: ProductDraft) -> ProductDraft:
    """The product with a number on the packing of each variant."""
    variants = (
        replace(variant, values={**variant.values, EAN.code: fact(ean_of(variant.sku))})
        for variant in draft.variants
    )
    return replace(draft, variants=tuple(variants))


def ean_of(sku: str) -> str:
    """The same thirteen digits for a SKU each time, the last one checking the others."""
    digits = f"{_OWN}{int.from_bytes(hashlib.sha256(sku.encode()).digest()) % 10**10:010d}"
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-weighted % 10}"
