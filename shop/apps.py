"""The app as Django knows it."""

from importlib import import_module

from django.apps import AppConfig


class ShopConfig(AppConfig):
    """Loads what the app listens to, and the rules its rows keep."""

    name = "shop"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        for module in ("handlers", "checkout.invariants"):
            import_module(f"shop.{module}")
