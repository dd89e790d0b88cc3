"""What the servers hand us, made safe before Django makes a request of it.

Two things cannot be mended in a middleware, because they go wrong earlier: a `charset` that Python knows but that is no
text encoding (`rot13`, `bz2`) fails while Django builds the request; and a body without a length is empty to Django's
WSGI, and under ASGI as large as the disk.
"""

import tempfile
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from django.conf import settings
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, ASGIRequest
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.http import HttpRequest, HttpResponse
from django.utils.http import parse_header_parameters


class _Utf8Request(HttpRequest):
    """Parameters are UTF-8, whatever charset the body claims to have."""

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        try:
            self.content_type, self.content_params = parse_header_parameters(meta.get("CONTENT_TYPE", ""))
        except ValueError:  # it names a charset that does not exist; others would stumble over it once more
            meta["CONTENT_TYPE"] = self.content_type = ""
            self.content_params = {}


class _WSGIRequest(_Utf8Request, WSGIRequest):
    """A body of unknown length (`Transfer-Encoding: chunked`) is read up to the limit, and then has a length."""

    def __init__(self, environ: dict[str, Any]) -> None:
        if "CONTENT_LENGTH" not in environ and environ.get("wsgi.input_terminated"):
            body = environ["wsgi.input"].read(settings.MAX_BODY_BYTES + 1)
            environ["wsgi.input"], environ["CONTENT_LENGTH"] = BytesIO(body), str(len(body))
        super().__init__(environ)


class _ASGIRequest(_Utf8Request, ASGIRequest):
    """The same under ASGI, where the handler has read the body."""

    def __init__(self, scope: dict[str, Any], body_file: Any) -> None:
        super().__init__(scope, body_file)
        body_file.seek(0, 2)
        self.META["CONTENT_LENGTH"] = str(body_file.tell())
        body_file.seek(0)


class WSGI(WSGIHandler):
    """Django's WSGI application with requests of ours; an answer that is finished is handed over as a list.

    Only a list does granian send whole and with `Content-Length`. What it must iterate over, as a Django response, goes
    out in chunks and waits for Python's lock once more.
    """

    request_class = _WSGIRequest

    def __call__(  # type: ignore[override]  # WSGI wants no more
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        response = super().__call__(environ, start_response)
        if not isinstance(response, HttpResponse):
            return response
        whole = [response.content]
        response.close()  # servers do that to what they iterate over, and connections depend on it
        return whole


class ASGI(ASGIHandler):
    """Django's ASGI application with requests of ours; what exceeds the limit of a body is not kept."""

    request_class = _ASGIRequest

    async def read_body(self, receive: Callable[[], Any]) -> Any:
        """The body, up to one byte more than the limit. Errors: RequestAborted when the client is gone."""
        room = settings.MAX_BODY_BYTES + 1
        body_file = tempfile.SpooledTemporaryFile(max_size=settings.FILE_UPLOAD_MAX_MEMORY_SIZE)  # noqa: SIM115
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                body_file.close()
                raise RequestAborted
            part = message.get("body", b"")[:room]
            body_file.write(part)
            room -= len(part)
            if not message.get("more_body", False):
                body_file.seek(0)
                return body_file
