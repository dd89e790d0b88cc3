"""The app as Django knows it."""

from importlib import import_module

from django.apps import AppConfig


class OrdersConfig(AppConfig):
    """Loads what the app listens to, the rules its rows keep, and its figures in `/metrics`."""

    name = "orders"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        for module in (
            "handlers",
            "stock.invariants",
            "agreement.invariants",
            "payment.invariants",
            "payment.figures",
            "parcels.invariants",
            "returns.invariants",
            "withdrawal.invariants",
        ):
            import_module(f"orders.{module}")
