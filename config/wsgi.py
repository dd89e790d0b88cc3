"""The REST API as a WSGI application: `granian --interface wsgi config.wsgi:application`."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup(set_prefix=False)

from config.kernel import worker_beats  # noqa: E402 - needs the settings
from config.kernel.wire import WSGI  # noqa: E402

worker_beats.expect_a_worker()
application = WSGI()
