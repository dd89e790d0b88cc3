"""Who she is: signing in with a code by e-mail, and what she finds when she has."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme

from shop.site.asking import ask
from shop.site.framing import Shop, own_page, render
from shop.site.orders import list_orders


@own_page
def sign_in(request: HttpRequest, shop: Shop) -> HttpResponse:
    """Her address, then the code that was sent there."""
    then = own_path(request.GET.get("next", "")) or shop.reader.path("account")
    if ask(request, "/store/v1/session")["customer"] is not None:
        return HttpResponseRedirect(then)
    return render(request, shop, "site/sign_in.html", {"then": then}, paths=shop.paths("sign-in"))


@own_page
def account(request: HttpRequest, shop: Shop) -> HttpResponse:
    """Her orders, or the way in; a guest finds the orders that her browser keeps."""
    customer = ask(request, "/store/v1/session")["customer"]
    return render(
        request,
        shop,
        "site/account.html",
        {"customer": customer, "orders": list_orders(request, customer=customer)},
        paths=shop.paths("account"),
    )


def own_path(wanted: str) -> str:
    """The address, if it is a path of this very shop; else nothing, so that nobody is led elsewhere."""
    is_path = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if is_path else ""
