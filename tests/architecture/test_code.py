"""House rules over the code itself (`conventions` 1 to 11)."""

import ast
import importlib
import inspect
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

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
DJANGOS_NAME = "config.kernel.postgresql.base"  # what Django looks for in a database backend
WITHOUT_A_CLOCK = {"rules", "services", "queries", "models", "handlers"}


def broken_by(paths: Iterable[Path], rule: Callable[[Path], object]) -> dict[str, object]:
    """What the rule finds, by module; nothing where it holds. Every module is asked, so one failure names them all."""
    return {dotted(path): found for path in paths if (found := rule(path))}


def test_a_module_is_short_enough_to_read() -> None:
    def lines_too_many(path: Path) -> int:
        return max(0, len(path.read_text().splitlines()) - 400)

    assert broken_by(modules(), lines_too_many) == {}


def test_names_say_what_a_thing_is() -> None:
    def vague_names(path: Path) -> set[str]:
        return {part.removesuffix(".py") for part in path.parts[-3:]} & FORBIDDEN_NAMES

    assert broken_by([path for path in modules() if dotted(path) != DJANGOS_NAME], vague_names) == {}


def test_there_are_no_django_signals() -> None:
    def signals(path: Path) -> set[str]:
        imported = {
            name
            for node in ast.walk(tree(path))
            if isinstance(node, ast.ImportFrom)
            for name in [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
        }
        return {name for name in imported if "signals" in name or name == "django.dispatch.receiver"}

    assert broken_by(modules(), signals) == {}


def test_the_clock_is_read_at_the_edge_only() -> None:
    def clocks(path: Path) -> list[int]:
        return [line for name, line in calls(path) if name in CLOCKS]

    assert broken_by([path for path in modules(*APPS) if path.stem in WITHOUT_A_CLOCK], clocks) == {}


def test_states_are_moved_by_their_model_alone() -> None:
    def states_written(path: Path) -> list[str]:
        return [
            ast.unparse(node)
            for node in ast.walk(tree(path))
            if isinstance(node, ast.Assign | ast.AugAssign)
            for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
            for part in (target.elts if isinstance(target, ast.Tuple) else [target])
            if isinstance(part, ast.Attribute) and part.attr == "state"
        ]

    assert broken_by([path for path in modules(*APPS) if path.stem != "models"], states_written) == {}


def test_transactions_have_one_of_the_three_words() -> None:
    def other_words(path: Path) -> set[str]:
        return {
            name
            for name, _ in calls(path)
            if name in {"transaction.atomic", "atomic", "transaction.on_commit", "select_for_update"}
            or name.endswith(".select_for_update")
        }

    assert broken_by(modules(*APPS), other_words) == {}


def test_no_business_rule_hides_in_save() -> None:
    def overridden(path: Path) -> list[str]:
        return [
            node.name
            for node in ast.walk(tree(path))
            if isinstance(node, ast.FunctionDef) and node.name in {"save", "clean"}
        ]

    assert broken_by(modules(*APPS), overridden) == {}


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
