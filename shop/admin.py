"""The shop's tables for operators, to read."""

from django.contrib import admin

from config.kernel.admin import ReadOnlyAdmin
from shop import models

admin.site.register([getattr(models, name) for name in models.__all__], ReadOnlyAdmin)
