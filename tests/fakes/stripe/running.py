"""A fake Stripe for the length of a test, in threads of this process."""

import json
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tests.fakes.stripe.control import Control
from tests.fakes.stripe.server import StripeServer
from tests.fakes.stripe.webhooks import SECRET


class FakeStripe:
    """A running fake: `url` is what `STRIPE_API_BASE` must say, `control` what a test may ask of it."""

    def __init__(self, server: StripeServer) -> None:
        self.url = server.url
        self.control: Control = server.control
        self.secrets = server.webhooks.secrets

    @property
    def env(self) -> dict[str, str]:
        """The environment of a Polku that pays here."""
        return {
            "STRIPE_API_BASE": self.url,
            "STRIPE_API_KEY": "sk_test_of_the_fake",
            "STRIPE_PUBLISHABLE_KEY": "pk_test_of_the_fake",
            "STRIPE_WEBHOOK_SECRETS": ",".join(self.secrets),
        }


@contextmanager
def running_fake_stripe(
    *,
    port: int = 0,
    webhooks_to: str | None = None,
    secrets: tuple[str, ...] = (SECRET,),
    return_origins: tuple[str, ...] = (),
) -> Iterator[FakeStripe]:
    """A fake on a free port; its webhooks go to `webhooks_to`, or nowhere until `control.webhooks_to` says where."""
    server = StripeServer(
        port=port, secrets=list(secrets), webhooks_to=webhooks_to, return_origins=return_origins
    )
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield FakeStripe(server)
    finally:
        server.shutdown()
        server.webhooks.close()
        server.server_close()
        thread.join()


class RemoteControl:
    """The same door as `Control`, of a fake in another process: `RemoteControl(url).pay(intent=...)`."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def ask(**arguments: Any) -> Any:
            body = json.dumps(arguments).encode()
            with self._open(f"{self._url}/_control/{name}", data=body, timeout=60) as answer:
                return json.loads(answer.read())

        return ask
