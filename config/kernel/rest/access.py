"""What a view must declare before anybody may call it: deny by default.

`audience` says which credential counts, `callers` which kinds of caller may enter (None stands for a caller without
credential), `scope` what a system key or merchandiser's token must carry. Whether the caller may have the very object
is the use case's question, and the answer to a foreign one is 404.
"""

from functools import cache
from typing import Any, ClassVar

from rest_framework.request import Request
from rest_framework.views import APIView

from config.kernel.actors import ActorKind
from config.kernel.errors import Refusal
from config.kernel.models import Audience
from config.kernel.rest.authentication import Caller
from config.kernel.rest.headers import RequestHeader


class PolkuView(APIView):
    """The base of every view: it declares who may call it."""

    audience: ClassVar[Audience]
    callers: ClassVar[frozenset[ActorKind | None]]
    scope: ClassVar[str] = ""
    rate: ClassVar[str] = ""
    write_rate: ClassVar[str] = ""
    is_about_paying: ClassVar[bool] = False  # so whatever may be the number of a card is taken for one
    # What callers are told beside the schema: headers the route reads, and what its use case may refuse with.
    request_headers: ClassVar[tuple[RequestHeader, ...]] = ()
    refusals: ClassVar[tuple[type[Refusal], ...]] = ()

    # What a request is read, checked and answered with knows nothing of the request, so one of each does for all.
    def get_authenticators(self) -> Any:
        return _one_of_each(tuple(self.authentication_classes))

    def get_permissions(self) -> Any:
        return _one_of_each(tuple(self.permission_classes))

    def get_throttles(self) -> Any:
        return _one_of_each(tuple(self.throttle_classes))

    def get_parsers(self) -> Any:
        return _one_of_each(tuple(self.parser_classes))

    def get_renderers(self) -> Any:
        return _one_of_each(tuple(self.renderer_classes))

    def get_content_negotiator(self) -> Any:
        return _one_of_each((self.content_negotiation_class,))[0]

    # OPTIONS is a preflight's, and `corsheaders` answers those.
    http_method_names = ["get", "post", "put", "patch", "delete", "head"]


@cache
def _one_of_each(classes: tuple[type[Any], ...]) -> tuple[Any, ...]:
    return tuple(one() for one in classes)


class StoreView(PolkuView):
    """/store/v1: shoppers, signed in or not; a guest's secret is checked by the use case."""

    audience = Audience.STORE
    callers = frozenset({None, ActorKind.SHOPPER})
    write_rate = "store.write"


class StaffView(PolkuView):
    """/staff/v1: a clerk on a device in a store. What counts as use keeps the device unlocked."""

    audience = Audience.STAFF
    counts_as_use: ClassVar[bool] = True
    callers = frozenset({ActorKind.CLERK})
    write_rate = "staff.write"


class PimView(PolkuView):
    """/pim/v1: merchandisers."""

    audience = Audience.PIM
    callers = frozenset({ActorKind.MERCHANDISER})
    write_rate = "pim.write"


class SystemView(PolkuView):
    """/system/v1: integrations, by scope."""

    audience = Audience.SYSTEM
    callers = frozenset({ActorKind.SYSTEM})
    rate = "system.read"


def caller_of(request: Request) -> Caller:
    """The caller that authentication found."""
    assert isinstance(request.auth, Caller)
    return request.auth
