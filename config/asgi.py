"""The streams as an ASGI application: `granian --interface asgi config.asgi:application`.

Only `…/stream` is meant to be asked here: Django's synchronous views are eight times slower under ASGI.
"""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ["POLKU_STREAMS"] = "1"
django.setup(set_prefix=False)

from config.kernel.wire import ASGI  # noqa: E402 - needs the settings

application = ASGI()
