"""The app as Django knows it."""

from importlib import import_module

from django.apps import AppConfig


class PimConfig(AppConfig):
    """Loads what listens to events, and the rules that the app's rows keep."""

    name = "pim"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        import_module("pim.handlers")
        import_module("pim.publishing.invariants")
