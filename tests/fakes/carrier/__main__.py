"""`python -m tests.fakes.carrier`: the fake alone, until it is told to stop."""

import argparse
import signal
import sys
import threading

from tests.fakes.carrier.server import SECRET, CarrierServer


def main() -> int:
    """Serve. Returns the exit status."""
    parser = argparse.ArgumentParser(description="A fake carrier on this machine, in EasyPost's words.")
    parser.add_argument("--port", type=int, default=8003)
    parser.add_argument("--webhooks-to", default="http://127.0.0.1:8000/hooks/v1/easypost")
    parser.add_argument("--secret", default=SECRET, help="signs the webhooks")
    parser.add_argument("--step-seconds", type=float, default=3.0, help="between the steps of a journey")
    given = parser.parse_args()
    server = CarrierServer(
        port=given.port, webhooks_to=given.webhooks_to, secret=given.secret, step_s=given.step_seconds
    )
    over = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: over.set())
    threading.Thread(target=server.serve_forever, daemon=True).start()
    over.wait()
    server.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
