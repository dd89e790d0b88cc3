"""/_allauth/{browser,app}/v1/auth/code: signing in by a code that comes by e-mail.

The routes and bodies are those of django-allauth's headless API. Of its many routes only these are open: there is no
password, so nothing to reset, and an address is proved by signing in with it.
"""

import hashlib
import secrets
from datetime import timedelta
from typing import Any, ClassVar, Final

from allauth.account.internal.constants import LoginStageKey
from allauth.account.stages import LoginStageController
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.headless.account import views
from allauth.headless.base.response import AuthenticationResponse, ConflictResponse
from allauth.headless.constants import Client
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import path
from django.utils import timezone

from config.kernel.errors import Refusal, invalid
from config.kernel.rest.browser import Jar, keep
from config.kernel.rest.problems import MalformedRequest, problem_response
from config.kernel.rest.throttling import count_try, principal_of_address
from customers.integrations.allauth_sign_in import AccountClosed, SignInByCode

KNOWN_FOR: Final = timedelta(days=180)
_KNOWN: Final = "customers.sign_in.known"
_LONGEST_ADDRESS: Final = 254  # RFC 5321, as erratum 1690 of RFC 3696 has it


class _Counted:
    """Counts who tries, by the address that a code is for and by where the request comes from."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            count_try(name="sign_in.place", who=principal_of_address(request), now=timezone.now())
            return super().dispatch(request, *args, **kwargs)  # type: ignore[misc,no-any-return]
        except Refusal as refusal:
            return problem_response(refusal)
        except ImmediateHttpResponse:
            return problem_response(MalformedRequest("The body must be a JSON object."))


class RequestCode(_Counted, views.RequestLoginCodeView):
    """Send a code to an address, whether somebody has an account with it or not."""

    http_method_names: ClassVar[list[str]] = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """401 with the pending flow, as allauth says "now show the code"."""
        email = self.input.cleaned_data["email"]
        if len(email) > _LONGEST_ADDRESS:
            raise invalid("#/email", "invalid_email", "This is not an e-mail address.")
        # A browser that the account has signed in from counts by itself, so that nobody else can lock her out of it.
        who = f"{_digest(email)}{_mark_of(request, email)}"
        count_try(name="sign_in.account", who=who, now=timezone.now())
        SignInByCode.begin(request=request, user=self.input._user, email=email)
        return _answer(AuthenticationResponse(request))


class ConfirmCode(_Counted, views.ConfirmLoginCodeView):
    """Show the code: 200, and the browser is signed in under a new session."""

    http_method_names: ClassVar[list[str]] = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """409 when no code is waited for, or no more; 400 when it is another one."""
        stage = LoginStageController.enter(request, LoginStageKey.LOGIN_BY_CODE)
        if stage is None:
            return _answer(ConflictResponse(request))
        email: str = stage.state["email"]
        try:
            response = SignInByCode(stage=stage).finish(None)
        except AccountClosed:
            return _answer(ConflictResponse(request))
        answer = _answer(AuthenticationResponse.from_response(request, response))
        mark = {"of": _digest(email), "mark": secrets.token_urlsafe(9)}
        keep(answer, Jar.KNOWN, signing.dumps(mark, salt=_KNOWN), lives=KNOWN_FOR)
        return answer


def _mark_of(request: HttpRequest, email: str) -> str:
    """What tells this browser from others, if the account with this address has signed in from it; else nothing."""
    try:
        kept = signing.loads(request.COOKIES.get(Jar.KNOWN.cookie, ""), salt=_KNOWN, max_age=KNOWN_FOR)
    except signing.BadSignature:
        return ""
    return f":{kept['mark']}" if kept["of"] == _digest(email) else ""


def _digest(email: str) -> str:
    return hashlib.sha256(email.casefold().encode()).hexdigest()


def _answer(response: HttpResponse) -> HttpResponse:
    """An answer that nobody may keep; allauth has no types, so this is also where it gets one."""
    response["Cache-Control"] = "no-store"
    return response


def _routes(client: Client) -> list[Any]:
    return [
        path(
            f"{client.value}/v1/auth/code/{step}",
            view.as_api_view(client=client),
            name=f"{client.value}-{step}",
        )
        for step, view in (("request", RequestCode), ("confirm", ConfirmCode))
    ]


urls = [*_routes(Client.BROWSER), *_routes(Client.APP)]
