"""Signing in by a code that comes by e-mail, as django-allauth does it, with our accounts, our mail and our tokens.

Whoever shows the code has proved the address, so an account is made for her then if there is none; before that nothing
is kept of an address but the session that waits for its code, and the letter until it is sent. Known and unknown
addresses are answered, and written to, alike.
"""

from datetime import timedelta
from typing import Any, Final

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login_by_code import LoginCodeVerificationProcess
from allauth.account.models import Login
from allauth.account.stages import LoginByCodeStage, LoginStageController
from allauth.headless.adapter import DefaultHeadlessAdapter
from allauth.headless.tokens.strategies.sessions import SessionTokenStrategy
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation.trans_real import parse_accept_lang_header

from config.kernel.actors import Actor, ActorKind
from config.kernel.models import Audience, User
from config.kernel.rest.authentication import issue_token
from config.kernel.rest.browser import AUDIENCE
from customers.identity.letters import promise_code_letter
from customers.identity.services import prove_address
from customers.identity.wording import LANGUAGES

TOKEN_LASTS: Final = timedelta(days=30)


class AccountClosed(Exception):
    """The code was right, and its account may not sign in."""


class SignInByCode(LoginCodeVerificationProcess):
    """A code is sent to every address; an account is found, or made, when it comes back."""

    @classmethod
    def begin(cls, *, request: HttpRequest, user: User | None, email: str) -> None:
        """Send a code, and remember in the session what it was sent for."""
        login = Login(user=user, email=email)
        login.state["stages"] = {"current": LoginByCodeStage.key}
        stage = LoginByCodeStage(LoginStageController(request, login), request, login)
        stage.state.update(cls.initial_state(user=user, email=email), initiated_by_user=True)
        process = cls(stage=stage)
        process.send()
        process.persist()
        if not request.user.is_authenticated:
            request.session.set_expiry(app_settings.LOGIN_BY_CODE_TIMEOUT)

    def send_by_email(self, email: str, skip_enumeration_mails: bool = False) -> None:
        """The same message for everybody, sent by a job: she is answered whether the mail server is there or not."""
        self.state["code"] = promise_code_letter(
            email=email,
            language=language_of(self.request),
            lives=timedelta(seconds=app_settings.LOGIN_BY_CODE_TIMEOUT),
            by=Actor(kind=ActorKind.GUEST),
            now=timezone.now(),
        )

    def finish(self, redirect_url: str | None) -> HttpResponse:
        """The code came back. Errors: AccountClosed."""
        by, now = Actor(kind=ActorKind.GUEST), timezone.now()
        account = prove_address(email=self.state["email"], by=by, now=now)
        if not account.may_sign_in:
            self.abort()
            raise AccountClosed
        self._user = self.stage.login.user = User.objects.get(public_id=account.user_ref)
        response: HttpResponse = super().finish(redirect_url)
        return response


class AccountAdapter(DefaultAccountAdapter):
    """What allauth asks us about accounts."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up by a form; an account is made by the first sign-in."""
        return False

    def login(self, request: HttpRequest, user: AbstractBaseUser) -> None:
        """A session of the shop's, under a new key, so that one that somebody slipped her is worth nothing."""
        super().login(request, user)
        request.session.set_expiry(None)
        request.session[AUDIENCE] = Audience.STORE.value

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Our pages speak for themselves."""


class HeadlessAdapter(DefaultHeadlessAdapter):
    """What allauth's answers say of an account."""

    def serialize_user(self, user: AbstractBaseUser) -> dict[str, Any]:
        """By its public id; the number of its row is nobody's business."""
        assert isinstance(user, User)
        return {
            "id": str(user.public_id),
            "display": user.name or user.email,
            "email": user.email,
            "has_usable_password": False,
        }


class TokenStrategy(SessionTokenStrategy):
    """An app that signed somebody in gets a token of ours for /store/v1, beside the session that it signed in with."""

    def create_access_token(self, request: HttpRequest) -> str:
        assert isinstance(request.user, User)
        return issue_token(user=request.user, audience=Audience.STORE, now=timezone.now(), lasts=TOKEN_LASTS)


def language_of(request: HttpRequest) -> str:
    """The first of our languages that the page asks for, English where it asks for none."""
    wanted = parse_accept_lang_header(request.META.get("HTTP_ACCEPT_LANGUAGE", ""))
    spoken = (tag.split("-")[0] for tag, _ in wanted)
    return next((language for language in spoken if language in LANGUAGES), "en")
