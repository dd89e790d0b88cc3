"""The port through which every mail leaves: one message to one person, by Django's configured backend.

Call it from a job or a handler's job, never inside a transaction: the mail server is the outside.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

# A line break in any of these would begin a header of the sender's choosing.
_BREAKS = ("\r", "\n", "\0")


@dataclass(frozen=True, kw_only=True)
class Mail:
    """A message. `language` is a BCP 47 tag; `headers` are further ones, such as `List-Unsubscribe`.

    Errors: ValueError when an address, the subject or a header holds a line break, or `to` is not one address.
    """

    to: str
    subject: str
    text: str
    html: str = ""
    language: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        one_line = (self.to, self.subject, self.language, *self.headers, *self.headers.values())
        if any(mark in part for part in one_line for mark in _BREAKS):
            raise ValueError("a mail's address, subject and headers are single lines")
        if self.to.count("@") != 1 or "," in self.to or ";" in self.to:
            raise ValueError("a mail goes to one address")


def send(*, message: Mail) -> None:
    """Hand the mail to the mail server. Errors: what the backend raises; then it was not sent, or nobody knows."""
    headers = dict(message.headers)
    if message.language:
        headers["Content-Language"] = message.language
    mail = EmailMultiAlternatives(
        subject=message.subject,
        body=message.text,
        from_email=settings.MAIL_FROM,
        to=[message.to],
        headers=headers,
    )
    if message.html:
        mail.attach_alternative(message.html, "text/html")
    mail.send()
