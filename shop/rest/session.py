"""/store/v1/session: who is in the shop in this browser, which cart is hers, and what became of a guest's."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from config.kernel.models import User
from config.kernel.money import Money
from config.kernel.rest import inputs
from config.kernel.rest.access import StoreView, caller_of
from config.kernel.rest.authentication import NotSignedIn, digest_of
from config.kernel.rest.bodies import MoneyBody
from config.kernel.rest.browser import (
    Jar,
    csrf_token,
    end_credential,
    find_cart,
    forget,
    keep_csrf,
    plain,
)
from config.kernel.rest.headers import API_KEY, CART_SECRET
from shop.cart.merging import bring_carts_together
from shop.cart.queries import CartKey, find_current_cart
from shop.checkout.queries import get_cart
from shop.rest.cart_bodies import CartBody
from shop.rest.context import find_market_of, resolve_context, resolve_locale


class ShopperBody(serializers.Serializer[Any]):
    """Who is signed in."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    email = serializers.CharField()


class CurrentCartBody(serializers.Serializer[Any]):
    """The cart that she is filling; `units` is what a badge shows."""

    id = serializers.UUIDField()
    units = serializers.IntegerField()


class LineNameBody(serializers.Serializer[Any]):
    """An article of a cart."""

    sku = serializers.CharField()
    name = serializers.CharField()


class MergedLineBody(LineNameBody):
    """Units that came out of the account's earlier cart."""

    units = serializers.IntegerField()


class DroppedLineBody(LineNameBody):
    """Units that did not come along."""

    units = serializers.IntegerField()
    reason = serializers.CharField(help_text="not_available, out_of_stock, quantity_limit or too_many_lines")


class RepricedLineBody(LineNameBody):
    """A line of which one unit costs something else than when she last saw it."""

    old = MoneyBody()
    new = MoneyBody()


class Session(StoreView):
    """The shopper in this browser."""

    request_headers = (API_KEY, CART_SECRET)

    class Input(inputs.Input):
        """The cart that was filled before signing in; a page's cookie names it by itself."""

        cart_id = inputs.IdField(required=False)

    class Report(serializers.Serializer[Any]):
        """What became of her carts: what came along, what did not, and what costs something else now.

        `cart` is the one to go on with; null when she has none.
        """

        merged = MergedLineBody(many=True)
        dropped = DroppedLineBody(many=True)
        repriced = RepricedLineBody(many=True)
        cart = CartBody(allow_null=True)

    class Output(serializers.Serializer[Any]):
        """Who is here. `csrf` goes into X-CSRFToken of every write of a page; the cookie that belongs to it is set."""

        customer = ShopperBody(allow_null=True)
        cart = CurrentCartBody(allow_null=True)
        csrf = serializers.CharField()

    @extend_schema(responses=Output)
    def get(self, request: Request) -> Response:
        """Who is signed in, which cart she is filling, and the token that this browser's pages write with."""
        inputs.NoQuery.of(request)
        kept = find_cart(request)
        key = CartKey(
            owner_ref=caller_of(request).user_ref,
            secret_digest=digest_of(kept[1]) if kept else None,
            channel=find_market_of(request),
        )
        cart = find_current_cart(key=key, cart_id=kept[0] if kept else None, now=timezone.now())
        response = Response(
            {
                "customer": _customer(request),
                "cart": None if cart is None else {"id": cart.cart_id, "units": cart.units},
                "csrf": csrf_token(request),
            }
        )
        keep_csrf(request, response)
        return response

    @extend_schema(request=Input, responses=Report)
    def post(self, request: Request) -> Response:
        """After signing in: the guest's cart becomes the account's, and what stood in the account's joins it.

        From then on the guest's secret opens nothing. Asked again it changes nothing.
        """
        wish, caller, now = self.Input.of(request), caller_of(request), timezone.now()
        if caller.user_ref is None:
            raise NotSignedIn
        cart_id, secret = _guests_cart(request, wish.get("cart_id"))
        market = resolve_context(request)
        key = CartKey(
            owner_ref=caller.user_ref,
            secret_digest=digest_of(secret) if secret else None,
            channel=market.channel,
        )
        merger = bring_carts_together(
            key=key, cart_id=cart_id, locale=market.locale, by=caller.actor, now=now
        )
        cart = None
        if merger.cart_id is not None:
            cart = get_cart(cart_id=merger.cart_id, key=key, locale=resolve_locale(request), now=now)
        response = Response(
            {
                "merged": [asdict(line) for line in merger.merged],
                "dropped": [asdict(line) for line in merger.dropped],
                "repriced": [
                    {
                        "sku": line.sku,
                        "name": line.name,
                        "old": Money(line.old_minor, line.currency).wire(),
                        "new": Money(line.new_minor, line.currency).wire(),
                    }
                    for line in merger.repriced
                ],
                "cart": cart,
            }
        )
        if find_cart(request) is not None:
            forget(response, Jar.CART)
        return response

    @extend_schema(request=None, responses={204: None})
    def delete(self, request: Request) -> Response:
        """Sign out: the session or the token opens nothing any more, and the browser forgets carts and orders."""
        inputs.NoInput.of(request)
        caller, response = caller_of(request), Response(status=204)
        if caller.user_ref is not None:
            end_credential(request, response, now=timezone.now())
        for jar in (Jar.SESSION, Jar.CART, Jar.ORDERS):
            if jar.cookie in plain(request).COOKIES:
                forget(response, jar)
        return response


def _guests_cart(request: Request, cart_id: UUID | None) -> tuple[UUID | None, str]:
    """The cart that she filled as a guest, and its secret: of the header, else of the cookie if it is that cart's."""
    shown: str = request.META.get("HTTP_X_CART_SECRET", "")
    kept = find_cart(request)
    if shown or kept is None:
        return cart_id, shown
    return (cart_id, kept[1] if cart_id == kept[0] else "") if cart_id else kept


def _customer(request: Request) -> dict[str, str | UUID] | None:
    user = request.user
    if caller_of(request).user_ref is None or not isinstance(user, User):
        return None
    return {"id": user.public_id, "name": user.name, "email": user.email}
