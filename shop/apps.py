"""The app as Django knows it."""

from importlib import import_module

from django.apps import AppConfig


class ShopConfig(AppConfig):
    """Loads what the app listens to."""

    name = "shop"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        import_module("shop.handlers")
