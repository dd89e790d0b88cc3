"""The letter that brings a sign-in code: promised while she waits, sent by a job, and then forgotten.

Until a code comes back nobody has proved the address, so nothing of it is kept longer than its letter needs.
"""

from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.utils.crypto import salted_hmac

from config.kernel.actors import Actor
from config.kernel.db import add_rows, outside_transaction, transaction
from config.kernel.events import emit
from config.kernel.mail import send
from customers.events import SignInCodeAsked
from customers.identity.models import CodeLetter
from customers.identity.wording import code_mail

DIGITS: Final = 6
_SALT: Final = "customers.identity.letters"


@transaction
def promise_code_letter(*, email: str, language: str, lives: timedelta, by: Actor, now: datetime) -> str:
    """A letter with a fresh code will go to this address; the code. Emits SignInCodeAsked."""
    letter = CodeLetter(email=email, language=language, expires_at=now + lives)
    add_rows([letter])
    emit(SignInCodeAsked(letter_id=letter.public_id), by=by, now=now)
    return code_of(letter_id=letter.public_id)


@outside_transaction
def send_code_letter(*, letter_id: UUID, by: Actor, now: datetime) -> None:
    """Send the letter unless it was sent, or its code is over. The mail server is asked outside every transaction.

    Should this process die between the mail server's yes and the letter's removal, it is sent again: with the same
    code, under the same Message-ID. Errors: whatever the mail server raises; the job repeats it.
    """
    letter = CodeLetter.objects.filter(public_id=letter_id).first()
    if letter is None:
        return
    if letter.expires_at > now:
        send(
            message=code_mail(
                to=letter.email,
                code=code_of(letter_id=letter_id),
                lives=letter.expires_at - now,
                language=letter.language,
                message_id=f"<{letter_id}@{urlsplit(settings.PUBLIC_URL).hostname}>",
            )
        )
    forget_letter(letter_id=letter_id, by=by, now=now)


@transaction
def forget_letter(*, letter_id: UUID, by: Actor, now: datetime) -> None:
    """The letter has gone, or came too late."""
    CodeLetter.objects.filter(public_id=letter_id).delete()


@transaction
def forget_late_letters(*, by: Actor, now: datetime) -> None:
    """Remove the letters that never went, once their codes are over."""
    CodeLetter.objects.filter(expires_at__lte=now).delete()


def code_of(*, letter_id: UUID) -> str:
    """The code that a letter brings: six digits that nobody can tell from its id without the server's key."""
    digest = salted_hmac(_SALT, str(letter_id), algorithm="sha256").digest()
    return f"{int.from_bytes(digest) % 10**DIGITS:0{DIGITS}}"
