"""`manage.py work`: one worker process."""

import asyncio
import os
from argparse import ArgumentParser
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError

from config.kernel.worker import CONCURRENT_JOBS, Worker

# On a machine that it shares with web processes, people who wait for an answer go first.
_YIELDS: Final = 5


class Command(BaseCommand):
    """Deliver events, run jobs and keep schedules until stopped; at least one worker must run."""

    help = "Deliver events to their handlers, run jobs, keep schedules. Stops on SIGTERM or Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--concurrent-jobs", type=int, default=CONCURRENT_JOBS)

    def handle(self, *args: Any, **options: Any) -> None:
        os.nice(_YIELDS)
        worker = Worker(concurrent_jobs=options["concurrent_jobs"])
        asyncio.run(worker.run())
        if worker.failed:
            raise CommandError("the worker stopped because a part of it failed; the log says which")
