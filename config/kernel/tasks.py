"""The kernel's own housekeeping, by the clock."""

from datetime import datetime, timedelta
from typing import Final

from django.contrib.sessions.backends.db import SessionStore

from config.kernel import forgetting, idempotency, jobs, streams, worker_beats
from config.kernel.rest import authentication, throttling

FINISHED_JOBS_KEPT_FOR: Final = timedelta(days=7)
RECEIPTS_KEPT_FOR: Final = timedelta(days=7)
ENDED_TOKENS_KEPT_FOR: Final = timedelta(days=30)
WORKER_IS_DEAD_AFTER_S: Final = 30.0  # its heartbeat comes every 10 s


@jobs.every("* * * * *")
async def recover_stalled_jobs(*, now: datetime) -> None:
    """A worker that was killed leaves its jobs to the others."""
    await jobs.recover_stalled_jobs(silent_for_s=WORKER_IS_DEAD_AFTER_S)


@jobs.every("7 * * * *")
async def forget_finished_jobs(*, now: datetime) -> None:
    """Finished jobs are kept for a week, for whoever asks what happened."""
    await jobs.forget_finished_jobs(older_than=FINISHED_JOBS_KEPT_FOR)


@jobs.every("17 * * * *")
def forget_old_keys(*, now: datetime) -> None:
    """The promise of an Idempotency-Key has an end."""
    idempotency.forget_old_keys(now=now)


@jobs.every("57 * * * *")
def forget_old_receipts(*, now: datetime) -> None:
    """That an event reached its handler is kept for a week, as jobs are."""
    forgetting.forget_old_receipts(handled_before=now - RECEIPTS_KEPT_FOR)


@jobs.every("*/10 * * * *")
def forget_old_counts(*, now: datetime) -> None:
    """Windows of rate limits that are over."""
    throttling.forget_old_counts(now=now)


@jobs.every("27 * * * *")
def forget_old_tickets(*, now: datetime) -> None:
    """Stream tickets that were used or ran out."""
    streams.forget_old_tickets(now=now)


@jobs.every("47 * * * *")
def forget_old_sessions(*, now: datetime) -> None:
    """Sessions that have run out, those that waited for a code among them; and tokens, a month after their end."""
    SessionStore.clear_expired()
    authentication.forget_old_tokens(ended_before=now - ENDED_TOKENS_KEPT_FOR)


@jobs.every("37 * * * *")
def forget_old_beats(*, now: datetime) -> None:
    """Workers that were killed and could not say goodbye."""
    worker_beats.forget_old_beats(now=now)
