"""Connections beside Django's own: to LISTEN on, and for the job worker's asynchronous pool.

Django takes the application's role after connecting; these connections take it at the start.
"""

from typing import Any

from django.conf import settings
from procrastinate.contrib.django.utils import connector_params


def connection_arguments() -> dict[str, Any]:
    """What `psycopg.connect` needs to reach the same database with the same rights as Django's connections."""
    arguments = connector_params()
    role = f"-c role={settings.DATABASE_APP_ROLE}"
    return arguments | {"options": f"{arguments.get('options', '')} {role}".strip()}
