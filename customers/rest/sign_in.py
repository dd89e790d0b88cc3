"""/_allauth/{browser,app}/v1/auth/code: signing in by a code that comes by e-mail.

The routes and bodies are those of django-allauth's headless API. Of its many routes only these are open: there is no
password, so nothing to reset, and an address is proved by signing in with it.
"""

from typing import Any, ClassVar

from allauth.account.internal.constants import LoginStageKey
from allauth.account.stages import LoginStageController
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.headless.account import views
from allauth.headless.base.response import AuthenticationResponse, ConflictResponse
from allauth.headless.constants import Client
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import path
from django.utils import timezone

from config.kernel.errors import Refusal
from config.kernel.rest.problems import MalformedRequest, problem_response
from config.kernel.rest.throttling import count_try, principal_of_address
from customers.integrations.allauth_sign_in import AccountClosed, SignInByCode


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
        count_try(name="sign_in.account", who=email.casefold(), now=timezone.now())
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
        try:
            response = SignInByCode(stage=stage).finish(None)
        except AccountClosed:
            return _answer(ConflictResponse(request))
        return _answer(AuthenticationResponse.from_response(request, response))


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
