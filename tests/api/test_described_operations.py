"""Every operation of the API's description, asked well and badly: nothing breaks, and every answer is a described one.

Schemathesis makes the requests up from `docs/openapi.yaml`. Each is asked twice: with made-up ids, as a stranger who
guesses, and about things that exist, with the credentials that open them. Each request is undone before the next.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

import pytest
import schemathesis
from django.conf import settings as django_settings
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.generation.hypothesis.builder import HypothesisTestConfig, HypothesisTestMode, create_test
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from config.kernel.wire import WSGI
from tests.architecture.authorisation import ROWS, Call, Cell, Principal, Row
from tests.architecture.stage import Props, Stage
from tests.callers import some_address
from tests.factories.goods import undone
from tests.factories.world import World

CHECKS: Final = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


class _Application(WSGI):
    """The WSGI application behind a proxy on the same machine, in the test's own transaction."""

    def __call__(self, environ: Any, start_response: Any) -> Any:
        # A server gives its connection up between requests; here that is the one with the transaction.
        both = (request_started, request_finished)
        for signal in both:
            signal.disconnect(close_old_connections)
        try:
            return super().__call__(environ | {"REMOTE_ADDR": "127.0.0.1"}, start_response)
        finally:
            for signal in both:
                signal.connect(close_old_connections)


api = schemathesis.openapi.from_path(django_settings.BASE_DIR / "docs" / "openapi.yaml")
api.app = _Application()
OPERATIONS = [result.ok() for result in api.get_all_operations()]
of_every_operation = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)

AT_RANDOM: Final = [HypothesisTestMode.EXAMPLES, HypothesisTestMode.FUZZING]
EVERY_RULE: Final = [*AT_RANDOM, HypothesisTestMode.COVERAGE]
bounded = settings(
    max_examples=int(os.environ.get("FUZZ_EXAMPLES", "6")),
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


def try_requests(operation: Any, modes: list[HypothesisTestMode], ask_it: Callable[..., None]) -> None:
    """Call `ask_it(case=...)` for each request that is made up of the operation's description.

    They are made up here. Schemathesis' own `parametrize` does it while tests are listed, in each process of a run.
    """
    config = HypothesisTestConfig(project=api.config, modes=modes, explicit_settings=bounded)
    create_test(operation=operation, test_func=ask_it, config=config)()


@pytest.fixture(scope="module")
def props(_standing_world: World) -> Props:
    return Props(world=_standing_world)


def stage_of(case: schemathesis.Case, props: Props) -> tuple[Stage, Row]:
    """Somebody whom the operation is for, before its route; any of its path's when the method is made up."""
    of_path = [row for row in ROWS if row.route.path == case.path]
    row = next((row for row in of_path if row.route.method == case.method), of_path[0])
    able = [who for who in row.cells if row.cells[who] is Cell.YES]
    return Stage(props=props, principal=Principal.GUEST if Principal.GUEST in able else able[0]), row


def ask(case: schemathesis.Case, sent: Mapping[str, str]) -> schemathesis.Response:
    """Send the case with these headers, and look whether the answer is a described one."""
    headers = {name.replace("_", "-"): value for name, value in sent.items()}
    response = case.call(headers=headers | {"X-Forwarded-For": some_address()})
    case.validate_response(response, checks=CHECKS)
    return response


@of_every_operation
@pytest.mark.django_db
def test_a_valid_request_gets_the_answer_that_is_described(operation: Any, props: Props) -> None:
    case = operation.Case()
    stage, row = stage_of(case, props)
    call = row.call(stage)
    case.path_parameters = ids(case.path, call.path)
    case.query = dict(parse_qsl(urlsplit(call.path).query))
    if call.body is not None:
        case.body, case.media_type = call.body, "application/json"

    response = ask(case, {"Idempotency_Key": "once"} | stage.caller(call).headers | call.headers)

    assert 200 <= response.status_code < 300
    answers = operation.definition.raw["responses"][str(response.status_code)]
    if response.content:
        shape = answers["content"]["application/json"]["schema"]
        assert list(undescribed(response.json(), shape, "#")) == []


@of_every_operation
@pytest.mark.django_db
def test_a_stranger_who_guesses_gets_a_described_answer(operation: Any, props: Props) -> None:
    def guess(case: schemathesis.Case) -> None:
        with undone():
            stage, _ = stage_of(case, props)
            token = stage.caller(Call(path="")).headers.get("Authorization", "")

            ask(case, {"Authorization": token} if token else {})

    try_requests(operation, AT_RANDOM, guess)


@of_every_operation
@pytest.mark.django_db
def test_whoever_may_ask_gets_a_described_answer(operation: Any, props: Props) -> None:
    def ask_by_right(case: schemathesis.Case) -> None:
        with undone():
            stage, row = stage_of(case, props)
            call = row.call(stage)
            case.path_parameters = ids(case.path, call.path)

            ask(case, stage.caller(call).headers | call.headers)

    try_requests(operation, EVERY_RULE, ask_by_right)


def undescribed(value: Any, shape: Mapping[str, Any], pointer: str) -> Iterator[str]:
    """What stands in an answer without being described, so that nothing is told by accident."""
    while "$ref" in shape:
        shape = api.raw_schema["components"]["schemas"][shape["$ref"].rpartition("/")[2]]
    for part in (*shape.get("oneOf", ()), *shape.get("anyOf", ()), *shape.get("allOf", ())):
        if part.get("type") != "null":
            shape = part
            yield from undescribed(value, shape, pointer)
            return
    if isinstance(value, dict) and "properties" in shape:
        for name, inner in value.items():
            if name in shape["properties"]:
                yield from undescribed(inner, shape["properties"][name], f"{pointer}/{name}")
            else:
                yield f"{pointer}/{name}"
    elif isinstance(value, list) and "items" in shape:
        for index, inner in enumerate(value):
            yield from undescribed(inner, shape["items"], f"{pointer}/{index}")


def ids(template: str, path: str) -> dict[str, str]:
    """The parameters of a template, read off a path."""
    pairs = zip(template.split("/"), path.split("?", maxsplit=1)[0].split("/"), strict=True)
    return {name[1:-1]: value for name, value in pairs if name.startswith("{")}
