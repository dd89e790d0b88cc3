"""The checkout on one page, and the page on which an order is paid that waits for its money."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from csp.decorators import csp_update
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from config.kernel.money import Money
from orders.api import PaymentMethod, PostalAddress, list_locations, list_payment_methods
from shop.site.asking import ask
from shop.site.cart import changes_of, read_cart
from shop.site.framing import Shop, is_part, own_page, render

# What Stripe's library needs to load and to call; only the page it stands on allows it.
_STRIPE: Final = "https://js.stripe.com"
_STRIPE_POLICY: Final = {
    "script-src": [_STRIPE],
    "frame-src": [_STRIPE, "https://hooks.stripe.com"],
    "connect-src": ["https://api.stripe.com"],
    "img-src": ["https://*.stripe.com"],
}


@own_page
def checkout(request: HttpRequest, shop: Shop) -> HttpResponse:
    """Everything that an order needs, on one page; for a script that has changed something, what hangs on it."""
    session = ask(request, "/store/v1/session")
    cart = read_cart(request, shop, session)
    values: dict[str, Any] = {"cart": cart, "customer": session["customer"]}
    if cart is not None and cart["lines"]:
        path = f"/store/v1/carts/{cart['id']}"
        (group,) = ask(request, f"{path}/delivery-options")["groups"]
        labels = _labels(cart)
        values |= {
            "fields": _fields(cart, session["customer"] or {}),
            "deliveries": _with_names(group["options"], labels),
            "methods": ask(request, f"{path}/payment-methods")["methods"],
            "changes": changes_of(cart, shop.reader),
        }
    elif is_part(request):
        return HttpResponse(status=204)
    return render(
        request,
        shop,
        "site/checkout.html#choices" if is_part(request) else "site/checkout.html",
        values,
        paths=shop.paths("checkout"),
    )


def _labels(cart: Mapping[str, Any]) -> tuple[str, str] | None:
    """What is chosen, as (option, store)."""
    chosen = cart["deliveries"][0]["chosen"]
    return (chosen["option"], chosen["store"] or "") if chosen else None


def _with_names(options: Sequence[Mapping[str, Any]], chosen: tuple[str, str] | None) -> list[dict[str, Any]]:
    names = {location.code: location.name for location in list_locations()}
    return [
        {
            **option,
            "store_name": names.get(option["store"] or "", ""),
            "chosen": (option["option"], option["store"] or "") == chosen,
        }
        for option in options
    ]


def _fields(cart: Mapping[str, Any], customer: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What she is asked for, in the order and under the names by which browsers fill forms in.

    What her account knows need not be typed; it is kept in the cart with the rest. Where she lives is asked of whom
    the goods are sent to, and not of whom fetches them.
    """
    said = {**cart["contact"], **cart["address"]}
    chosen = _labels(cart)
    where = {"of_address": True, "optional": chosen is not None and bool(chosen[1])}
    rows: tuple[tuple[str, str, str, str, int, dict[str, Any]], ...] = (
        ("email", _("E-mail"), "email", "email", 254, {"inputmode": "email"}),
        ("name", _("Name"), "text", "name", 200, {}),
        ("phone", _("Telephone"), "tel", "tel", 30, {"inputmode": "tel", "optional": True}),
        ("street", _("Street and number"), "text", "street-address", 200, where),
        (
            "postcode",
            _("Postcode"),
            "text",
            "postal-code",
            12,
            {**where, "inputmode": "numeric", "short": True},
        ),
        ("city", _("Town"), "text", "address-level2", 100, {**where, "short": True}),
    )
    return [
        {
            "name": name,
            "label": label,
            "type": kind,
            "autocomplete": autocomplete,
            "most": most,
            "kept": said[name],
            "value": said[name] or customer.get(name, ""),
            **more,
        }
        for name, label, kind, autocomplete, most, more in rows
    ]


def uses_stripes_library() -> bool:
    """Whether cards are paid in Stripe's own fields: with a real account. The stand-in has a page of its own."""
    return bool(settings.STRIPE_PUBLISHABLE_KEY) and settings.STRIPE_API_BASE == settings.STRIPE_OWN_API_BASE


@own_page
def pay(request: HttpRequest, shop: Shop, order_id: UUID) -> HttpResponse:
    """Pay an order that waits for its money: the first time in Stripe's fields, or once more after a failure."""
    order = ask(request, f"/store/v1/orders/{order_id}")
    if order["state"] != "pending_payment":
        return HttpResponseRedirect(shop.reader.path("orders", str(order_id)))
    return (_pay_in_stripes_fields if uses_stripes_library() else _pay_elsewhere)(request, shop, order)


def _pay_elsewhere(request: HttpRequest, shop: Shop, order: Mapping[str, Any]) -> HttpResponse:
    return render(
        request,
        shop,
        "site/pay.html",
        {"order": order, "methods": _methods_for(order), "with_library": uses_stripes_library()},
        paths=shop.paths("pay", order["id"]),
    )


def _methods_for(order: Mapping[str, Any]) -> tuple[PaymentMethod, ...]:
    """Every way to pay this order, and why one of them would be refused: as it is decided when she takes one."""
    total, address = order["totals"]["total"], order["deliveries"][0]["address"]
    return list_payment_methods(
        country=address["country"],
        total_minor=Money.of(total["amount"], total["currency"]).minor,
        currency=total["currency"],
        has_address=PostalAddress(**address).is_complete,
    )


# This page alone may load what Stripe's library needs.
_pay_in_stripes_fields: Final[Callable[..., HttpResponse]] = csp_update(_STRIPE_POLICY)(_pay_elsewhere)  # type: ignore[arg-type, assignment]
