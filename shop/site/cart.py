"""The cart's page: what is in it and who put it there, what has changed since she last looked, who sees it with her."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from orders.api import list_locations
from shop.site.asking import ask
from shop.site.framing import Shop, is_part, own_page, render
from shop.site.reading import Reader

# What accepting the present prices and days settles; the rest she changes herself.
_ACCEPTABLE = frozenset({"price_changed", "promise_changed"})


def read_cart(request: HttpRequest, shop: Shop, session: Mapping[str, Any]) -> dict[str, Any] | None:
    """The cart that she is filling, in the page's language, with the stores' names; None where there is none."""
    if session["cart"] is None:
        return None
    cart = ask(request, f"/store/v1/carts/{session['cart']['id']}", locale=shop.context.locale)
    names = {location.code: location.name for location in list_locations()}
    touched = [line["added_by"] for line in cart["lines"]]
    for somebody in (*touched, *cart["actors"], *filter(None, [cart["handed_back"]])):
        somebody["store_name"] = names.get(somebody["store"], somebody["store"])
    return cart


def units_in(cart: Mapping[str, Any] | None) -> int:
    """How many pieces it holds."""
    return sum(line["quantity"] for line in cart["lines"]) if cart else 0


def changes_of(cart: Mapping[str, Any], reader: Reader) -> list[dict[str, Any]]:
    """What has changed since her last write, each as a sentence."""
    names = {line["id"]: line["name"] for line in cart["lines"]}
    return [
        {**change, "text": _sentence(change, names.get(change.get("line_id", ""), ""), reader)}
        for change in cart["changes"]
    ]


@own_page
def cart(request: HttpRequest, shop: Shop) -> HttpResponse:
    """The cart as it is now; the part inside the frame for a script that has changed it."""
    said = read_cart(request, shop, ask(request, "/store/v1/session"))
    changes = changes_of(said, shop.reader) if said else []
    return render(
        request,
        shop,
        "site/cart.html#cart" if is_part(request) else "site/cart.html",
        {
            "cart": said,
            "units": units_in(said),
            "changes": changes,
            "can_accept": any(change["code"] in _ACCEPTABLE for change in changes),
        },
        paths=shop.paths("cart"),
    )


def _sentence(change: Mapping[str, Any], name: str, reader: Reader) -> str:
    """One change in words."""
    match change["code"]:
        case "price_changed":
            sums = {"old": reader.money(change["old"]), "new": reader.money(change["new"])}
            if name:
                return _("%(name)s costs %(new)s now, and not %(old)s.") % {"name": name, **sums}
            return _("The delivery costs %(new)s now, and not %(old)s.") % sums
        case "promise_changed":
            return _("The delivery would be there %(new)s, and not %(old)s.") % {
                "old": reader.days(change["old"]),
                "new": reader.days(change["new"]),
            }
        case "out_of_stock" if change.get("available"):
            return _("Of %(name)s only %(units)s can be had.") % {"name": name, "units": change["available"]}
        case "out_of_stock":
            return _("%(name)s is sold out.") % {"name": name}
        case "delivery_not_available":
            return _("The delivery that you chose is not available any more. Choose another one.")
        case _:
            return _("%(name)s is not sold any more. Take it out.") % {"name": name}
