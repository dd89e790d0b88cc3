"""A fake carrier for the length of a test, in threads of this process."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.fakes.carrier.server import KEY, SECRET, CarrierServer


@contextmanager
def running_fake_carrier(
    *, port: int = 0, webhooks_to: str | None = None, step_s: float = 0.0, seed: int = 1
) -> Iterator[CarrierServer]:
    """A carrier on a free port. With `step_s` 0 nothing happens to parcels until `play` is called."""
    server = CarrierServer(port=port, webhooks_to=webhooks_to, step_s=step_s, seed=seed)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.close()
        thread.join()


def env_of(*, url: str) -> dict[str, str]:
    """The environment of a Polku whose parcels travel here."""
    return {"EASYPOST_API_BASE": url, "EASYPOST_API_KEY": KEY, "EASYPOST_WEBHOOK_SECRETS": SECRET}
