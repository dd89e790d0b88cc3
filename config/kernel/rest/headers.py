"""Request headers that a route asks for, declared on the view and so described to its callers."""

from dataclasses import dataclass
from typing import Final

_WRITES: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_READS: Final = frozenset({"GET"})


@dataclass(frozen=True, kw_only=True)
class RequestHeader:
    """One header: what it is for, in which methods it counts, and whether a request without it is refused."""

    name: str
    description: str
    methods: frozenset[str] = _READS | _WRITES
    required: bool = False
    example: str = ""


IDEMPOTENCY_KEY: Final = RequestHeader(
    name="Idempotency-Key",
    description="Your own name for this request, new for each intention and the same for each repetition of it. "
    "Within 24 hours a repetition has no second effect and gets the first answer.",
    methods=_WRITES,
    required=True,
    example="4f9d1c1e-8f1f-4d0a-9d64-1f1f4f0f2f11",
)
IF_MATCH: Final = RequestHeader(
    name="If-Match",
    description="The ETag of the version you have read; a newer one is not overwritten.",
    methods=_WRITES,
    required=True,
    example='"v17"',
)
IF_MATCH_OPTIONAL: Final = RequestHeader(
    name="If-Match",
    description="The ETag of the version you have read, if the write is meant for that version only.",
    methods=_WRITES,
    example='"v17"',
)
IF_NONE_MATCH: Final = RequestHeader(
    name="If-None-Match",
    description="The ETag you have; 304 when it is still current.",
    methods=_READS,
    example='"v17"',
)
CART_SECRET: Final = RequestHeader(
    name="X-Cart-Secret",
    description="The secret that came with a guest's new cart; the cart's owner needs none.",
)
ORDER_SECRET: Final = RequestHeader(
    name="X-Order-Secret",
    description="The secret that came with a guest's order; the order's owner needs none.",
)
DEVICE_SECRET: Final = RequestHeader(
    name="X-Device-Secret",
    description="The secret that came with a tablet's registration; a tablet's page has it in a cookie.",
)
API_KEY: Final = RequestHeader(
    name="X-Api-Key", description="The market's publishable key, where the host does not name the market."
)
ACCEPT_LANGUAGE: Final = RequestHeader(
    name="Accept-Language",
    description="The reader's languages; `?locale=` goes before it.",
    example="fi, sv;q=0.8",
)
