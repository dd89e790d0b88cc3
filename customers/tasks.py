"""The customers' jobs: letters with sign-in codes."""

from datetime import datetime
from uuid import UUID

from django.utils import timezone

from config.kernel.actors import system
from config.kernel.jobs import MAIL_QUEUE, every, job
from customers.identity import letters


@job(queue=MAIL_QUEUE, priority=1)  # she waits for it, which nobody does for other mail
def send_code_letter(*, letter_id: str) -> None:
    """Bring her the code; again after a growing wait when the mail server does not answer, until the code is over."""
    letters.send_code_letter(letter_id=UUID(letter_id), by=system("send_code_letter"), now=timezone.now())


@every("*/10 * * * *")
def forget_late_letters(*, now: datetime) -> None:
    """Addresses that nobody proved are not kept."""
    letters.forget_late_letters(by=system("forget_late_letters"), now=now)
