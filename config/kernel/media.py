"""`/media/…`: pictures and files of products, to everybody.

A file never changes under its name (another picture has another name), so whoever has it may keep it. A proxy that
serves the media root itself never asks here.
"""

import mimetypes
from pathlib import Path
from typing import Final

from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.utils._os import safe_join
from django.views.decorators.http import require_safe

_KEEP: Final = "public, max-age=31536000, immutable"

# Python before 3.13 takes it from the machine's own list, and a slim image has none.
mimetypes.add_type("image/webp", ".webp")


@require_safe
def media(request: HttpRequest, file: str) -> HttpResponse:
    """The file at that path below the media root, whole: pictures are small. Errors: 404, also for paths out of it."""
    try:
        content = Path(safe_join(settings.MEDIA_ROOT, file)).read_bytes()
    except (OSError, SuspiciousFileOperation, ValueError):
        raise Http404
    kind, _ = mimetypes.guess_type(file)
    return HttpResponse(
        content, content_type=kind or "application/octet-stream", headers={"Cache-Control": _KEEP}
    )
