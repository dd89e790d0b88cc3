"""The authorisation matrix: for every route, what each kind of caller gets. `docs/authorisation.md` is written from it.

Deny by default has two halves: a view that declares no callers lets nobody in (`config.kernel.rest.access`), and a
route without a row here fails the build. A row says how a valid request is made; `test_authorisation.py` sends it as
everybody. Rewrite the page with `make docs-authorisation`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import TYPE_CHECKING, Any, Final

from tests.architecture.routes import Route
from tests.callers import etag
from tests.factories.goods import CHANNEL, CUSHION, SAND

if TYPE_CHECKING:
    from tests.architecture.stage import Stage


class Principal(StrEnum):
    """Who calls. The store's objects are shopper A's, but for the two guests', where they are the first guest's."""

    ANONYMOUS = "anonymous"
    GUEST = "guest"
    OTHER_GUEST = "other guest"
    SHOPPER_A = "shopper A"
    SHOPPER_B = "shopper B"
    CLERK_X = "clerk X"
    CLERK_Y = "clerk Y"
    MERCHANDISER = "merchandiser"
    SYSTEM = "system key"
    OPERATOR = "operator"


WHO_THEY_ARE: Final[Mapping[Principal, str]] = {
    Principal.ANONYMOUS: "nobody in particular: no credential at all",
    Principal.GUEST: "holds the secret of the cart or order in question",
    Principal.OTHER_GUEST: "holds the secrets of another cart and another order",
    Principal.SHOPPER_A: "signed in; the cart or order in question is hers",
    Principal.SHOPPER_B: "signed in; it is not hers",
    Principal.CLERK_X: "signed in for the staff's part; works where the order is packed, and the cart was handed to him",
    Principal.CLERK_Y: "signed in for the staff's part; works in another store",
    Principal.MERCHANDISER: "signed in for the PIM, with the right to publish",
    Principal.SYSTEM: "an integration's key with every scope there is",
    Principal.OPERATOR: "signed in to Django's admin",
}


class Cell(Enum):
    """What a caller gets: status and the problem's code; the value is how the page shows it."""

    YES = "yes"
    NOT_SIGNED_IN = "401"
    NO_TICKET = "401 "
    NOT_ALLOWED = "403"
    ABSENT = "404"
    NO_SUCH_METHOD = "405"
    SIGN_IN_PAGE = "sign in"
    START_PAGE = "start"

    @property
    def shown(self) -> str:
        """As the page shows it."""
        return self.value.strip()


REFUSALS: Final = {
    Cell.NOT_SIGNED_IN: (401, "not_authenticated"),
    Cell.NO_TICKET: (401, "invalid_stream_ticket"),
    Cell.NOT_ALLOWED: (403, "not_allowed"),
    Cell.ABSENT: (404, "not_found"),
}

P, C = Principal, Cell
Cells = Mapping[Principal, Cell]


def _cells(**given: Cell) -> Cells:
    """Cells by the principals' names; `others` is everybody else."""
    others = given.pop("others", None)
    cells = {principal: given.get(principal.name.lower(), others) for principal in Principal}
    assert all(cells.values()), "a cell is missing"
    return cells  # type: ignore[return-value]


EVERYBODY: Final = _cells(others=C.YES)
# A token of another part of the API is no token at all.
_WRONG_TOKEN: Final = dict.fromkeys(("clerk_x", "clerk_y", "merchandiser", "system"), C.NOT_SIGNED_IN)
SHOPPERS: Final = _cells(**_WRONG_TOKEN, others=C.YES)
ITS_OWNER: Final = _cells(**_WRONG_TOKEN, guest=C.YES, shopper_a=C.YES, others=C.ABSENT)
CLERKS: Final = _cells(clerk_x=C.YES, clerk_y=C.YES, others=C.NOT_SIGNED_IN)
HIS_CLERK: Final = _cells(clerk_x=C.YES, clerk_y=C.ABSENT, others=C.NOT_SIGNED_IN)
MERCHANDISERS: Final = _cells(merchandiser=C.YES, others=C.NOT_SIGNED_IN)
INTEGRATIONS: Final = _cells(system=C.YES, others=C.NOT_SIGNED_IN)
NOBODY_WITHOUT_TICKET: Final = _cells(others=C.NO_TICKET)
OPERATORS: Final = _cells(operator=C.YES, others=C.SIGN_IN_PAGE)
NOT_EVEN_OPERATORS: Final = _cells(operator=C.NOT_ALLOWED, others=C.SIGN_IN_PAGE)
SIGNING_IN: Final = _cells(operator=C.START_PAGE, others=C.YES)
SIGNING_OUT: Final = _cells(operator=C.YES, others=C.START_PAGE)


@dataclass(frozen=True)
class Call:
    """A valid request, but for its credentials. `ids` are those of the object in question that stand in the path."""

    path: str
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Row:
    """One route: what it does, what everybody gets, and how to ask for it."""

    route: Route
    does: str
    cells: Cells
    call: Callable[["Stage"], Call]


_rows: list[Row] = []


def _row(
    method: str,
    path: str,
    does: str,
    cells: Cells,
    body: Callable[["Stage"], Any] | None = None,
    headers: Callable[["Stage"], Mapping[str, str]] | None = None,
    **ids: Callable[["Stage"], Any],
) -> None:
    """`ids` fill the path's template; by default `cart_id` and `order_id` are those of the stage's objects."""

    def call(stage: "Stage") -> Call:
        filled = {name: value(stage) for name, value in ids.items()}
        return Call(
            path=stage.fill(path, filled),
            body=body(stage) if body else None,
            headers=headers(stage) if headers else {},
        )

    _rows.append(Row(route=Route(path=path, method=method), does=does, cells=cells, call=call))


def _cart_etag(stage: "Stage") -> Mapping[str, str]:
    return {"If_Match": etag(stage.cart.body["version"])}


def _sofa_line(stage: "Stage") -> str:
    return str(stage.cart.body["lines"][0]["id"])


def _store_rows() -> None:
    cart = "/store/v1/carts/{cart_id}"
    _row("GET", "/store/v1/categories", "read the menu", SHOPPERS)
    _row("GET", "/store/v1/products", "list products", SHOPPERS)
    _row("GET", "/store/v1/products/{slug}", "read a product", SHOPPERS, slug=lambda stage: stage.slug)
    _row("POST", "/store/v1/carts", "open a cart", SHOPPERS)
    _row("GET", cart, "read a cart", ITS_OWNER)
    _row("PATCH", cart, "say who it is for", ITS_OWNER, body=lambda stage: {"city": "Espoo"})
    _row("POST", f"{cart}/lines", "add an article", ITS_OWNER, body=lambda stage: {"sku": CUSHION, "quantity": 1})
    line = f"{cart}/lines/{{line_id}}"
    _row("PATCH", line, "change a line", ITS_OWNER, body=lambda stage: {"quantity": 2}, line_id=_sofa_line)
    _row("DELETE", line, "remove a line", ITS_OWNER, line_id=_sofa_line)
    _row("GET", f"{cart}/delivery-options", "ask how it can travel", ITS_OWNER)
    _row(
        "PUT",
        f"{cart}/deliveries/{{group}}",
        "choose a delivery",
        ITS_OWNER,
        body=lambda stage: {"option": "parcel"},
        group=lambda stage: "main",
    )
    _row("GET", f"{cart}/payment-methods", "ask how it can be paid", ITS_OWNER)
    _row(
        "POST",
        f"{cart}/place",
        "place the order",
        ITS_OWNER,
        body=lambda stage: {"payment_method": "invoice"},
        headers=_cart_etag,
    )
    _row("POST", f"{cart}/hand-over-codes", "make a code for a clerk", ITS_OWNER)
    _row("POST", f"{cart}/take-back", "end the clerks' right to it", ITS_OWNER)
    _row("POST", f"{cart}/stream-tickets", "ask to watch it", ITS_OWNER)
    _row("GET", f"{cart}/stream", "watch it; the ticket is the credential", NOBODY_WITHOUT_TICKET)
    _row("GET", "/store/v1/orders/{order_id}", "read an order", ITS_OWNER)
    _row(
        "POST",
        "/store/v1/orders/{order_id}/returns",
        "announce a return",
        ITS_OWNER,
        body=lambda stage: {"lines": [{"line_id": stage.shipped_line, "quantity": 1}]},
        order_id=lambda stage: stage.shipped.order_id,
    )


def _staff_rows() -> None:
    cart = "/staff/v1/carts/{cart_id}"
    _row(
        "POST", "/staff/v1/carts/open", "open a cart by the shopper's code", CLERKS, lambda stage: {"code": stage.code}
    )
    _row("GET", cart, "read a cart that was handed over", HIS_CLERK)
    _row("POST", f"{cart}/lines", "add an article", HIS_CLERK, body=lambda stage: {"sku": SAND, "quantity": 1})
    line = f"{cart}/lines/{{line_id}}"
    _row("PATCH", line, "change a line", HIS_CLERK, lambda stage: {"quantity": 2}, _cart_etag, line_id=_sofa_line)
    _row("DELETE", line, "remove a line", HIS_CLERK, headers=_cart_etag, line_id=_sofa_line)
    _row("POST", f"{cart}/close", "give the cart back", HIS_CLERK)
    _row("POST", f"{cart}/stream-tickets", "ask to watch it", HIS_CLERK)
    _row("GET", f"{cart}/stream", "watch it; the ticket is the credential", NOBODY_WITHOUT_TICKET)
    _row("GET", "/staff/v1/orders/{order_id}", "read an order that leaves from here", HIS_CLERK)
    _row("POST", "/staff/v1/orders/{order_id}/parcels", "send goods away", HIS_CLERK)
    for step, does in (("receive", "take goods back"), ("credit", "give the money back")):
        _row(
            "POST",
            f"/staff/v1/returns/{{return_id}}/{step}",
            does,
            HIS_CLERK,
            return_id=lambda stage, step=step: stage.announced_return if step == "receive" else stage.received_return,
        )


def _other_rows() -> None:
    product = "/pim/v1/products/{product_id}"
    _row("GET", "/pim/v1/products", "list products", MERCHANDISERS)
    _row("GET", product, "read a product", MERCHANDISERS)
    _row(
        "PATCH",
        product,
        "change it",
        MERCHANDISERS,
        body=lambda stage: {"categories": {"sofas": 2}},
        headers=lambda stage: {"If_Match": etag(stage.product_version)},
    )
    _row(
        "POST",
        "/pim/v1/imports",
        "bring a catalogue in",
        MERCHANDISERS,
        body=lambda stage: {"set": stage.set_to_import},
    )
    one_import = "/pim/v1/imports/{import_id}"
    begun = {"import_id": lambda stage: stage.begun_import}
    _row("GET", one_import, "see how far it has come", MERCHANDISERS, **begun)
    _row("GET", f"{one_import}/refusals", "see what it refused", MERCHANDISERS, **begun)
    words = {
        "/pim/v1/attributes/{attribute}": {"attribute": "fabric"},
        "/pim/v1/attributes/{attribute}/options/{option}": {"attribute": "fabric", "option": "sand"},
        "/pim/v1/categories/{category}": {"category": "sofas"},
    }
    for path, codes in words.items():
        ids = {name: lambda stage, code=code: code for name, code in codes.items()}
        thing = path.rpartition("{")[2].rstrip("}")
        _row("GET", path, f"read what the {thing} is called", MERCHANDISERS, **ids)
        _row(
            "PATCH",
            path,
            f"call the {thing} something else",
            MERCHANDISERS,
            body=lambda stage: {"labels": {"en": "Something else"}},
            headers=lambda stage: {"If_Match": etag(1)},
            **ids,
        )
    _row(
        "POST",
        f"{product}/publish",
        "publish it to a channel",
        MERCHANDISERS,
        body=lambda stage: {"channel": CHANNEL},
        headers=lambda stage: {"If_Match": etag(stage.product_version)},
    )
    _row("GET", "/system/v1/events", "read the event log", INTEGRATIONS)
    _row("GET", "/system/v1/customers/{customer_id}", "read a customer's record", INTEGRATIONS)
    _row("GET", "/api/", "read about the API", EVERYBODY)
    _row("GET", "/api/openapi.json", "read its description", EVERYBODY)
    _row("GET", "/api/problems/{code}", "read about a problem", EVERYBODY, code=lambda stage: "not_found")
    _row("GET", "/media/{file}", "look at a picture", EVERYBODY, file=lambda stage: stage.picture)
    _row("GET", "/health/live", "ask whether the process answers", EVERYBODY)
    _row("GET", "/health/ready", "ask whether it can work", EVERYBODY)
    _row("GET", "/metrics", "read the figures, from `METRICS_ALLOWED` networks only", EVERYBODY)


def _admin_rows() -> None:
    model = "/admin/{app}/{model}"
    for method in ("GET", "POST"):
        _row(method, "/admin/login/", "the sign-in page", SIGNING_IN)
        _row(method, "/admin/", "the admin's start", OPERATORS)
        _row(method, f"{model}/add/", "add a row", NOT_EVEN_OPERATORS)
        _row(method, f"{model}/{{object_id}}/delete/", "delete a row", NOT_EVEN_OPERATORS)


for _add in (_store_rows, _staff_rows, _other_rows, _admin_rows):
    _add()

ROWS: Final = tuple(_rows)
