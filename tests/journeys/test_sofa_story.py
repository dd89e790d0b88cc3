"""The story of the sofa against the running servers: as `make story` tells it, and once more on invoice."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from config.servers import ROOT
from tests.fakes.carrier.running import env_of, running_fake_carrier
from tests.fakes.stripe.running import running_fake_stripe
from tests.people import Person, etag
from tests.servers import Shop, running_shop
from tests.wire import ON_INVOICE

STEPS = [
    "She looks for a sofa, in Finnish, in whatever form the word comes to her",
    "She opens one, tries its fabrics, and takes one that is there",
    "Before she has a cart she is told what delivery costs and when it comes",
    "She puts the sofa into a cart, as a guest",
    "In the store she shows her code; the clerk opens her live cart and adds two cushions",
    "At home the cart says what is missing, and she fills it in",
    "She places the order, and her card wants to be seen",
    "Her bank asks, and she says yes (3DS)",
    "She has a letter about it",
    "The warehouse packs what its list says, and the carrier takes it along",
    "She watches it move until it is at her door",
    "The money was taken when the goods left, and she was told of each step",
    "The cushions do not suit the curtains: she announces their return",
    "The warehouse receives them, looks at them, and gives the money back",
    "The money is on its way back to her card, and she is told of it all",
    "All of it stands in one customer's record",
]


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where `make run` would keep what it knows."""
    return tmp_path_factory.mktemp("var")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, var: Path) -> Iterator[Shop]:
    with (
        running_fake_stripe() as stripe,
        running_fake_carrier(step_s=0.5) as carrier,
        running_shop(tmp_path_factory.mktemp("servers") / "log", programs=()) as shop,
    ):
        shop.env = {**shop.env, **stripe.env, **env_of(url=carrier.url), "MAIL_DIR": str(var / "mail")}
        for program in ("web", "streams", "worker"):
            shop.start(program)
        stripe.control.webhooks_to(url=f"{shop.url}/hooks/v1/stripe")
        carrier.webhooks_to = f"{shop.url}/hooks/v1/easypost"
        yield shop


def make_story(var: Path) -> subprocess.CompletedProcess[str]:
    """What `make story` runs, beside a `make run` that keeps its things in `var`."""
    return subprocess.run(
        [sys.executable, "-m", "tests.journeys"],
        cwd=ROOT,
        env={**os.environ, "POLKU_VAR": str(var)},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )


def runs(var: Path, shop: Shop, **accounts: str) -> None:
    """Let it look as if the shop had been started by `make run`."""
    (var / "run.lock").write_text(shop.url)
    (var / "demo.json").write_text(json.dumps({**shop.accounts, **accounts}))


def test_make_story_tells_every_step_and_ends_with_0(shop: Shop, var: Path) -> None:
    runs(var, shop)

    told = make_story(var)

    assert (told.returncode, told.stderr) == (0, ""), told.stdout + told.stderr
    lines = told.stdout.splitlines()
    assert [line.removeprefix("- ") for line in lines if line.startswith("- ")] == STEPS
    after = [lines[at + 1] for at, line in enumerate(lines) if line.startswith("- ")]
    assert all(line.startswith("    ") for line in after), "each step says what it changed"
    assert lines[-1] == "All of it was as told."
    assert shop.violated_invariants() == ""


def test_make_story_ends_with_1_and_says_what_was_not_as_told(shop: Shop, tmp_path: Path) -> None:
    nothing_runs = make_story(tmp_path)
    runs(tmp_path, shop, clerk_x=shop.accounts["shopper_a"])
    a_shopper_is_no_clerk = make_story(tmp_path)

    assert (nothing_runs.returncode, a_shopper_is_no_clerk.returncode) == (1, 1)
    assert "Nothing is running here" in nothing_runs.stdout
    assert f"- {STEPS[1]}" in a_shopper_is_no_clerk.stdout
    assert "Not as told: POST /staff/v1/carts/open: 40" in a_shopper_is_no_clerk.stdout


def eventually(look: Callable[[], Any], seconds: float = 15.0) -> Any:
    """What `look` finds, as soon as it finds something: the worker tells things a moment later."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, "nothing came of it"
        time.sleep(0.5)
    return found


def test_a_sofa_is_published_found_bought_shipped_and_its_cushion_comes_back(shop: Shop) -> None:
    merchandiser, shopper = shop.person("merchandiser"), shop.guest(locale="fi")
    clerk, packer, system = shop.person("clerk_x"), shop.person("packer"), shop.person("system")

    # The merchandiser publishes the sofa, and the shop shows the new publication.
    sofa = next(
        product
        for product in merchandiser.says("GET", "/pim/v1/products?limit=100")["items"]
        if "sofa" in product["code"]
    )
    published = merchandiser.says(
        "POST",
        f"/pim/v1/products/{sofa['id']}/publish",
        {"channel": "fi-web"},
        If_Match=etag(sofa["version"]),
    )
    assert published["number"] > 1

    # She finds it, in Finnish, and chooses a fabric.
    cards = shopper.says("GET", "/store/v1/products?category=sofas")["items"]
    page = eventually(
        lambda: shopper.says("GET", f"/store/v1/products/{cards[0]['slug']}") if cards else None
    )
    fabrics = {option["value"]: variant for variant in page["variants"] for option in variant["options"]}
    assert len(fabrics) == 3, "three fabrics"
    chosen = next(iter(fabrics.values()))

    # Her cart; the sofa goes in.
    cart = shopper.says("POST", "/store/v1/carts", {})
    shopper.carries(X_Cart_Secret=cart["secret"])
    here = f"/store/v1/carts/{cart['id']}"
    cart = shopper.says("POST", f"{here}/lines", {"sku": chosen["sku"], "quantity": 1})
    assert [line["added_by"]["kind"] for line in cart["lines"]] == ["guest"]

    # In the store she shows her code; the clerk opens her live cart and adds the cushions she spotted.
    code = shopper.says("POST", f"{here}/hand-over-codes", {})["code"]
    opened = clerk.says("POST", "/staff/v1/carts/open", {"code": code})
    assert opened["id"] == cart["id"]
    assert "contact" not in opened, "the clerk needs the goods, not the person"
    cushion = _cushion(shopper)
    clerk.says("POST", f"/staff/v1/carts/{cart['id']}/lines", {"sku": cushion, "quantity": 2})

    # She sees them in her cart, and who put them there.
    cart = shopper.says("GET", here)
    cushions = cart["lines"][1]
    assert cushions["sku"] == cushion
    assert (cushions["added_by"]["kind"], cushions["added_by"]["store"]) == ("clerk", "HELSINKI")
    assert cushions["added_by"]["label"]
    clerk.says("POST", f"/staff/v1/carts/{cart['id']}/close", {})
    assert clerk.tries("GET", f"/staff/v1/carts/{cart['id']}").status_code == 404

    # At home the cart says what is still missing, and she fills it in.
    assert {missing["field"] for missing in cart["requirements"]} >= {"email", "street", "option"}
    shopper.says(
        "PATCH",
        here,
        {
            "email": "Aino.Virtanen@example.fi",
            "name": "Aino Virtanen",
            "phone": "+358 40 123 4567",
            "street": "Mannerheimintie 1 A 2",
            "postcode": "00100",
            "city": "Helsinki",
        },
    )
    offer = shopper.says("GET", f"{here}/delivery-options")["groups"][0]["options"][0]
    assert offer["promise"]["earliest_on"] <= offer["promise"]["latest_on"]
    cart = shopper.says("PUT", f"{here}/deliveries/main", {"option": offer["option"]})
    assert cart["requirements"] == []
    assert cart["totals"]["delivery"] == offer["price"]

    # She places the order on invoice; the order is what the cart was.
    order = shopper.says("POST", f"{here}/place", ON_INVOICE, If_Match=etag(cart["version"]))
    assert order["state"] == "confirmed"
    assert order["total"] == cart["totals"]["total"]
    assert order["payment"]["next_action"] == {"type": "none"}
    shopper.carries(X_Order_Secret=order["secret"])
    hers = f"/store/v1/orders/{order['id']}"

    # The warehouse ships it.
    packer.says("POST", f"/staff/v1/orders/{order['id']}/parcels", {})
    shipped = shopper.says("GET", hers)
    assert shipped["state"] == "completed"

    eventually(lambda: _is_delivered(shopper, hers), seconds=60)

    # The cushions do not suit the curtains: she announces their return, it arrives, it is credited.
    line = next(line for line in shipped["lines"] if line["sku"] == cushion)
    announced = shopper.says("POST", f"{hers}/returns", {"lines": [{"line_id": line["id"], "quantity": 2}]})
    packer.says("POST", f"/staff/v1/returns/{announced['id']}/receive", {})
    credited = packer.says("POST", f"/staff/v1/returns/{announced['id']}/credit", {})
    assert credited["credit"]["amount"] == line["gross"]["amount"]

    # She has become a customer; her address is still unverified, and her timeline tells all of it.
    customer = eventually(lambda: _customer(system, "aino.virtanen@example.fi"))
    assert not any(point["verified"] for point in customer["contact_points"])
    told = eventually(lambda: _told(system, customer["id"]))
    assert told == [
        "order_placed",
        "order_confirmed",
        "parcel_dispatched",
        "order_completed",
        "return_announced",
        "return_received",
        "return_credited",
    ]

    assert shop.violated_invariants() == ""


def _is_delivered(shopper: Person, order: str) -> bool:
    parcels = shopper.says("GET", f"{order}/tracking")["parcels"]
    return bool(parcels) and all(parcel["state"] == "delivered" for parcel in parcels)


def _cushion(shopper: Person) -> str:
    cards = shopper.says("GET", "/store/v1/products?category=cushions")["items"]
    return str(shopper.says("GET", f"/store/v1/products/{cards[0]['slug']}")["variants"][0]["sku"])


def _customer(system: Person, address: str) -> Any:
    for event in _events(system):
        if event["type"] == "customers.customer_recorded":
            found = system.says("GET", f"/system/v1/customers/{event['data']['customer_ref']}")
            if address in {point["value"].lower() for point in found["contact_points"]}:
                return found
    return None


def _events(system: Person) -> Iterator[Any]:
    """The whole event log, page by page."""
    page = system.says("GET", "/system/v1/events?limit=100")
    while page["items"]:
        yield from page["items"]
        page = system.says("GET", f"/system/v1/events?limit=100&after={page['next_after']}")


def _told(system: Person, customer_id: str) -> list[str] | None:
    timeline = system.says("GET", f"/system/v1/customers/{customer_id}")["timeline"]
    kinds = [entry["kind"] for entry in timeline]
    return kinds if "return_credited" in kinds else None


def test_the_figures_of_all_web_processes_are_counted_together(shop: Shop) -> None:
    anybody = shop.guest()
    for _ in range(20):
        anybody.says("GET", "/store/v1/products")

    figures = anybody.tries("GET", "/metrics", X_Forwarded_For="127.0.0.1").text

    line = next(
        line for line in figures.splitlines() if "_count" in line and 'route="store/v1/products"' in line
    )
    assert float(line.split()[-1]) >= 20
