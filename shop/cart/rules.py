"""What a cart can hold, and how codes look. Pure Python."""

import secrets
from datetime import timedelta
from typing import Final

MAX_LINES: Final = 200
MAX_QUANTITY: Final = 999
CODE_LIVES: Final = timedelta(minutes=5)
OPENING_LASTS: Final = timedelta(hours=8)
HANDED_BACK_SHOWN: Final = timedelta(hours=8)  # the rest of the day; tomorrow it is no news

# Crockford's base 32 without letters that are read as digits: eight of them are 40 bits, five minutes long.
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_READ_AS: Final = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


def new_code() -> str:
    """A hand-over code as it is shown, `7KQ4-M2XD`."""
    code = "".join(secrets.choice(_ALPHABET) for _ in range(8))
    return f"{code[:4]}-{code[4:]}"


def read_code(typed: str) -> str:
    """The code that was meant: case, blanks and look-alike letters do not matter."""
    return typed.upper().translate(_READ_AS)
