"""The same matrix for callers whose browser keeps their credentials: the same cells, and no write without the token."""

import pytest
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpResponse
from django.utils.crypto import get_random_string

from config.kernel.models import Audience, User
from config.kernel.rest.browser import AUDIENCE
from tests.architecture.authorisation import REFUSALS, ROWS, Cell, Principal, Row
from tests.architecture.stage import Props, Stage
from tests.browsers import Browser
from tests.callers import refusal
from tests.factories.world import Basket, Bought, World

pytestmark = pytest.mark.django_db

GUESTS = (Principal.GUEST, Principal.OTHER_GUEST)
SHOPPERS = (Principal.SHOPPER_A, Principal.SHOPPER_B)
CLERKS = (Principal.CLERK_X, Principal.CLERK_Y)
PARTS = {"/store/v1/": {*GUESTS, *SHOPPERS}, "/staff/v1/": set(CLERKS)}
_ROWS = [row for row in ROWS if row.route.path.startswith(tuple(PARTS))]


def part_of(row: Row) -> str:
    return next(part for part in PARTS if row.route.path.startswith(part))


def expected(row: Row, principal: Principal) -> Cell:
    """A cookie of another part of the house is not even looked at, so its bearer is nobody there."""
    return row.cells[principal if principal in PARTS[part_of(row)] else Principal.ANONYMOUS]


@pytest.fixture(scope="module")
def props(_standing_world: World) -> Props:
    return Props(world=_standing_world)


def open_session(user: User) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session[AUDIENCE] = Audience.STORE.value
    session.save()
    return str(session.session_key)


def kept(cart: Basket, *orders: Bought) -> dict[str, str]:
    """What the browser of a guest keeps."""
    secrets = [f"{order.order_id}.{order.shopper.headers['X_Order_Secret']}" for order in orders]
    return {
        "cart": f"{cart.cart_id}.{cart.shopper.headers['X_Cart_Secret']}",
        "orders": "~".join(secrets),
    }


def at_a_page(stage: Stage, row: Row) -> Browser:
    """The principal at one of our pages, with his cookies and the page's token."""
    browser, world = Browser(), stage.world
    token = get_random_string(32)
    cookies = {"csrf": token}
    match stage.principal:
        case Principal.GUEST:
            owned = stage.owned
            opened = owned.unpaid.cart if row.route.path.endswith("/reopen") else owned.cart
            cookies |= kept(opened, owned.bought, owned.unpaid, owned.shipped)
        case Principal.OTHER_GUEST:
            cookies |= kept(stage.props.other_guest.cart, stage.props.other_guest)
        case Principal.SHOPPER_A | Principal.SHOPPER_B:
            cookies["session"] = open_session(world.users[stage.principal.name.lower()])
        case Principal.CLERK_X | Principal.CLERK_Y:
            cookies["staff"] = world.tokens[stage.principal.name.lower()]
    for name, value in cookies.items():
        browser.client.cookies[name] = value
    browser.headers["X_CSRFToken"] = token
    return browser


CELLS = [
    pytest.param(row, principal, id=f"{row.route} as {principal}")
    for row in _ROWS
    for principal in (*GUESTS, *SHOPPERS, *CLERKS)
]


@pytest.mark.parametrize(("row", "principal"), CELLS)
def test_a_browser_gets_what_the_matrix_says(row: Row, principal: Principal, props: Props) -> None:
    stage = Stage(props=props, principal=principal)
    call = row.call(stage)

    response: HttpResponse = at_a_page(stage, row).tries(
        row.route.method, call.path, call.body, **call.headers
    )

    cell = expected(row, principal)
    if cell is Cell.YES:
        assert 200 <= response.status_code < 300, response.content
    else:
        assert refusal(response) == REFUSALS[cell]


# What a cookie alone opens. That anybody may do it without one is nothing that a foreign page could abuse.
BORNE = [
    pytest.param(row, principal, id=f"{row.route} as {principal}")
    for row in _ROWS
    for principal in (Principal.GUEST, Principal.SHOPPER_A, Principal.CLERK_X)
    if row.route.method != "GET"
    and row.cells[principal] is Cell.YES
    and principal in PARTS[part_of(row)]
    and (principal is not Principal.GUEST or row.cells[Principal.ANONYMOUS] is not Cell.YES)
]


@pytest.mark.parametrize(("row", "principal"), BORNE)
def test_a_write_that_a_cookie_bears_is_refused_without_the_token(
    row: Row, principal: Principal, props: Props
) -> None:
    stage = Stage(props=props, principal=principal)
    call = row.call(stage)

    response = (
        at_a_page(stage, row).without_token().tries(row.route.method, call.path, call.body, **call.headers)
    )

    assert refusal(response) == (403, "csrf_failed")


def test_there_are_such_writes_of_every_kind() -> None:
    assert {str(principal) for _, principal in (case.values for case in BORNE)} == {
        "guest",
        "shopper A",
        "clerk X",
    }
    assert len(BORNE) > 40
