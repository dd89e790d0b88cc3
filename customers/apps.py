"""The app as Django knows it."""

from importlib import import_module

from django.apps import AppConfig


class CustomersConfig(AppConfig):
    """Loads what the app listens to."""

    name = "customers"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        import_module("customers.handlers")
