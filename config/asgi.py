"""The streams as an ASGI application: `granian --interface asgi config.asgi:application`.

Only `…/stream` is meant to be asked here: Django's synchronous views are eight times slower under ASGI.
"""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ["POLKU_STREAMS"] = "1"
application = get_asgi_application()
