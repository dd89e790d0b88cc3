"""`make story`: the story of the sofa, told against the shop that `make run` has started beside it.

Ends with status 0 when everything was as told, with 1 at the first thing that was not, and says what it was.
"""

import json
import sys

import httpx

from config.run import VAR
from tests.journeys.story import Cast, tell
from tests.people import Person


def main() -> int:
    """Tell it. Returns the exit status."""
    url = (VAR / "run.lock").read_text().strip() if (VAR / "run.lock").exists() else ""
    try:
        httpx.get(f"{url}/health/ready", timeout=5).raise_for_status()
        accounts = json.loads((VAR / "demo.json").read_text())
    except (httpx.HTTPError, httpx.UnsupportedProtocol, OSError):
        print("Nothing is running here. Start it with `make run`, then tell the story beside it.")  # noqa: T201
        return 1
    key = accounts["publishable_key"]
    cast = Cast(
        shopper=Person(url, X_Api_Key=key),
        clerk=Person(url, token=accounts["clerk_x"], X_Api_Key=key),
        packer=Person(url, token=accounts["packer"], X_Api_Key=key),
        system=Person(url, token=accounts["system"]),
        letters=VAR / "mail",
        say=lambda line: print(line, flush=True),  # noqa: T201
    )
    try:
        tell(cast)
    except (AssertionError, httpx.HTTPError) as error:
        print(f"\nNot as told: {error or type(error).__name__}")  # noqa: T201
        return 1
    print("\nAll of it was as told.")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
