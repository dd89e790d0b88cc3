"""/hooks/v1/{carrier}: where carriers tell us what happens to parcels. Kept as it came and answered at once."""

from collections.abc import Mapping
from typing import ClassVar

from django.http import HttpResponse, JsonResponse
from django.utils import timezone

from config.kernel.actors import system
from config.kernel.rest.hooks import BadSignature, HookView
from orders.parcels.booking import find_hook
from orders.parcels.tracking import store_message


class CarrierHook(HookView):
    """One carrier's door. He hears the same of everything that is signed well, however little it means to us."""

    carrier: ClassVar[str] = ""

    def take(self, *, body: bytes, headers: Mapping[str, str]) -> HttpResponse:
        """As the base says. Errors: BadSignature, also where no secret of this carrier is set."""
        hook = find_hook(carrier=self.carrier)
        if hook is None or not hook.is_genuine(body=body, headers=headers):
            raise BadSignature
        store_message(
            carrier=self.carrier,
            name=hook.name_of(body=body),
            body=body,
            by=system(self.carrier),
            now=timezone.now(),
        )
        return JsonResponse({"success": True})


class EasyPostDoor(CarrierHook):
    """/hooks/v1/easypost."""

    carrier = "easypost"


class PakettikauppaDoor(CarrierHook):
    """/hooks/v1/pakettikauppa; it repeats what is not answered with `{"success": true}`."""

    carrier = "pakettikauppa"
