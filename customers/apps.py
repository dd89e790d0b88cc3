"""The app as Django knows it."""

from django.apps import AppConfig


class CustomersConfig(AppConfig):
    """Loads what the app listens to."""

    name = "customers"
    default_auto_field = "django.db.models.BigAutoField"
