"""Every cell of the authorisation matrix, asked of the running code."""

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.utils import quote
from django.db.models import Model
from django.http import HttpResponse

from config.kernel.models import AccessToken, ApiKey, User
from orders.locations.models import StaffAssignment
from tests.architecture.authorisation import REFUSALS, ROWS, Call, Cell, Principal, Row
from tests.architecture.routes import METHODS, views_by_route
from tests.architecture.stage import Props, Stage
from tests.callers import etag, problem, refusal
from tests.factories.world import World, nobodys_id

CELLS = [
    pytest.param(row, principal, id=f"{row.route} as {principal}")
    for row in ROWS
    for principal in Principal
    if not row.route.path.startswith("/admin/")
]


@pytest.fixture(scope="module")
def props(_standing_world: World) -> Props:
    return Props(world=_standing_world)


pytestmark = pytest.mark.django_db


def send(stage: Stage, row: Row, call: Call) -> HttpResponse:
    return stage.caller(call).tries(row.route.method, call.path, call.body, **call.headers)


@pytest.mark.parametrize(("row", "principal"), CELLS)
def test_a_caller_gets_what_the_matrix_says(row: Row, principal: Principal, props: Props) -> None:
    stage, cell = Stage(props=props, principal=principal), row.cells[principal]
    call = row.call(stage)

    response = send(stage, row, call)

    if cell is Cell.YES:
        assert 200 <= response.status_code < 300, response.content
    elif cell is Cell.ELSEWHERE:
        assert response.status_code == 302
    elif cell is Cell.CODE_SENT:
        assert response.status_code == 401
        assert b'"is_pending": true' in response.content
    elif cell is Cell.NO_CODE:
        assert response.status_code == 409
    elif cell is Cell.LOST:
        assert (response.status_code, response["Content-Type"]) == (404, "text/html; charset=utf-8")
    else:
        assert refusal(response) == REFUSALS[cell]
    if cell is Cell.ABSENT:
        assert as_told(response) == as_told(send(stage, row, stage.about_nothing(call)))


def as_told(response: HttpResponse) -> tuple[int, dict[str, Any], dict[str, str]]:
    """A refusal without what differs between any two requests."""
    body = problem(response)
    del body["request_id"], body["instance"]
    changing = {"X-Request-ID", "RateLimit", "RateLimit-Policy"}
    return (
        response.status_code,
        body,
        {name: value for name, value in response.items() if name not in changing},
    )


ADMIN_CELLS = [
    pytest.param(row, principal, id=f"{row.route} as {principal}")
    for row in ROWS
    for principal in Principal
    if row.route.path.startswith("/admin/")
]
STATUSES = {
    Cell.NOT_ALLOWED: 403,
    Cell.ABSENT: 404,
    Cell.NO_SUCH_METHOD: 405,
    Cell.SIGN_IN_PAGE: 302,
    Cell.ELSEWHERE: 302,
}


@pytest.mark.parametrize(("row", "principal"), ADMIN_CELLS)
def test_the_admin_shows_itself_to_operators_alone(row: Row, principal: Principal, props: Props) -> None:
    stage, cell = Stage(props=props, principal=principal), row.cells[principal]

    response = send(stage, row, row.call(stage))

    assert response.status_code == STATUSES.get(cell, 200)
    if cell is Cell.SIGN_IN_PAGE:
        assert response["Location"].startswith("/admin/login/?next=")


@pytest.mark.parametrize("model", admin.site._registry, ids=lambda model: model._meta.label)
def test_an_operator_reads_every_table_and_changes_none(model: type[Model], props: Props) -> None:
    operator = props.world.operator()
    table = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
    rows = list(model._default_manager.values_list("pk", flat=True)[:1])

    assert operator.tries("GET", table).status_code == 200
    operator.client.post(table, {"action": "delete_selected", "_selected_action": rows, "post": "yes"})
    assert operator.tries("POST", f"{table}add/").status_code == 403
    for pk in map(quote, rows):
        assert operator.tries("GET", f"{table}{pk}/change/").status_code == 200
        assert operator.tries("POST", f"{table}{pk}/change/").status_code == 403
        assert operator.tries("POST", f"{table}{pk}/delete/").status_code == 403
    assert list(model._default_manager.filter(pk__in=rows).values_list("pk", flat=True)) == rows


SCOPED = [row for row in ROWS if getattr(views_by_route().get(row.route), "scope", "")]


@pytest.mark.parametrize("row", SCOPED, ids=lambda row: str(row.route))
def test_a_credential_without_the_scope_is_not_enough(row: Row, props: Props) -> None:
    principal = next(who for who, cell in row.cells.items() if cell is Cell.YES)
    stage = Stage(props=props, principal=principal)
    call = row.call(stage)
    AccessToken.objects.update(scopes=["products:read"])
    ApiKey.objects.update(scopes=["stock:write"])

    assert refusal(send(stage, row, call)) == (403, "not_allowed")


def test_some_routes_need_a_scope() -> None:
    assert {str(row.route) for row in SCOPED} == {
        "POST /pim/v1/imports",
        "POST /pim/v1/products/{product_id}/publish",
        "GET /system/v1/events",
        "GET /system/v1/customers/{customer_id}",
    }


ENDINGS = {
    "revoked": lambda now: [
        AccessToken.objects.update(revoked_at=now),
        ApiKey.objects.update(revoked_at=now),
    ],
    "expired": lambda now: [
        AccessToken.objects.update(expires_at=now),
        ApiKey.objects.update(expires_at=now),
    ],
    "of somebody who left": lambda now: [User.objects.update(is_active=False)],
}
PERSONAL = {
    Principal.SHOPPER_A: "GET /store/v1/carts/{cart_id}",
    Principal.CLERK_X: "GET /staff/v1/carts/{cart_id}",
    Principal.MERCHANDISER: "GET /pim/v1/products",
    Principal.SYSTEM: "GET /system/v1/events",
}


@pytest.mark.parametrize("principal", PERSONAL)
@pytest.mark.parametrize("ending", ENDINGS)
def test_a_credential_ends_at_once(principal: Principal, ending: str, props: Props) -> None:
    stage = Stage(props=props, principal=principal)
    row = next(row for row in ROWS if str(row.route) == PERSONAL[principal])
    call = row.call(stage)
    is_a_person = principal is not Principal.SYSTEM

    ENDINGS[ending](props.world.now)

    response = send(stage, row, call)
    if ending == "of somebody who left" and not is_a_person:
        assert response.status_code == 200
    else:
        assert refusal(response) == (401, "not_authenticated")
        assert response["WWW-Authenticate"] == "Bearer"


_OF_HIS_PLACE = ("/staff/v1/orders/", "/staff/v1/returns/", "/staff/v1/parcels/", "/staff/v1/item-places")
HIS_PLACE = [row for row in ROWS if row.route.path.startswith(_OF_HIS_PLACE)]


@pytest.mark.parametrize("row", HIS_PLACE, ids=lambda row: str(row.route))
def test_a_clerk_who_works_there_no_longer_finds_nothing_there(row: Row, props: Props) -> None:
    stage = Stage(props=props, principal=Principal.CLERK_X)
    call = row.call(stage)
    StaffAssignment.objects.all().delete()

    assert refusal(send(stage, row, call)) == (404, "not_found")


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
@pytest.mark.parametrize("part", ["store", "staff"])
def test_a_line_of_another_cart_is_not_in_this_one(part: str, method: str, props: Props) -> None:
    mine, foreign = props.owners["guest"].cart, props.owners["shopper_a"].cart
    caller = mine.shopper if part == "store" else props.world.person("clerk_x")
    body = {"quantity": 2} if method == "PATCH" else None

    def answer(line_id: object) -> tuple[int, dict[str, Any], dict[str, str]]:
        path = f"/{part}/v1/carts/{mine.cart_id}/lines/{line_id}"
        return as_told(caller.tries(method, path, body, If_Match=etag(mine.body["version"])))

    assert answer(foreign.body["lines"][0]["id"]) == answer(nobodys_id())
    assert answer(nobodys_id())[0] == 404


def test_the_figures_are_for_the_house_alone(props: Props) -> None:
    assert refusal(props.world.guest(X_Forwarded_For="203.0.113.7").tries("GET", "/metrics")) == (
        404,
        "not_found",
    )


def test_an_order_number_is_no_key(props: Props) -> None:
    bought = props.owners["guest"].bought
    stranger = props.world.guest(X_Order_Secret=bought.body["number"])

    assert refusal(stranger.tries("GET", bought.path)) == (404, "not_found")
    assert stranger.tries("GET", f"/store/v1/orders/{bought.body['number']}").status_code == 404


API = ("/store/v1/", "/staff/v1/", "/pim/v1/", "/system/v1/")
# A stream answers for itself; that it takes GET alone is tested where it is made.
API_PATHS = sorted(
    {row.route.path for row in ROWS if row.route.path.startswith(API)}
    - {row.route.path for row in ROWS if row.route.path.endswith("/stream")}
)


@pytest.mark.parametrize("path", API_PATHS)
def test_a_method_without_a_row_is_answered_to_nobody(path: str, props: Props) -> None:
    rows = [row for row in ROWS if row.route.path == path]
    allowed = {row.route.method for row in rows}
    welcome = next(
        who for who, cell in rows[0].cells.items() if cell is Cell.YES and who is not Principal.ANONYMOUS
    )
    stage = Stage(props=props, principal=welcome)
    call = rows[0].call(stage)

    for method in {*METHODS, "OPTIONS", "TRACE"} - allowed:
        response = stage.caller(call).tries(method, call.path)

        assert refusal(response) == (405, "method_not_allowed"), method
        assert set(response["Allow"].split(", ")) - {"HEAD"} == allowed


@pytest.mark.parametrize("path", ["%2e%2e/manage.py", "..%2fconfig/settings.py", "/etc/passwd", "no-such.js"])
def test_static_files_are_those_of_the_pages_alone(props: Props, path: str) -> None:
    anybody = props.world.guest()
    script = anybody.tries("GET", "/static/drf_spectacular_sidecar/swagger-ui-dist/swagger-ui-bundle.js")

    assert script.status_code == 200
    assert b"".join(script.streaming_content)
    assert anybody.tries("GET", f"/static/{path}").status_code == 404
