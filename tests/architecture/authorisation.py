"""The authorisation matrix: for every route, what each kind of caller gets. `docs/authorisation.md` is written from it.

Deny by default has two halves: a view that declares no callers lets nobody in (`config.kernel.rest.access`), and a
route without a row here fails the build. A row says how a valid request is made; `test_authorisation.py` sends it as
everybody. Rewrite the page with `make docs-authorisation`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from tests.architecture.routes import Route
from tests.callers import etag
from tests.factories.goods import CHANNEL, CUSHION, SAND
from tests.wire import ON_INVOICE

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
    Principal.CLERK_X: "signed in for the staff's part; the order leaves from his store, the cart was handed to him",
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
    LOST = "404 "
    NO_SUCH_METHOD = "405"
    NOT_SIGNED = "400"
    SIGN_IN_PAGE = "sign in"
    ELSEWHERE = "moved"
    CODE_SENT = "code sent"
    NO_CODE = "409"

    @property
    def shown(self) -> str:
        """As the page shows it."""
        return self.value.strip()


REFUSALS: Final = {
    Cell.NOT_SIGNED_IN: (401, "not_authenticated"),
    Cell.NO_TICKET: (401, "invalid_stream_ticket"),
    Cell.NOT_ALLOWED: (403, "not_allowed"),
    Cell.ABSENT: (404, "not_found"),
    Cell.NOT_SIGNED: (400, "bad_signature"),
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
# A tablet asks before a clerk has unlocked it; what it shows is told by the device's own secret.
TABLETS: Final = _cells(
    **dict.fromkeys(("shopper_a", "shopper_b", "merchandiser", "system"), C.NOT_SIGNED_IN), others=C.YES
)
HIS_CLERK: Final = _cells(clerk_x=C.YES, clerk_y=C.ABSENT, others=C.NOT_SIGNED_IN)
MERCHANDISERS: Final = _cells(merchandiser=C.YES, others=C.NOT_SIGNED_IN)
INTEGRATIONS: Final = _cells(system=C.YES, others=C.NOT_SIGNED_IN)
NOBODY_WITHOUT_TICKET: Final = _cells(others=C.NO_TICKET)
NOBODY_WITHOUT_SIGNATURE: Final = _cells(others=C.NOT_SIGNED)


def _operators(cell: Cell) -> Cells:
    """What an operator gets, where everybody else is sent to the sign-in page."""
    return _cells(operator=cell, others=C.SIGN_IN_PAGE)


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
    *,
    body: Any = None,
    headers: Any = None,
    query: Any = None,
    **ids: Any,
) -> None:
    """A row; what is a function here is asked on stage. The ids in the path are the owner's, unless `ids` says so."""

    def call(stage: "Stage") -> Call:
        def on_stage(given: Any) -> Any:
            return given(stage) if callable(given) else given

        filled = {name: on_stage(given) for name, given in ids.items()}
        asked = f"?{urlencode(words)}" if (words := on_stage(query)) else ""
        return Call(
            path=f"{stage.fill(path, filled)}{asked}", body=on_stage(body), headers=on_stage(headers) or {}
        )

    _rows.append(Row(route=Route(path=path, method=method), does=does, cells=cells, call=call))


def _cart_etag(stage: "Stage") -> Mapping[str, str]:
    return {"If_Match": etag(stage.cart.body["version"])}


def _sofa_line(stage: "Stage") -> str:
    return str(stage.cart.body["lines"][0]["id"])


def _store_rows() -> None:
    cart = "/store/v1/carts/{cart_id}"
    _row("GET", "/store/v1/session", "ask who one is here, and for a page's CSRF token", SHOPPERS)
    _row("GET", "/store/v1/categories", "read the menu", SHOPPERS)
    _row("GET", "/store/v1/products", "list products", SHOPPERS)
    _row("GET", "/store/v1/products/{slug}", "read a product", SHOPPERS, slug=lambda stage: stage.slug)
    _row("GET", "/store/v1/delivery-promises", "ask what a delivery costs", SHOPPERS)
    _row("POST", "/store/v1/carts", "open a cart", SHOPPERS)
    _row("GET", cart, "read a cart", ITS_OWNER)
    _row("PATCH", cart, "say who it is for", ITS_OWNER, body={"city": "Espoo"})
    _row(
        "POST",
        f"{cart}/reopen",
        "fill a new cart with what a cancelled order held",
        ITS_OWNER,
        cart_id=lambda stage: stage.cancelled_cart,
    )
    _row(
        "POST",
        f"{cart}/lines",
        "add an article",
        ITS_OWNER,
        body={"sku": CUSHION, "quantity": 1},
    )
    line = f"{cart}/lines/{{line_id}}"
    _row("PATCH", line, "change a line", ITS_OWNER, body={"quantity": 2}, line_id=_sofa_line)
    _row("DELETE", line, "remove a line", ITS_OWNER, line_id=_sofa_line)
    _row("GET", f"{cart}/delivery-options", "ask how it can travel", ITS_OWNER)
    _row(
        "PUT",
        f"{cart}/deliveries/{{group}}",
        "choose a delivery",
        ITS_OWNER,
        body={"option": "parcel"},
        group="main",
    )
    _row("GET", f"{cart}/payment-methods", "ask how it can be paid", ITS_OWNER)
    _row(
        "POST",
        f"{cart}/place",
        "place the order",
        ITS_OWNER,
        body=ON_INVOICE,
        headers=_cart_etag,
    )
    _row("POST", f"{cart}/hand-over-codes", "make a code for a clerk", ITS_OWNER)
    _row("POST", f"{cart}/take-back", "end the clerks' right to it", ITS_OWNER)
    _row("POST", f"{cart}/stream-tickets", "ask to watch it", ITS_OWNER)
    _row("GET", f"{cart}/stream", "watch it; the ticket is the credential", NOBODY_WITHOUT_TICKET)
    _row("GET", "/store/v1/orders/{order_id}", "read an order", ITS_OWNER)
    _row(
        "POST",
        "/store/v1/orders/{order_id}/payments",
        "pay an order that waits for its money",
        ITS_OWNER,
        body={"payment_method": "invoice"},
        order_id=lambda stage: stage.unpaid.order_id,
    )
    _row("POST", "/store/v1/orders/{order_id}/cancel", "call an order off", ITS_OWNER)
    _row(
        "POST",
        "/store/v1/orders/{order_id}/returns",
        "announce a return",
        ITS_OWNER,
        body=lambda stage: {"lines": [{"line_id": stage.shipped_line, "quantity": 1}]},
        order_id=lambda stage: stage.shipped.order_id,
    )
    withdrawal = "/store/v1/orders/{order_id}/withdrawal"
    _row("GET", withdrawal, "see what can be withdrawn from", ITS_OWNER)
    _row("POST", withdrawal, "draft a withdrawal", ITS_OWNER)
    _row(
        "POST",
        f"{withdrawal}/{{withdrawal_id}}/confirm",
        "withdraw from the contract",
        ITS_OWNER,
        withdrawal_id=lambda stage: stage.drafted,
    )
    _row(
        "POST",
        "/store/v1/withdrawals",
        "draft a withdrawal by the order's number; whether there is one is not told",
        SHOPPERS,
        body={"order_number": "00000-00000", "name": "Aino Virtanen", "email": "aino@example.fi"},
    )
    _row(
        "POST",
        "/store/v1/withdrawals/{withdrawal_id}/confirm",
        "withdraw by the order's number",
        SHOPPERS,
        withdrawal_id=lambda stage: stage.drafted_by_number,
    )
    _row(
        "POST",
        "/store/v1/orders/open",
        "open the order that a message's link leads to",
        SHOPPERS,
        body=lambda stage: {"token": stage.link_token},
    )


def _staff_rows() -> None:
    _row("GET", "/staff/v1/session", "ask which tablet this is, and for a page's CSRF token", TABLETS)
    _row(
        "POST",
        "/staff/v1/devices",
        "register a tablet by the code that an operator made",
        TABLETS,
        body=lambda stage: {"code": stage.device_code},
    )
    _row(
        "POST",
        "/staff/v1/unlock",
        "unlock a registered tablet by a PIN; device and PIN are the credentials",
        TABLETS,
        body=lambda stage: stage.clerks_pin,
        headers=lambda stage: {"X_Device_Secret": stage.device_secret},
    )
    _row("POST", "/staff/v1/lock", "lock it", TABLETS)
    cart = "/staff/v1/carts/{cart_id}"
    _row(
        "POST",
        "/staff/v1/carts/open",
        "open a cart by the shopper's code",
        CLERKS,
        body=lambda stage: {"code": stage.code},
    )
    _row("GET", "/staff/v1/carts", "see which carts are open to him", CLERKS)
    _row("GET", cart, "read a cart that was handed over", HIS_CLERK)
    _row("POST", f"{cart}/lines", "add an article", HIS_CLERK, body={"sku": SAND, "quantity": 1})
    line = f"{cart}/lines/{{line_id}}"
    _row(
        "PATCH",
        line,
        "change a line",
        HIS_CLERK,
        body={"quantity": 2},
        headers=_cart_etag,
        line_id=_sofa_line,
    )
    _row("DELETE", line, "remove a line", HIS_CLERK, headers=_cart_etag, line_id=_sofa_line)
    _row("POST", f"{cart}/close", "give the cart back", HIS_CLERK)
    _row("POST", f"{cart}/stream-tickets", "ask to watch it", HIS_CLERK)
    _row("GET", f"{cart}/stream", "watch it; the ticket is the credential", NOBODY_WITHOUT_TICKET)
    _row("GET", "/staff/v1/products", "look articles up", CLERKS, query={"sku": SAND})
    _row(
        "GET",
        "/staff/v1/orders",
        "find an order that leaves from here by its number",
        CLERKS,
        query=lambda stage: {"number": stage.owned.bought.body["number"]},
    )
    _row("GET", "/staff/v1/orders/{order_id}", "read an order that leaves from here", HIS_CLERK)
    _row("POST", "/staff/v1/orders/{order_id}/parcels", "send goods away", HIS_CLERK)
    _row(
        "POST",
        "/staff/v1/orders/{order_id}/refunds",
        "give a part of the money back",
        HIS_CLERK,
        body={"amount": {"amount": "1.00", "currency": "EUR"}},
    )
    _row(
        "GET",
        "/staff/v1/return-labels/{label_code}",
        "find a return by the code on its box",
        CLERKS,
        label_code=lambda stage: stage.label_code,
    )
    for step, does in (("receive", "take goods back"), ("credit", "give the money back")):
        _row(
            "POST",
            f"/staff/v1/returns/{{return_id}}/{step}",
            does,
            HIS_CLERK,
            return_id=lambda stage, step=step: (
                stage.announced_return if step == "receive" else stage.received_return
            ),
        )

    _row("GET", "/staff/v1/open-matters", "read what waits for a person where he works", CLERKS)
    _row(
        "POST",
        "/staff/v1/open-matters/{matter_id}/settle",
        "say what he did about it",
        HIS_CLERK,
        body={"note": "Called her."},
        matter_id=lambda stage: stage.matter,
    )


def _parcel_rows() -> None:
    tracking, parcel = "/store/v1/orders/{order_id}/tracking", "/staff/v1/parcels/{parcel_id}"
    _row("GET", tracking, "follow its parcels", ITS_OWNER)
    _row("POST", f"{tracking}/stream-tickets", "ask to follow them live", ITS_OWNER)
    _row("GET", f"{tracking}/stream", "follow them live; the ticket is the credential", NOBODY_WITHOUT_TICKET)
    _row("GET", "/staff/v1/picking-lists", "read what is to be packed where he works", CLERKS)
    place = {"place": "Aisle 4, shelf B"}
    _row(
        "PUT",
        "/staff/v1/item-places/{sku}",
        "say where an item stands where he works",
        CLERKS,
        body=place,
        sku=SAND,
    )
    _row("GET", "/staff/v1/parcels", "see what is fetched where he works", CLERKS)
    waiting = {"parcel_id": lambda stage: stage.waiting_parcel[0]}
    _row("GET", parcel, "look at a parcel that leaves from here or is fetched here", HIS_CLERK, **waiting)
    _row("POST", f"{parcel}/shelve", "let it wait here for its buyer", HIS_CLERK, **waiting)
    _row(
        "POST",
        f"{parcel}/hand-out",
        "give it to whoever shows its code",
        HIS_CLERK,
        body=lambda stage: {"code": stage.waiting_parcel[1]},
        **waiting,
    )


def _hook_rows() -> None:
    for sender in ("stripe", "easypost", "pakettikauppa"):
        _row(
            "POST", f"/hooks/v1/{sender}", "tell us something; the signature counts", NOBODY_WITHOUT_SIGNATURE
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
    for client in ("browser", "app"):
        code = f"/_allauth/{client}/v1/auth/code"
        _row(
            "POST",
            f"{code}/request",
            "have a sign-in code sent to an address",
            _cells(others=C.CODE_SENT),
            body={"email": "aino.virtanen@example.fi"},
        )
        _row(
            "POST",
            f"{code}/confirm",
            "sign in with it; who waits for none is told so",
            _cells(others=C.NO_CODE),
            body={"code": "123456"},
        )
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
        body={"channel": CHANNEL},
        headers=lambda stage: {"If_Match": etag(stage.product_version)},
    )
    _row("GET", "/system/v1/events", "read the event log", INTEGRATIONS)
    _row("GET", "/system/v1/customers/{customer_id}", "read a customer's record", INTEGRATIONS)
    _row("GET", "/api/", "read about the API", EVERYBODY)
    _row("GET", "/api/openapi.json", "read its description", EVERYBODY)
    _row("GET", "/api/problems/{code}", "read about a problem", EVERYBODY, code="not_found")
    _row("GET", "/media/{file}", "look at a picture", EVERYBODY, file=lambda stage: stage.picture)
    pages = {"lang": "fi"}
    _row("GET", "/", "be led to one's language", _cells(others=C.ELSEWHERE))
    _row("GET", "/{lang}/", "look at the shop", EVERYBODY, **pages)
    _row("GET", "/{lang}/c/{code}", "look through a category", EVERYBODY, code="sofas", **pages)
    _row("GET", "/{lang}/search", "search", EVERYBODY, **pages)
    _row("GET", "/{lang}/p/{slug}", "look at a product", EVERYBODY, slug="sohva-aava", **pages)
    # A page has the rights of the cookies that come with it, and looks at no other credential.
    for path, does in (
        ("cart", "look at the cart of this browser"),
        ("checkout", "order what is in it"),
        ("orders", "look through the orders of this browser, or of who is signed in to it"),
        ("orders/open", "open an order by the link of a message"),
        ("withdraw", "withdraw from a contract"),
        ("sign-in", "sign in by a code"),
        ("account", "look at what is hers"),
    ):
        _row("GET", f"/{{lang}}/{path}", does, EVERYBODY, **pages)
    for path, does in (
        ("orders/{order_id}", "look at an order that this browser's cookies open"),
        ("orders/{order_id}/return", "send some of it back"),
        ("orders/{order_id}/withdraw", "withdraw from its contract"),
        ("pay/{order_id}", "pay it"),
    ):
        _row("GET", f"/{{lang}}/{path}", does, _cells(others=C.LOST), **pages)
    _row("GET", "/tablet/", "be led to the tablet's language", _cells(others=C.ELSEWHERE))
    for screen in ("", "carts", "carts/{cart_id}", "pick-ups", "returns"):
        _row("GET", f"/tablet/{{lang}}/{screen}", "look at an empty screen of the tablet", EVERYBODY, **pages)
    _row("GET", "/health/live", "ask whether the process answers", EVERYBODY)
    _row("GET", "/health/ready", "ask whether it can work", EVERYBODY)
    # Test clients come from some address; this one is asked from the machine itself.
    here = {"X_Forwarded_For": ""}
    _row(
        "GET",
        "/metrics",
        "read the figures, from `METRICS_ALLOWED` networks",
        EVERYBODY,
        headers=here,
    )


def _admin_rows() -> None:
    """Operators look and change nothing. GET and POST alike, where no method is named."""
    every = ("GET", "POST")
    model, thing = "/admin/{app}/{model}", "/admin/{app}/{model}/{object_id}"
    looking = [
        ("/admin/", "the start", C.YES),
        ("/admin/{app_label}/", "the tables of one app", C.YES),
        (f"{model}/", "the rows of a table", C.YES),
        (f"{model}/add/", "add a row", C.NOT_ALLOWED),
        (f"{thing}/delete/", "delete a row", C.NOT_ALLOWED),
        (f"{thing}/history/", "what operators did to a row", C.YES),
        ("/admin/password_change/", "one's own password", C.YES),
        ("/admin/r/{content_type_id}/{object_id}/", "a row's page on the site", C.ABSENT),
        ("/admin/{url}", "anything else", C.ABSENT),
    ]
    for method in every:
        for path, does, cell in looking:
            _row(method, path, does, _operators(cell))
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        _row(method, f"{thing}/", "an old address of a row's page", _operators(C.ELSEWHERE))
    for path, does, get, post in (
        (f"{thing}/change/", "a row", C.YES, C.NOT_ALLOWED),
        ("/admin/autocomplete/", "rows to choose from", C.NOT_ALLOWED, C.NO_SUCH_METHOD),
        ("/admin/jsi18n/", "the texts of the pages", C.YES, C.NO_SUCH_METHOD),
        ("/admin/password_change/done/", "one's own password is changed", C.YES, C.NO_SUCH_METHOD),
    ):
        _row("GET", path, does, _operators(get))
        _row("POST", path, does, _operators(post))
    _row("GET", "/admin/login/", "the sign-in page", _cells(operator=C.ELSEWHERE, others=C.YES))
    _row("POST", "/admin/login/", "sign in", EVERYBODY)
    _row("GET", "/admin/logout/", "sign out", _cells(operator=C.NO_SUCH_METHOD, others=C.ELSEWHERE))
    _row("POST", "/admin/logout/", "sign out", _cells(operator=C.YES, others=C.ELSEWHERE))


for _add in (_store_rows, _staff_rows, _parcel_rows, _hook_rows, _other_rows, _admin_rows):
    _add()

ROWS: Final = tuple(_rows)
