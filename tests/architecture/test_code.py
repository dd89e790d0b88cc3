"""House rules over the code itself (`conventions` 1 to 11)."""

import ast
import importlib
import inspect
from pathlib import Path

import pytest
from django.conf import settings

from config.kernel.actors import Actor
from config.kernel.events import registered_events
from tests.architecture.code import APPS, calls, dotted, modules, tree

FORBIDDEN_NAMES = {
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "base",
    "manager",
    "managers",
    "misc",
    "lib",
}
CLOCKS = {"timezone.now", "datetime.now", "datetime.utcnow", "date.today", "time.time", "datetime.today"}
WITHOUT_A_CLOCK = {"rules", "services", "queries", "models", "handlers"}

over_all_modules = pytest.mark.parametrize("path", modules(), ids=dotted)
over_app_modules = pytest.mark.parametrize("path", modules(*APPS), ids=dotted)


@over_all_modules
def test_a_module_is_short_enough_to_read(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 400


@over_all_modules
def test_names_say_what_a_thing_is(path: Path) -> None:
    if dotted(path) == f"{settings.DATABASES['default']['ENGINE']}.base":
        return  # Django looks for a database's backend under that name
    assert not {part.removesuffix(".py") for part in path.parts[-3:]} & FORBIDDEN_NAMES


@over_all_modules
def test_there_are_no_django_signals(path: Path) -> None:
    imported = {
        name
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ImportFrom)
        for name in [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
    }

    assert not {name for name in imported if "signals" in name or name == "django.dispatch.receiver"}


@over_app_modules
def test_the_clock_is_read_at_the_edge_only(path: Path) -> None:
    if path.stem in WITHOUT_A_CLOCK:
        assert [line for name, line in calls(path) if name in CLOCKS] == []


@over_app_modules
def test_states_are_moved_by_their_model_alone(path: Path) -> None:
    if path.stem == "models":
        return
    written = [
        ast.unparse(node)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Assign | ast.AugAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        for part in (target.elts if isinstance(target, ast.Tuple) else [target])
        if isinstance(part, ast.Attribute) and part.attr == "state"
    ]

    assert written == []


@over_app_modules
def test_transactions_have_one_of_the_three_words(path: Path) -> None:
    used = {name for name, _ in calls(path)}

    assert not used & {"transaction.atomic", "atomic", "transaction.on_commit", "select_for_update"}
    assert not any(name.endswith(".select_for_update") for name in used)


@over_app_modules
def test_no_business_rule_hides_in_save(path: Path) -> None:
    overridden = [
        node.name
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef) and node.name in {"save", "clean"}
    ]

    assert overridden == []


@pytest.mark.parametrize("path", [path for path in modules(*APPS) if path.stem == "services"], ids=dotted)
def test_public_services_are_keyword_only_and_use_cases_know_who_and_when(path: Path) -> None:
    module = importlib.import_module(dotted(path))
    for name, function in inspect.getmembers(module, inspect.isfunction):
        if name.startswith("_") or function.__module__ != module.__name__:
            continue
        parameters = inspect.signature(function).parameters
        assert all(parameter.kind is parameter.KEYWORD_ONLY for parameter in parameters.values()), name
        if getattr(function, "transaction_word", "") in {"transaction", "outside_transaction"}:
            assert {"by", "now"} <= set(parameters), name
            assert inspect.get_annotations(inspect.unwrap(function))["by"] in {Actor, "Actor"}, name


@pytest.mark.parametrize("app", [app for app in APPS if app != "shop"])
def test_a_door_is_a_list_of_names_and_its_writing_joins_the_callers_transaction(app: str) -> None:
    module = importlib.import_module(f"{app}.api")
    body = ast.parse(inspect.getsource(module)).body

    assert all(isinstance(node, ast.Import | ast.ImportFrom | ast.Assign | ast.Expr) for node in body), (
        "no logic"
    )
    for name in module.__all__:
        exported = getattr(module, name)
        if inspect.isfunction(exported) and exported.__module__.endswith(".services"):
            assert getattr(exported, "transaction_word", None) == "transaction_required", name


def test_every_event_is_named_by_its_app_and_a_fact() -> None:
    for event in registered_events():
        if event.__module__.startswith("tests."):
            continue
        app, _, fact = event.name.partition(".")
        assert event.__module__ in {f"{app}.events", "config.kernel.events"}, event
        assert fact == "".join(f"_{c.lower()}" if c.isupper() else c for c in event.__name__).lstrip("_")
