"""Settings that are good for a test and a hole in production: `manage.py check` refuses them."""

from typing import Any

from django.conf import settings
from django.core.checks import Error, register


@register
def loopback_is_closed(**_: Any) -> list[Error]:
    """The HTTP client may call this machine in tests only."""
    if settings.PRODUCTION and settings.HTTP_MAY_CALL_LOOPBACK:
        return [Error("HTTP_MAY_CALL_LOOPBACK opens the inside of the network.", id="kernel.E001")]
    return []


@register(deploy=True)
def hosts_are_named(**_: Any) -> list[Error]:
    """A production server knows its names; otherwise any `Host` would be believed, or none."""
    if settings.PRODUCTION and (not settings.ALLOWED_HOSTS or "*" in settings.ALLOWED_HOSTS):
        return [Error("ALLOWED_HOSTS must name the hosts that are served.", id="kernel.E002")]
    return []


@register(deploy=True)
def the_shop_is_reached_over_https(**_: Any) -> list[Error]:
    """Cookies that bear secrets are for HTTPS only, so over plain HTTP no page could buy anything."""
    if settings.PRODUCTION and not settings.PUBLIC_URL.startswith("https://"):
        return [Error("PUBLIC_URL must begin with https://.", id="kernel.E003")]
    return []
