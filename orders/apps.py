"""The app as Django knows it."""

from django.apps import AppConfig


class OrdersConfig(AppConfig):
    """Loads what the app listens to."""

    name = "orders"
    default_auto_field = "django.db.models.BigAutoField"
