"""The orders' tables for operators, to read."""

from django.contrib import admin
from django.http import HttpRequest

from config.kernel.admin import ReadOnlyAdmin
from orders import models


class SecretiveAdmin(ReadOnlyAdmin):
    """What staff signs in with, without what could be guessed from."""

    exclude = ("digest", "pin_hash")

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        return tuple(name for name in super().get_list_display(request) if name not in self.exclude)


SECRETIVE = (models.ClerkPin, models.Device, models.DeviceCode)
admin.site.register(SECRETIVE, SecretiveAdmin)
admin.site.register(
    [model for model in (getattr(models, name) for name in models.__all__) if model not in SECRETIVE],
    ReadOnlyAdmin,
)
