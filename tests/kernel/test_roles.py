"""Append-only is a right that the application's role does not have, and not a promise."""

import pytest
from django.apps import apps
from django.db import ProgrammingError, connection, transaction

from config.kernel import roles
from config.kernel.models import AppendOnly

pytestmark = pytest.mark.django_db

APPEND_ONLY = [model for model in apps.get_models() if issubclass(model, AppendOnly)]


def test_the_tests_run_as_the_role_that_production_runs_as() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("polku_app",)


@pytest.mark.parametrize("model", APPEND_ONLY, ids=lambda model: model._meta.db_table)
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "UPDATE {} SET id = id", "TRUNCATE {}"])
def test_facts_cannot_be_altered_or_removed(model: type[AppendOnly], statement: str) -> None:
    table = model._meta.db_table
    column = model._meta.pk.column  # type: ignore[union-attr]

    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(statement.format(table).replace("id = id", f"{column} = {column}"))


def test_the_owner_can_and_the_role_comes_back_afterwards() -> None:
    with roles.as_owner(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM kernel_auditentry")

    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("polku_app",)


def test_the_application_role_cannot_change_the_schema() -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE mine (id int)")
