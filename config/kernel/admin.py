"""Django's admin for operators, read-only for the house's own tables.

The admin wraps every POST in a transaction, so it cannot call our use cases; and a change made here would be one that
no rule, event or audit row knows of. Staff works on pages of their own.
"""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth import admin as _accounts  # noqa: F401  it registers the groups, before they are taken out
from django.contrib.auth.models import Group
from django.db import models
from django.http import HttpRequest

from config.kernel import models as kernel

if TYPE_CHECKING:
    _Admin = admin.ModelAdmin[Any]
else:
    _Admin = admin.ModelAdmin


class ReadOnlyAdmin(_Admin):
    """Shows every column and changes none."""

    actions = None
    list_per_page = 50
    show_full_result_count = False

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        hidden = (models.JSONField, models.BinaryField)
        return tuple(field.name for field in self.model._meta.fields if not isinstance(field, hidden))[:8]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class AccountAdmin(ReadOnlyAdmin):
    """Accounts without what could be used to sign in."""

    exclude = ("password",)


class CredentialAdmin(ReadOnlyAdmin):
    """Credentials without their digests."""

    exclude = ("digest",)


# Rights come with credentials, never from Django's groups; nothing here can be added.
admin.site.unregister(Group)
admin.site.site_header = admin.site.site_title = "Polku for operators"
admin.site.index_title = "What there is, to read"
admin.site.register(kernel.User, AccountAdmin)
admin.site.register([kernel.AccessToken, kernel.ApiKey], CredentialAdmin)
admin.site.register(
    [kernel.AuditEntry, kernel.StoredEvent, kernel.EventPosition, kernel.Delivery, kernel.WorkerBeat],
    ReadOnlyAdmin,
)
