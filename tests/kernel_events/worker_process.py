"""`manage.py work` with the tests' handlers and jobs, for the tests to start, stop and kill."""

import sys

import django
from django.core.management import call_command

if __name__ == "__main__":
    django.setup()
    import tests.kernel_events.sample  # noqa: F401 - registers them

    call_command("work", *sys.argv[1:])
