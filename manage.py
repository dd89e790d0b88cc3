"""The command line: `python manage.py help`."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ.setdefault(
        "STATEMENT_TIMEOUT_MS", "60000"
    )  # nobody waits at a screen for a command or the worker
    execute_from_command_line(sys.argv)
