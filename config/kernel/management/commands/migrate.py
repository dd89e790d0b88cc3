"""Django's `migrate`, run with the owner's rights, followed by the application role's grants."""

from typing import Any

from django.core.management.commands.migrate import Command as DjangoCommand

from config.kernel import roles


class Command(DjangoCommand):
    """Migrate as the owner, then say what the application role may do."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Checks connect too, and on a new server there is no application role yet that they could connect as."""
        with roles.as_owner():
            return super().execute(*args, **options)

    def handle(self, *args: Any, **options: Any) -> None:
        roles.ensure_app_role()
        super().handle(*args, **options)
        roles.grant_rights()
