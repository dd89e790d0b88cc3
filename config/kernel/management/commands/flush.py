"""Django's `flush`, run with the owner's rights: the application role cannot empty tables."""

from typing import Any

from django.core.management.commands.flush import Command as DjangoCommand

from config.kernel import roles


class Command(DjangoCommand):
    """Empty the tables as the owner; tests against a real server do so after each test."""

    def handle(self, **options: Any) -> None:
        with roles.as_owner():
            super().handle(**options)
