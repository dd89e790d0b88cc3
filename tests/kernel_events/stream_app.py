"""The stream server with the tests' routes, for the tests to start."""

from django.test import override_settings

from config.asgi import application

__all__ = ["application"]

override_settings(ROOT_URLCONF="tests.kernel_events.stream_urls").enable()
