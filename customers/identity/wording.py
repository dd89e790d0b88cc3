"""The message that carries a sign-in code, in the reader's language."""

import tomllib
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from math import ceil
from pathlib import Path
from typing import Final

import mrml
from django.template.loader import render_to_string

from config.kernel.mail import Mail

LANGUAGES: Final = ("fi", "sv", "en")
_TEXTS: Final = Path(__file__).parent / "texts"


def code_mail(*, to: str, code: str, lives: timedelta, language: str, message_id: str) -> Mail:
    """The message; `language` is one of `LANGUAGES`. The code stands in its subject, so that a glance is enough."""
    minutes = ceil(lives / timedelta(minutes=1))
    told = {name: text.format(code=code, minutes=minutes) for name, text in _texts(language).items()}
    page = render_to_string("customers/code.mjml", {**told, "code": code, "language": language})
    html: str = mrml.to_html(page).content
    return Mail(
        to=to,
        subject=told["subject"],
        text="\n\n".join((told["heading"], code, told["text"], told["warning"])) + "\n",
        html=html,
        language=language,
        headers={
            "Message-ID": message_id,
            "Auto-Submitted": "auto-generated",  # RFC 3834: no out-of-office replies
        },
    )


@cache
def _texts(language: str) -> Mapping[str, str]:
    return tomllib.loads((_TEXTS / f"{language}.toml").read_text())
