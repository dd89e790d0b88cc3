"""Two database roles: the owner migrates, the application role runs.

The application role may do everything to ordinary tables and only read and add in `AppendOnly` ones, so that "append
only" is a right that was taken away and not a convention. Everything here may be repeated at any time; `manage.py
migrate` does.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.apps import apps
from django.conf import settings
from django.db import connection
from psycopg import sql

from config.kernel.models import AppendOnly


@contextmanager
def as_owner() -> Iterator[None]:
    """Act with the login's own rights instead of the application role's: for migrations and for tests' flushes."""
    options = connection.settings_dict["OPTIONS"]
    role = options.pop("assume_role", None)
    if connection.connection is not None:
        with connection.cursor() as cursor:
            cursor.execute("SET ROLE NONE")
    try:
        yield
    finally:
        if role is not None:
            options["assume_role"] = role
            with connection.cursor() as cursor:
                cursor.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(role)))


def ensure_app_role() -> None:
    """Create the application role where it is missing, and let this login take it."""
    role = sql.Identifier(settings.DATABASE_APP_ROLE)
    with connection.cursor() as cursor:
        # Two databases of one cluster may be migrated at once, and roles belong to the cluster.
        cursor.execute(
            sql.SQL(
                "DO $$ BEGIN CREATE ROLE {} NOLOGIN; "
                "EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
            ).format(role)
        )
        cursor.execute("SELECT pg_has_role(current_user, %s, 'MEMBER')", [settings.DATABASE_APP_ROLE])
        (is_member,) = cursor.fetchone()
        if not is_member:
            cursor.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(role))
        if password := settings.DATABASE_APP_PASSWORD:
            cursor.execute(
                sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(role, sql.Literal(password)),
            )


def append_only_tables() -> list[str]:
    """The tables of all `AppendOnly` models."""
    return sorted(
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if issubclass(model, AppendOnly)
    )


def grant_rights() -> None:
    """Give the application role what it needs, and take away what it must not have."""
    role = sql.Identifier(settings.DATABASE_APP_ROLE)
    with connection.cursor() as cursor:
        for statement in (
            "GRANT USAGE ON SCHEMA public TO {}",
            "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {}",
            "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}",
            "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO {}",
        ):
            cursor.execute(sql.SQL(statement).format(role))
        for table in append_only_tables():
            cursor.execute(
                sql.SQL("REVOKE UPDATE, DELETE, TRUNCATE ON {} FROM {}").format(sql.Identifier(table), role)
            )
