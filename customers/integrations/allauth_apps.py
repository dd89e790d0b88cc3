"""How django-allauth's accounts are installed here."""

from allauth.account.apps import AccountConfig


class Accounts(AccountConfig):
    """Its own configuration wants its middleware round every request; ours stands round signing in only
    (`settings.PAGES_MIDDLEWARE`), so that the API does not pay for it.
    """

    def ready(self) -> None:
        """Its checks, without the one that looks at `settings.MIDDLEWARE`."""
        from allauth.account import checks  # noqa: F401  they register themselves
