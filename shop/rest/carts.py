"""/store/v1/carts: the shopper's cart, from the empty one to the order."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from config.kernel.money import Money
from config.kernel.rest import inputs
from config.kernel.rest.access import StoreView, caller_of
from config.kernel.rest.authentication import digest_of
from config.kernel.rest.bodies import MoneyBody
from config.kernel.rest.browser import is_page, keep_cart, keep_order
from config.kernel.rest.headers import (
    ACCEPT_LANGUAGE,
    API_KEY,
    CART_SECRET,
    IDEMPOTENCY_KEY,
    IF_MATCH,
    IF_MATCH_OPTIONAL,
)
from config.kernel.rest.once import answered, once_from
from config.kernel.rest.preconditions import if_match_or_none
from orders.api import (
    OutOfStock,
    PaymentMethodUnavailable,
    PaymentMismatch,
    PromiseChanged,
    list_payment_methods,
    order_secret,
)
from shop.cart import services as carts
from shop.cart.queries import CartKey, get_open_to, view_cart
from shop.checkout import services as checkout
from shop.checkout.paying import place_and_pay
from shop.checkout.queries import list_deliveries, read_basket
from shop.checkout.rules import LEGAL_NOTICES, PlaceWish
from shop.rest.cart_bodies import CartBody, DeliveryOptionsBody, cart_answer, shopper_key
from shop.rest.context import resolve_context, resolve_locale

CART_REFUSALS = (carts.CartConsumed, carts.CartMerged, carts.CurrencyMismatch)


class Carts(StoreView):
    """Open a cart."""

    request_headers = (API_KEY,)

    @extend_schema(request=inputs.NoInput, responses={201: CartBody})
    def post(self, request: Request) -> Response:
        """An empty cart in the market that the key or the host names. A guest gets its secret, this once."""
        inputs.NoInput.of(request)
        market, now = resolve_context(request), timezone.now()
        change = carts.create_cart(
            market=carts.NewCart(
                channel=market.channel, currency=market.currency, country=market.country, locale=market.locale
            ),
            owner_ref=caller_of(request).user_ref,
            by=caller_of(request).actor,
            now=now,
        )
        key = shopper_key(request)
        if change.secret is not None:
            key = CartKey(secret_digest=digest_of(change.secret))
        response = cart_answer(
            request,
            cart_id=change.cart_id,
            key=key,
            now=now,
            status=201,
            secret=change.secret,
            view=change.view,
        )
        if change.secret is not None and is_page(request):
            keep_cart(response, cart_id=change.cart_id, secret=change.secret)
        response["Location"] = f"/store/v1/carts/{change.cart_id}"
        return response


class CartQuery(inputs.Query):
    """In which language the cart is read; else `Accept-Language`, else the one it was opened in."""

    locale = inputs.CodeField(max_length=20, required=False)


class Cart(StoreView):
    """Read a cart, or say who it is for."""

    request_headers = (CART_SECRET, IF_MATCH_OPTIONAL)
    refusals = (*CART_REFUSALS, checkout.CountryNotServed)

    class Input(inputs.Input):
        """Contact and address; a field that is left out stays as it is, `{}` accepts the current prices."""

        email = inputs.EmailField(required=False)
        name = inputs.TextField(max_length=200, required=False)
        phone = inputs.TextField(max_length=30, required=False)
        street = inputs.TextField(max_length=200, required=False)
        postcode = inputs.PostcodeField(required=False)
        city = inputs.TextField(max_length=100, required=False)
        country = inputs.CountryField(required=False)

    @extend_schema(parameters=[CartQuery], responses=CartBody)
    def get(self, request: Request, cart_id: UUID) -> Response:
        """The cart as it is now, with what is missing and what has changed."""
        CartQuery.of(request)
        return cart_answer(request, cart_id=cart_id, key=shopper_key(request), now=timezone.now())

    @extend_schema(request=Input, responses=CartBody)
    def patch(self, request: Request, cart_id: UUID) -> Response:
        """Set contact and address; any write stores the current prices."""
        details = checkout.Details(**self.Input.of(request))
        key, now = shopper_key(request), timezone.now()
        changed = checkout.change_details(
            cart_id=cart_id,
            key=key,
            details=details,
            version=if_match_or_none(request),
            by=caller_of(request).actor,
            now=now,
        )
        return cart_answer(request, cart_id=cart_id, key=key, now=now, view=changed.view)


class LineInput(inputs.Input):
    """So many units of one article. Prices are the server's business."""

    sku = inputs.CodeField(max_length=100)
    quantity = inputs.QuantityField()


class QuantityInput(inputs.Input):
    """How many units the line holds from now on."""

    quantity = inputs.QuantityField()


class CartLines(StoreView):
    """Put articles into the cart."""

    request_headers = (CART_SECRET, IDEMPOTENCY_KEY, IF_MATCH_OPTIONAL)
    refusals = (*CART_REFUSALS, carts.NotAvailable)

    @extend_schema(request=LineInput, responses={201: CartBody})
    def post(self, request: Request, cart_id: UUID) -> Response:
        """Add units; the same article shares a line. The answer is the whole cart."""
        wish, once = LineInput.of(request), once_from(request)
        key, now = shopper_key(request), timezone.now()
        changed = carts.add_line.once(
            once,
            cart_id=cart_id,
            key=key,
            **wish,
            version=if_match_or_none(request),
            by=caller_of(request).actor,
            now=now,
        )
        return cart_answer(request, cart_id=cart_id, key=key, now=now, once=once, view=changed.view)


class CartLine(StoreView):
    """Change or remove one line."""

    request_headers = (CART_SECRET, IDEMPOTENCY_KEY, IF_MATCH_OPTIONAL)
    refusals = CART_REFUSALS

    @extend_schema(request=QuantityInput, responses=CartBody)
    def patch(self, request: Request, cart_id: UUID, line_id: UUID) -> Response:
        """Set how many units the line holds."""
        wish, once = QuantityInput.of(request), once_from(request, status=200)
        key, now = shopper_key(request), timezone.now()
        changed = carts.set_quantity.once(
            once,
            cart_id=cart_id,
            key=key,
            line_id=line_id,
            **wish,
            version=if_match_or_none(request),
            by=caller_of(request).actor,
            now=now,
        )
        return cart_answer(request, cart_id=cart_id, key=key, now=now, once=once, view=changed.view)

    @extend_schema(request=None, responses={200: CartBody})
    def delete(self, request: Request, cart_id: UUID, line_id: UUID) -> Response:
        """Take the line out."""
        inputs.NoInput.of(request)
        once, key, now = once_from(request, status=200), shopper_key(request), timezone.now()
        changed = carts.remove_line.once(
            once,
            cart_id=cart_id,
            key=key,
            line_id=line_id,
            version=if_match_or_none(request),
            by=caller_of(request).actor,
            now=now,
        )
        return cart_answer(request, cart_id=cart_id, key=key, now=now, once=once, view=changed.view)


class CartDeliveryOptions(StoreView):
    """How the cart can be delivered."""

    request_headers = (CART_SECRET,)

    class Output(serializers.Serializer[Any]):
        """One entry per group of lines that leaves together."""

        groups = DeliveryOptionsBody(many=True)

    @extend_schema(parameters=[CartQuery], responses=Output)
    def get(self, request: Request, cart_id: UUID) -> Response:
        """Cost and time of every option, for the cart's postcode when it has one, and why it cannot be chosen."""
        CartQuery.of(request)
        now = timezone.now()
        cart = get_open_to(cart_id=cart_id, key=shopper_key(request), now=now)
        cart.locale = resolve_locale(request) or cart.locale
        return Response({"groups": list_deliveries(cart=cart, now=now)})


class CartDelivery(StoreView):
    """Choose how one group of lines is delivered."""

    request_headers = (CART_SECRET, IDEMPOTENCY_KEY, IF_MATCH_OPTIONAL)
    refusals = (*CART_REFUSALS, checkout.ShippingNotAvailable)

    class Input(inputs.Input):
        """One of the options that were offered; with the store, where the goods are fetched in one."""

        option = inputs.CodeField(max_length=50)
        store = inputs.CodeField(max_length=50, required=False)

    @extend_schema(request=Input, responses=CartBody)
    def put(self, request: Request, cart_id: UUID, group: str) -> Response:
        """Take an option at its present price."""
        wish, once = self.Input.of(request), once_from(request, status=200)
        key, now = shopper_key(request), timezone.now()
        changed = checkout.choose_delivery.once(
            once,
            cart_id=cart_id,
            key=key,
            group=group,
            **wish,
            version=if_match_or_none(request),
            by=caller_of(request).actor,
            now=now,
        )
        return cart_answer(request, cart_id=cart_id, key=key, now=now, once=once, view=changed.view)


class CartPaymentMethods(StoreView):
    """How the cart can be paid."""

    request_headers = (CART_SECRET,)

    class Output(serializers.Serializer[Any]):
        """Every way to pay, and why one is not available now."""

        class Method(serializers.Serializer[Any]):
            """A way to pay."""

            code = serializers.CharField()
            available = serializers.BooleanField()
            reason = serializers.CharField(allow_null=True)

        methods = Method(many=True)

    @extend_schema(responses=Output)
    def get(self, request: Request, cart_id: UUID) -> Response:
        """What this cart can be paid with, and why not."""
        inputs.NoQuery.of(request)
        now = timezone.now()
        cart = get_open_to(cart_id=cart_id, key=shopper_key(request), now=now)
        basket = read_basket(view=view_cart(cart=cart, now=now))
        methods = list_payment_methods(
            country=basket.cart.country,
            total_minor=basket.goods_minor + basket.delivery_minor,
            currency=basket.cart.currency,
            has_address=basket.cart.has_address or not basket.cart.is_fetched,
        )
        return Response(
            {"methods": [asdict(method) | {"reason": method.reason or None} for method in methods]}
        )


class PaymentActionBody(serializers.Serializer[Any]):
    """What her device does next.

    `none`: nothing. `sdk`: go on with the secret and the key in the provider's library, or at the URL where there is
    one. `redirect`: go to the URL. `wait`: ask the order again soon.
    """

    type = serializers.CharField()
    client_secret = serializers.CharField(required=False)
    publishable_key = serializers.CharField(required=False)
    url = serializers.CharField(required=False)


class PaymentBody(serializers.Serializer[Any]):
    """How the payment stands and what comes next."""

    attempt_id = serializers.UUIDField()
    method = serializers.CharField()
    status = serializers.CharField()
    next_action = PaymentActionBody()


class PlaceCart(StoreView):
    """Turn the cart into an order."""

    is_about_paying = True
    request_headers = (CART_SECRET, IDEMPOTENCY_KEY, IF_MATCH, ACCEPT_LANGUAGE)
    write_rate = "store.checkout"
    refusals = (
        *CART_REFUSALS,
        carts.NotAvailable,
        checkout.LegalNoticeRequired,
        checkout.RequirementsMissing,
        checkout.PriceChanged,
        checkout.ShippingNotAvailable,
        PaymentMethodUnavailable,
        PaymentMismatch,
        OutOfStock,
        PromiseChanged,
    )

    class Input(inputs.Input):
        """How it shall be paid, and the legal notices that she acknowledges: `terms` and `withdrawal`."""

        payment_method = inputs.CodeField(max_length=30)
        acknowledgements = inputs.ListField(
            child=inputs.ChoiceField(choices=LEGAL_NOTICES), max_length=10, required=False
        )

    class Output(serializers.Serializer[Any]):
        """The order; a guest needs its `secret` to look at it again."""

        id = serializers.UUIDField()
        number = serializers.CharField()
        state = serializers.CharField()
        total = MoneyBody()
        secret = serializers.CharField(
            required=False, allow_null=True, help_text="Null where a page asked: its cookie has it."
        )
        payment = PaymentBody()

    @extend_schema(request=Input, responses={201: Output})
    def post(self, request: Request, cart_id: UUID) -> Response:
        """Place the order: all of it or nothing, once per key and once per cart; in the language of the request."""
        wish, once = self.Input.of(request), once_from(request)
        receipt = place_and_pay(
            once=once,
            cart_id=cart_id,
            key=shopper_key(request),
            version=if_match_or_none(request),
            wish=PlaceWish(
                payment_method=wish["payment_method"],
                acknowledgements=tuple(wish.get("acknowledgements", ())),
                locale=resolve_locale(request),
            ),
            by=caller_of(request).actor,
            now=timezone.now(),
        )
        body = {
            "id": receipt.order_id,
            "number": receipt.number,
            "state": receipt.state,
            "total": Money(receipt.total_minor, receipt.currency),
            "payment": receipt.payment.wire(),
        }
        secret = order_secret(order_id=receipt.order_id) if receipt.for_guest else None
        if secret is not None:
            body["secret"] = None if is_page(request) else secret
        response = answered(once, body, headers={"Location": f"/store/v1/orders/{receipt.order_id}"})
        if secret is not None and is_page(request):
            keep_order(request, response, order_id=receipt.order_id, secret=secret)
        return response
