"""The kernel as a Django app, so that it can own the user model and the event log."""

from django.apps import AppConfig


class KernelConfig(AppConfig):
    """The one app that imports no other."""

    name = "config.kernel"
    label = "kernel"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the checks of settings."""
        from config.kernel import checks  # noqa: F401
