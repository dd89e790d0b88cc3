"""`/media/…`: pictures and files of products, to everybody.

A file never changes under its name (another picture has another name), so whoever has it may keep it. A proxy that
serves the media root itself never asks here.
"""

from typing import Final

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe
from django.views.static import serve

_KEEP: Final = "public, max-age=31536000, immutable"


@require_safe
def media(request: HttpRequest, path: str) -> HttpResponseBase:
    """The file at that path below the media root. Errors: 404."""
    response = serve(request, path, document_root=str(settings.MEDIA_ROOT))
    response["Cache-Control"] = _KEEP
    return response
