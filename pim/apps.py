"""The app as Django knows it."""

from django.apps import AppConfig


class PimConfig(AppConfig):
    """Loads what the app listens to."""

    name = "pim"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the handlers."""
        from pim import handlers  # noqa: F401
