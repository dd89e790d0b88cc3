"""Deny by default: a route answers to whom its view declares, and to nobody where it declares nothing.

Apart from the views themselves, because the framework reads its defaults while it makes the first view class.
"""

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from config.kernel.errors import Refusal
from config.kernel.rest.authentication import Caller, NotSignedIn


class NotAllowed(Refusal):
    """The credential is good, but not for this."""

    code = "not_allowed"
    status = 403
    title = "This credential does not allow that."


class Declared(BasePermission):
    """Let in whom the view declares, and nobody where it declares nothing."""

    def has_permission(self, request: Request, view: Any) -> bool:
        callers = getattr(view, "callers", None)
        if callers is None or not isinstance(request.auth, Caller):
            raise NotAllowed("This route does not say who may call it.")
        if request.auth.kind not in callers:
            raise NotSignedIn if request.auth.kind is None else NotAllowed
        if view.scope and view.scope not in request.auth.scopes:
            raise NotAllowed(f"This needs the scope {view.scope}.", scope=view.scope)
        return True
