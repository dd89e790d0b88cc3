"""`python -m tests.fakes.stripe`: the fake alone, until it is told to stop."""

import argparse
import signal
import sys
import threading
from pathlib import Path

from tests.fakes.stripe import keeping
from tests.fakes.stripe.server import StripeServer
from tests.fakes.stripe.webhooks import SECRET


def main() -> int:
    """Serve. Returns the exit status."""
    parser = argparse.ArgumentParser(description="A fake Stripe on this machine.")
    parser.add_argument("--port", type=int, default=8002)
    parser.add_argument("--webhooks-to", default="http://127.0.0.1:8000/hooks/v1/stripe")
    parser.add_argument("--secret", action="append", help="signs webhooks; several: all of them sign")
    parser.add_argument(
        "--return-to", action="append", default=[], help="an origin that people may be sent back to"
    )
    parser.add_argument("--keep", type=Path, help="a file in which payments outlive the fake")
    given = parser.parse_args()
    server = StripeServer(
        port=given.port,
        secrets=given.secret or [SECRET],
        webhooks_to=given.webhooks_to,
        return_origins=tuple(given.return_to),
    )
    over = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: over.set())
    if given.keep:
        keeping.restore(server, given.keep)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    while not over.wait(0.5):
        if given.keep:
            keeping.save(server, given.keep)
    server.shutdown()
    if given.keep:
        keeping.save(server, given.keep)
    return 0


if __name__ == "__main__":
    sys.exit(main())
