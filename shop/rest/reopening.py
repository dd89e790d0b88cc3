"""/store/v1/carts/{id}/reopen: buy anew what a cancelled order held."""

from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.kernel.rest import inputs
from config.kernel.rest.access import StoreView, caller_of
from config.kernel.rest.authentication import digest_of
from config.kernel.rest.headers import CART_SECRET
from shop.cart.queries import CartKey
from shop.cart.recovering import CartNotReopenable, reopen_cart
from shop.rest.cart_bodies import CartBody, cart_answer, shopper_key


class ReopenCart(StoreView):
    """Fill a cart anew."""

    request_headers = (CART_SECRET,)
    refusals = (CartNotReopenable,)

    @extend_schema(request=inputs.NoInput, responses={201: CartBody})
    def post(self, request: Request, cart_id: UUID) -> Response:
        """A new cart with what the old one held, after its order was cancelled. A guest gets its secret, this once."""
        inputs.NoInput.of(request)
        key, now = shopper_key(request), timezone.now()
        change = reopen_cart(cart_id=cart_id, key=key, by=caller_of(request).actor, now=now)
        if change.secret is not None:
            key = CartKey(secret_digest=digest_of(change.secret), channel=key.channel)
        response = cart_answer(
            request, cart_id=change.cart_id, key=key, now=now, status=201, secret=change.secret
        )
        response["Location"] = f"/store/v1/carts/{change.cart_id}"
        return response
