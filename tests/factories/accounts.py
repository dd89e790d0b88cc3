"""People with accounts, and what they sign in with."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import factory

from config.kernel.models import Audience, User
from config.kernel.rest.authentication import issue_token

SIGNED_IN_FOR = timedelta(hours=12)


class UserFactory(factory.django.DjangoModelFactory[User]):
    """Somebody with an account and no password."""

    class Meta:
        model = User

    name = factory.Sequence(lambda n: f"Testi {n}")
    email = factory.Sequence(lambda n: f"testi.{n}@example.fi")


def sign_in(
    user: User,
    audience: Audience,
    *,
    now: datetime,
    scopes: Iterable[str] = (),
    store: str = "",
    device: str = "",
) -> str:
    """A token of `user` for that part of the API; a clerk's needs store and device."""
    return issue_token(
        user=user, audience=audience, now=now, lasts=SIGNED_IN_FOR, scopes=scopes, store=store, device=device
    )
