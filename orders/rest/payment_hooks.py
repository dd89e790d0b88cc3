"""/hooks/v1/stripe: what the payment provider tells us. It is kept and answered at once; a job looks at it."""

from collections.abc import Mapping

from django.http import HttpResponse
from django.utils import timezone

from config.kernel.actors import system
from config.kernel.rest.hooks import HookView
from orders.placing.recovering import receive_message


class StripeHook(HookView):
    """A verified message is stored and answered 200, however often it comes."""

    def take(self, *, body: bytes, headers: Mapping[str, str]) -> HttpResponse:
        """As the base says."""
        receive_message(
            body=body,
            signature=headers.get("stripe-signature", ""),
            by=system("stripe"),
            now=timezone.now(),
        )
        return HttpResponse()
