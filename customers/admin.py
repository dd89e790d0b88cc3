"""The customers' tables for operators, to read."""

from allauth.account import admin as _addresses  # noqa: F401  it registers them to be written, before they are taken out
from allauth.account.models import EmailAddress
from django.contrib import admin

from config.kernel.admin import ReadOnlyAdmin
from customers import models

admin.site.unregister(EmailAddress)
admin.site.register(EmailAddress, ReadOnlyAdmin)

admin.site.register([getattr(models, name) for name in models.__all__], ReadOnlyAdmin)
