"""Sessions of people at pages: shoppers' and operators' are apart, each in a cookie of its own."""

from django.conf import settings
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.views.csrf import csrf_failure as djangos_answer

from config.kernel.models import Audience
from config.kernel.rest.browser import AUDIENCE, CsrfFailed
from config.kernel.rest.problems import problem_response


class SessionsApart(SessionMiddleware):
    """Django's sessions; under `settings.PAGES_PREFIXES` in the operators' cookie, which a shopper's session is not.

    So who signed in to the shop by a code is nobody in the admin, even with an operator's address, and the other way
    round. `config.kernel.rest.browser` lets no session act in the shop that was not opened for it.
    """

    def process_request(self, request: HttpRequest) -> None:
        """Take the session of this part of the house."""
        if _is_operators(request):
            own = request.COOKIES.get(settings.OPERATORS_COOKIE_NAME)
            request.COOKIES = {
                name: value for name, value in request.COOKIES.items() if name != settings.SESSION_COOKIE_NAME
            } | ({settings.SESSION_COOKIE_NAME: own} if own else {})
        super().process_request(request)
        if _is_operators(request) and request.session.get(AUDIENCE) == Audience.STORE:
            request.session = self.SessionStore()

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Send its cookie back under its own name."""
        answer = super().process_response(request, response)
        name, own = settings.SESSION_COOKIE_NAME, settings.OPERATORS_COOKIE_NAME
        if _is_operators(request) and name in answer.cookies:
            sent = answer.cookies.pop(name)
            answer.cookies[own] = sent.value
            answer.cookies[own].update(dict(sent))
        return answer


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """What a write without the page's token gets: a problem, and in the admin Django's page."""
    if _is_operators(request):
        return djangos_answer(request, reason)
    return problem_response(CsrfFailed())


def _is_operators(request: HttpRequest) -> bool:
    return request.path_info.startswith(settings.PAGES_PREFIXES)
