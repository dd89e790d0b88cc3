"""Public ids: UUID version 7 (RFC 9562 section 5.7), made in Python so that PostgreSQL 15 serves as well as 18.

The first 48 bits are milliseconds and the next 12 their fraction (method 3 of section 6.2), so ids of one process sort
by the moment they were made and rows arrive in index order. The other 62 are random: good for names, but an id is
never a secret.
"""

import os
import time
from uuid import UUID


def new_id() -> UUID:
    """A fresh UUIDv7."""
    milliseconds, nanoseconds = divmod(time.time_ns(), 1_000_000)
    fraction = (nanoseconds << 12) // 1_000_000
    random = int.from_bytes(os.urandom(8), "big") >> 2
    return UUID(int=milliseconds << 80 | 0x7 << 76 | fraction << 64 | 0b10 << 62 | random)
