"""The REST application with the bench's bare view mounted. Production cannot reach that view: it starts another one."""

import os

from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
settings.ROOT_URLCONF = "tests.performance.bench_urls"

from config.wsgi import application  # noqa: E402 - the routes are chosen before they are read

__all__ = ["application"]
