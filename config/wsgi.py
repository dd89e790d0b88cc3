"""The REST API as a WSGI application: `granian --interface wsgi config.wsgi:application`."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup(set_prefix=False)

from config.kernel.wire import WSGI  # noqa: E402 - needs the settings

application = WSGI()
