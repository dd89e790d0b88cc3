"""An order's pages: all of hers, one with where it is, sending goods back, and withdrawing from the contract."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect

from config.kernel.rest import browser
from shop.site.asking import ask
from shop.site.framing import Shop, is_part, own_page, render
from shop.site.words import words_of

_MAY_BE_CANCELLED: Final = frozenset({"pending_payment", "confirmed"})
_PAYING: Final = frozenset({"wait", "sdk", "redirect"})


@own_page
def orders(request: HttpRequest, shop: Shop) -> HttpResponse:
    """Her orders: those of her account, and the guest's orders that this browser keeps."""
    customer = ask(request, "/store/v1/session")["customer"]
    return render(
        request,
        shop,
        "site/orders.html",
        {"customer": customer, "orders": list_orders(request, customer=customer)},
        paths=shop.paths("orders"),
    )


def list_orders(request: HttpRequest, *, customer: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """Those of the account, then those that the browser's cookie opens; each once, the newest first."""
    found: dict[str, dict[str, Any]] = {}
    if customer is not None:
        found = {order["id"]: order for order in ask(request, "/store/v1/orders")["items"]}
    for order_id in browser.list_orders(request):
        if str(order_id) in found:
            continue
        try:
            order = ask(request, f"/store/v1/orders/{order_id}")
        except Http404:
            continue
        found[order["id"]] = {**order, "total": order["totals"]["total"]}
    return sorted(found.values(), key=lambda order: str(order["placed_at"]), reverse=True)


@own_page
def order(request: HttpRequest, shop: Shop, order_id: UUID) -> HttpResponse:
    """One order: what was agreed, where it is, what is paid, and what she can do with it.

    A provider leads back here with parameters of its own, secrets among them: they are dropped from the address.
    """
    here = shop.reader.path("orders", str(order_id))
    if request.GET and not is_part(request):
        return HttpResponseRedirect(here)
    said = ask(request, f"/store/v1/orders/{order_id}")
    tracking = ask(request, f"/store/v1/orders/{order_id}/tracking", locale=shop.context.locale)
    return render(
        request,
        shop,
        "site/order.html#order" if is_part(request) else "site/order.html",
        {"order": said, "parcels": tracking["parcels"], "here": here, **_can(said)},
        paths=shop.paths("orders", str(order_id)),
    )


def _can(order: Mapping[str, Any]) -> dict[str, bool]:
    """What she can do with the order now; the API decides when she does it."""
    payment = order["payment"]
    pending = order["state"] == "pending_payment"
    failed = pending and bool(payment and payment.get("failure"))
    waiting = pending and not failed and bool(payment) and payment["next_action"]["type"] in _PAYING
    return {
        "can_cancel": order["state"] in _MAY_BE_CANCELLED
        and not any(line["shipped"] for line in order["lines"]),
        "can_return": any(line["returnable"] for line in order["lines"]),
        "can_withdraw": order["state"] in {"confirmed", "completed"},
        "must_pay": pending and not waiting,
        "is_waiting": waiting,
        "is_live": order["state"] != "cancelled",
    }


@own_page
def open_order(request: HttpRequest, shop: Shop) -> HttpResponse:
    """Where messages lead: the token stands behind the `#`, which no server hears; a script opens the order with it."""
    return render(request, shop, "site/open.html", {}, paths=shop.paths("orders", "open"))


@own_page
def send_back(request: HttpRequest, shop: Shop, order_id: UUID) -> HttpResponse:
    """Choose what goes back and, if she likes, say why."""
    said = ask(request, f"/store/v1/orders/{order_id}")
    return render(
        request,
        shop,
        "site/return.html",
        {
            "order": said,
            "lines": [line for line in said["lines"] if line["returnable"]],
            "staying": [line for line in said["lines"] if line["withdrawal_excluded"]],
            "reasons": words_of("return_reason").items(),
            "here": shop.reader.path("orders", str(order_id)),
        },
        paths=shop.paths("orders", str(order_id), "return"),
    )


@own_page
def withdraw_order(request: HttpRequest, shop: Shop, order_id: UUID) -> HttpResponse:
    """Withdraw from the contract of this order, in two steps (directive 2011/83/EU, article 11a)."""
    said = ask(request, f"/store/v1/orders/{order_id}")
    withdrawable = ask(request, f"/store/v1/orders/{order_id}/withdrawal")
    return render(
        request,
        shop,
        "site/withdraw_order.html",
        {"order": said, "withdrawable": withdrawable, "here": shop.reader.path("orders", str(order_id))},
        paths=shop.paths("orders", str(order_id), "withdraw"),
    )


@own_page
def withdraw(request: HttpRequest, shop: Shop) -> HttpResponse:
    """The same for anybody who knows the order's number, without signing in."""
    return render(request, shop, "site/withdraw.html", {}, paths=shop.paths("withdraw"))
