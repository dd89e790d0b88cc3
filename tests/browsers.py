"""A browser at one of our pages: it keeps cookies, and its page shows the token that it was given, like `api.js`."""

from typing import Any

from django.test import Client

from tests.callers import Caller, new_client
from tests.factories.goods import KEY

_CHECKING = Client(enforce_csrf_checks=True).handler


class Browser(Caller):
    """Somebody at a page, with Django's checks on."""

    session = "/store/v1/session"

    def __init__(self, **headers: str) -> None:
        client = new_client()
        client.handler = _CHECKING
        super().__init__(client=client, **({"X_Api_Key": KEY} | headers))

    def arrives(self) -> dict[str, Any]:
        """Open a page: ask who is here, and take the token."""
        here: dict[str, Any] = self.says("GET", self.session)
        self.headers["X_CSRFToken"] = here["csrf"]
        return here

    def without_token(self) -> Caller:
        """What a foreign page can make this browser send: its cookies, and nothing that it cannot know."""
        headers = {name: value for name, value in self.headers.items() if name != "X_CSRFToken"}
        return Caller(client=self.client, **headers)


class Tablet(Browser):
    """The same in a store."""

    session = "/staff/v1/session"
