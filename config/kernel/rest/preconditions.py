"""ETags of versions: a writer says which version it has read, a reader which one it still has.

An ETag names a state, not bytes, so a proxy that compresses and therefore weakens it (`W/"v17"`) changes nothing.
"""

import hashlib
import re
from typing import Final

from django.http import HttpRequest
from django.utils.http import parse_etags
from rest_framework.request import Request

from config.kernel.versions import VersionConflict, VersionNeeded

_VERSION: Final = re.compile(r'(?:W/)?"v(0|[1-9][0-9]{0,17})"')


def etag_of(version: int) -> str:
    """The ETag of a version: `"v17"`."""
    return f'"v{version}"'


def etag_of_bytes(body: bytes) -> str:
    """The ETag of a representation that has no version of its own."""
    return f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'


def if_match(request: Request | HttpRequest) -> int:
    """The version the caller has read. Errors: VersionNeeded; VersionConflict when it names none of ours."""
    version = if_match_or_none(request)
    if version is None:
        raise VersionNeeded
    return version


def if_match_or_none(request: Request | HttpRequest) -> int | None:
    """As `if_match`, for writes that are also accepted without: None when the header is absent."""
    header = request.META.get("HTTP_IF_MATCH")
    if header is None:
        return None
    if found := _VERSION.fullmatch(header.strip()):
        return int(found[1])
    raise VersionConflict('If-Match must be one ETag as we gave it, like "v17".')


def not_modified(request: Request | HttpRequest, etag: str) -> bool:
    """Whether the caller's `If-None-Match` says that it has just this; then answer 304 without a body."""
    header = request.META.get("HTTP_IF_NONE_MATCH")
    if not header:
        return False
    known = [one.removeprefix("W/") for one in parse_etags(header)]
    return "*" in known or etag.removeprefix("W/") in known
