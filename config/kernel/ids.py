"""Public ids: UUID version 7 (RFC 9562 section 5.7), made in Python so that PostgreSQL 15 serves as well as 18.

The first 48 bits are milliseconds, so rows arrive in index order; 74 random bits make them unguessable enough to be
names, but an id is never a secret.
"""

import os
import time
from uuid import UUID


def new_id() -> UUID:
    """A fresh UUIDv7."""
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10), "big")
    value = milliseconds << 80 | 0x7 << 76 | (random >> 68) << 64 | 0b10 << 62 | random & ((1 << 62) - 1)
    return UUID(int=value)
