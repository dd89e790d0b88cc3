"""Every cell of the authorisation matrix, asked of the running code."""

from typing import Any

import pytest
from django.http import HttpResponse

from tests.architecture.authorisation import REFUSALS, ROWS, Call, Cell, Principal, Row
from tests.architecture.stage import Props, Stage
from tests.callers import problem, refusal
from tests.factories.world import World

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
    else:
        assert refusal(response) == REFUSALS[cell]
    if cell is Cell.ABSENT:
        assert as_told(response) == as_told(send(stage, row, stage.about_nothing(call)))


def as_told(response: HttpResponse) -> tuple[int, dict[str, Any], dict[str, str]]:
    """A refusal without what differs between any two requests."""
    body = problem(response)
    del body["request_id"], body["instance"]
    changing = {"X-Request-ID", "RateLimit", "RateLimit-Policy"}
    return response.status_code, body, {name: value for name, value in response.items() if name not in changing}


