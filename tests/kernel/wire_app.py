"""The real servers with the tests' routes, for the tests to start."""

import os

from django.test import override_settings

if os.environ.get("POLKU_STREAMS"):
    from config.asgi import application
else:
    from config.wsgi import application

__all__ = ["application"]

override_settings(ROOT_URLCONF="tests.kernel.probes").enable()
