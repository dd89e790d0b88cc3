"""No route is forgotten: each has a row in the authorisation matrix, a caller, and a page that says so."""

from collections import Counter
from typing import Any

import pytest

from config.kernel.rest.access import PolkuView
from tests.architecture.authorisation import ROWS
from tests.architecture.matrix_page import PAGE, render
from tests.architecture.routes import list_routes, views_by_route

API = ("/store/v1/", "/staff/v1/", "/pim/v1/", "/system/v1/")


def test_every_route_has_a_row_in_the_authorisation_matrix() -> None:
    assert [str(route) for route in list_routes() if route not in {row.route for row in ROWS}] == []


def test_every_row_of_the_matrix_has_a_route() -> None:
    routes = set(list_routes())

    assert [str(row.route) for row in ROWS if row.route not in routes] == []


def test_no_route_has_two_rows() -> None:
    assert [str(route) for route, rows in Counter(row.route for row in ROWS).items() if rows > 1] == []


def test_the_page_says_what_the_matrix_says() -> None:
    assert PAGE.read_text() == render(), "run `make docs-authorisation`"


API_VIEWS = {
    route: view
    for route, view in views_by_route().items()
    if route.path.startswith(API) and isinstance(view, type)
}


@pytest.mark.parametrize("view", sorted(set(API_VIEWS.values()), key=str), ids=lambda view: view.__qualname__)
def test_a_view_of_the_api_declares_who_may_call_it(view: Any) -> None:
    assert issubclass(view, PolkuView)
    assert view.callers


def test_streams_are_the_only_functions_in_the_api() -> None:
    functions = {route.path for route, view in views_by_route().items() if not isinstance(view, type)}

    assert {path for path in functions if path.startswith(API)} == {
        "/store/v1/carts/{cart_id}/stream",
        "/staff/v1/carts/{cart_id}/stream",
        "/store/v1/orders/{order_id}/tracking/stream",
    }
