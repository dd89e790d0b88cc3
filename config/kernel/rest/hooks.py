"""/hooks/v1: what providers and carriers tell us. Whoever knows the secret is believed; nobody is signed in.

A message is kept exactly as it came and answered at once; what follows from it is worked out afterwards. These routes
are not described to callers: their shapes are the providers' own.
"""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views import View

from config.kernel.errors import Refusal
from config.kernel.rest.problems import MethodNotAllowed, problem_response, translate


class BadSignature(Refusal):
    """The message is not signed with a secret that we share with its sender, or too long ago, or in another mode.

    Which of these it was is told to nobody.
    """

    code = "bad_signature"
    status = 400
    title = "The message is not signed as it should be."


class HookView(View):
    """One sender's door: `take` verifies and keeps what he sent, and says what he wants to hear. POST alone."""

    http_method_names = ["post"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            if request.method != "POST":
                raise MethodNotAllowed("POST")
            return self.post(request)
        except Exception as error:
            refusal = translate(error)
            if refusal is None:
                raise
            return problem_response(refusal)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Keep the message. Errors: BadSignature, BodyTooLarge, Busy."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        return self.take(body=request.body, headers=headers)

    def take(self, *, body: bytes, headers: Mapping[str, str]) -> HttpResponse:
        """What the sender hears of a message with this body and these headers (names in lower case)."""
        raise NotImplementedError
