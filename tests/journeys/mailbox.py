"""The messages that a shop on this machine has sent, read from the folder that it writes them to."""

import email
import email.policy
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

# Django's file backend writes a connection's messages into one file, each followed by this line.
_BETWEEN = b"\n" + b"-" * 79 + b"\n"


@dataclass(frozen=True, kw_only=True)
class Letter:
    """One message as its reader gets it."""

    subject: str
    text: str
    html: str


def letters_to(*, address: str, folder: Path) -> list[Letter]:
    """Everything that was sent to this address, the oldest first."""
    found = []
    for file in sorted(folder.glob("*.log")):
        for raw in file.read_bytes().split(_BETWEEN):
            if not raw.strip():
                continue
            message = email.message_from_bytes(raw, policy=email.policy.default)
            assert isinstance(message, EmailMessage)
            if address.lower() in str(message["To"]).lower():
                found.append((_sent(message), _letter(message)))
    return [letter for _, letter in sorted(found, key=lambda each: each[0])]


def _sent(message: EmailMessage) -> str:
    return str(message["Date"].datetime.isoformat())


def _letter(message: EmailMessage) -> Letter:
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    return Letter(
        subject=str(message["Subject"]),
        text=str(text.get_content()) if text else "",
        html=str(html.get_content()) if html else "",
    )
