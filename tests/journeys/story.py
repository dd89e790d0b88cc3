"""The story of the sofa, told over HTTP against running servers by the people in it: shopper, clerk and warehouse.

The carrier and the payment provider play their parts by themselves (`make run` starts stand-ins of both). Every step is
said aloud with what it changed, and nothing of it goes round the API: what a step expects is what its person is told.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import httpx

from tests.journeys.mailbox import Letter, letters_to
from tests.people import Person, etag

CARD_THAT_ASKS: Final = "4000002760003184"  # its bank wants to see the buyer (3DS)
POSTCODE: Final = "00500"
_PATIENCE_S: Final = 60.0


@dataclass(kw_only=True)
class Cast:
    """Who is in the story, where her letters are, and how it is told."""

    shopper: Person
    clerk: Person
    packer: Person
    system: Person
    letters: Path
    say: Callable[[str], None]
    address: str = field(default_factory=lambda: f"aino.{uuid4().hex[:8]}@example.fi")

    def eventually(self, what: str, look: Callable[[], Any]) -> Any:
        """What `look` finds, as soon as it finds something: others tell things a moment later."""
        deadline = time.monotonic() + _PATIENCE_S
        while not (found := look()):
            if time.monotonic() > deadline:
                raise AssertionError(f"waited {_PATIENCE_S:g} s in vain: {what}")
            time.sleep(1.0)  # people are asked to look at an order no oftener than once a second
        return found

    @contextmanager
    def step(self, title: str) -> Iterator[Callable[[str], None]]:
        """A step: its title, and below it what changed."""
        self.say(f"\n- {title}")
        yield lambda changed: self.say(f"    {changed}")

    def letter(self, *words: str) -> Letter:
        """Her letter whose subject has all of these words, as soon as it is there."""

        def look() -> Letter | None:
            for letter in letters_to(address=self.address, folder=self.letters):
                if all(word.lower() in letter.subject.lower() for word in words):
                    return letter
            return None

        found: Letter = self.eventually(f"a letter about {' '.join(words)}", look)
        return found


def tell(cast: Cast) -> None:
    """Tell it from the first look to the money that comes back. Errors: AssertionError where it is not as told."""
    sofa, cushion = _she_finds_her_sofa(cast)
    cart = _the_clerk_adds_cushions(cast, sofa, cushion)
    order = _she_pays(cast, cart)
    _it_comes(cast, order)
    _the_cushions_go_back(cast, order, cushion)
    _it_is_all_in_her_record(cast, order)


def _she_finds_her_sofa(cast: Cast) -> tuple[dict[str, Any], str]:
    with cast.step("She looks for a sofa, in Finnish, in whatever form the word comes to her") as changed:
        cards = cast.eventually(
            "a sofa to be found", lambda: cast.shopper.says("GET", "/store/v1/products?q=sohvat")["items"]
        )
        changed(f"{len(cards)} sofas; the first is {cards[0]['name']}")
    with cast.step("She opens one, tries its fabrics, and takes one that is there") as changed:
        page = next(
            page
            for card in cards
            if len((page := cast.shopper.says("GET", f"/store/v1/products/{card['slug']}"))["variants"]) > 1
        )
        sofa = next(each for each in page["variants"] if each["availability"] != "sold_out")
        fabrics = [option["label"] for option in page["axes"][0]["options"]]
        changed(f"{page['name']}: {', '.join(fabrics)}")
        changed(f"chosen: {sofa['options'][0]['value']}, {_sum(sofa['price']['gross'])}")
    with cast.step("Before she has a cart she is told what delivery costs and when it comes") as changed:
        promises = cast.shopper.says(
            "GET", f"/store/v1/delivery-promises?postal_code={POSTCODE}&variant={sofa['sku']}"
        )
        changed(f"to {POSTCODE}: {_short(promises)}")
    cushions = cast.shopper.says("GET", "/store/v1/products?category=cushions")["items"]
    pages = (cast.shopper.says("GET", f"/store/v1/products/{card['slug']}") for card in cushions)
    cushion = next(
        variant["sku"]
        for page in pages
        for variant in page["variants"]
        if variant["availability"] == "in_stock"
    )
    return sofa, cushion


def _the_clerk_adds_cushions(cast: Cast, sofa: dict[str, Any], cushion: str) -> dict[str, Any]:
    with cast.step("She puts the sofa into a cart, as a guest") as changed:
        cart = cast.shopper.says("POST", "/store/v1/carts", {})
        cast.shopper.carries(X_Cart_Secret=cart["secret"])
        here = f"/store/v1/carts/{cart['id']}"
        cart = cast.shopper.says("POST", f"{here}/lines", {"sku": sofa["sku"], "quantity": 1})
        changed(f"cart: {_sum(cart['totals']['total'])}")
    with cast.step(
        "In the store she shows her code; the clerk opens her live cart and adds two cushions"
    ) as changed:
        code = cast.shopper.says("POST", f"{here}/hand-over-codes", {})["code"]
        opened = cast.clerk.says("POST", "/staff/v1/carts/open", {"code": code})
        assert opened["id"] == cart["id"]
        assert "contact" not in opened, "the clerk needs the goods, not the person"
        cast.clerk.says("POST", f"/staff/v1/carts/{cart['id']}/lines", {"sku": cushion, "quantity": 2})
        cart = cast.shopper.says("GET", here)
        added = next(line for line in cart["lines"] if line["sku"] == cushion)
        assert added["added_by"]["kind"] == "clerk"
        changed(f"her cart says: 2 x {added['name']}, added by {added['added_by']['label']}")
        cast.clerk.says("POST", f"/staff/v1/carts/{cart['id']}/close", {})
    with cast.step("At home the cart says what is missing, and she fills it in") as changed:
        changed("missing: " + ", ".join(f"{each['step']}.{each['field']}" for each in cart["requirements"]))
        cart = cast.shopper.says(
            "PATCH",
            here,
            {
                "email": cast.address,
                "name": "Aino Virtanen",
                "phone": "+358 40 123 4567",
                "street": "Vaasankatu 12 A 3",
                "postcode": POSTCODE,
                "city": "Helsinki",
            },
        )
        (group, *_) = cast.shopper.says("GET", f"{here}/delivery-options")["groups"]
        option = next(each for each in group["options"] if each["available"] and each["store"] is None)
        cart = cast.shopper.says("PUT", f"{here}/deliveries/{group['group']}", {"option": option["option"]})
        assert cart["requirements"] == []
        promise = option["promise"]
        changed(
            f"{option['option']}, {_sum(option['price'])}, between {promise['earliest_on']} and {promise['latest_on']}"
        )
        changed(f"to pay: {_sum(cart['totals']['total'])}")
    return dict(cart)


def _she_pays(cast: Cast, cart: dict[str, Any]) -> dict[str, Any]:
    wish = {"payment_method": "card", "acknowledgements": ["terms", "withdrawal"]}
    with cast.step("She places the order, and her card wants to be seen") as changed:
        methods = cast.shopper.says("GET", f"/store/v1/carts/{cart['id']}/payment-methods")
        changed("she may pay by " + ", ".join(_possible(methods)))
        order = cast.shopper.says(
            "POST", f"/store/v1/carts/{cart['id']}/place", wish, If_Match=etag(cart["version"])
        )
        cast.shopper.carries(X_Order_Secret=order["secret"])
        assert order["state"] == "pending_payment", order["state"]
        next_action = order["payment"]["next_action"]
        assert next_action["type"] == "sdk"
        changed(f"order {order['number']}: {order['state']}, next: {next_action['type']}")
    with cast.step("Her bank asks, and she says yes (3DS)") as changed:
        _pass_3ds(next_action["url"])
        here = f"/store/v1/orders/{order['id']}"
        placed = cast.eventually(
            "the order to be confirmed",
            lambda: (now := cast.shopper.says("GET", here))["state"] == "confirmed" and now,
        )
        changed(f"order {placed['number']}: {placed['state']}")
    with cast.step("She has a letter about it") as changed:
        changed(cast.letter(order["number"]).subject)
    return dict(placed)


def _it_comes(cast: Cast, order: dict[str, Any]) -> None:
    here = f"/store/v1/orders/{order['id']}"
    with cast.step("The warehouse packs what its list says, and the carrier takes it along") as changed:
        listed = cast.packer.says("GET", "/staff/v1/picking-lists")
        assert order["number"] in str(listed), "the order is not on the picking list"
        parcel = cast.packer.says("POST", f"/staff/v1/orders/{order['id']}/parcels", {})
        changed(f"parcel {parcel['tracking_code']}: {parcel['state']}")
    with cast.step("She watches it move until it is at her door") as changed:
        seen: list[str] = []

        def look() -> bool:
            for each in cast.shopper.says("GET", f"{here}/tracking")["parcels"]:
                if each["state"] not in seen:
                    seen.append(each["state"])
            return "delivered" in seen

        cast.eventually("the parcel to be delivered", look)
        changed(" -> ".join(seen))
    with cast.step("The money was taken when the goods left, and she was told of each step") as changed:
        for words in ("on matkalla", "on maksettu", "saapuu tänään", "on toimitettu"):
            changed(cast.letter(order["number"], words).subject)


def _the_cushions_go_back(cast: Cast, order: dict[str, Any], cushion: str) -> None:
    here = f"/store/v1/orders/{order['id']}"
    line = next(line for line in order["lines"] if line["sku"] == cushion)
    with cast.step("The cushions do not suit the curtains: she announces their return") as changed:
        announced = cast.shopper.says(
            "POST", f"{here}/returns", {"lines": [{"line_id": line["id"], "quantity": 2}]}
        )
        changed(f"return {announced['id']}, code on the box: {announced.get('label_code', '')}")
    with cast.step("The warehouse receives them, looks at them, and gives the money back") as changed:
        cast.packer.says("POST", f"/staff/v1/returns/{announced['id']}/receive", {})
        credited = cast.packer.says("POST", f"/staff/v1/returns/{announced['id']}/credit", {})
        assert credited["credit"]["amount"] == line["gross"]["amount"], (
            "the cushions' price comes back, all of it"
        )
        changed(f"credited: {_sum(credited['credit'])}")
    with cast.step("The money is on its way back to her card, and she is told of it all") as changed:
        (refund,) = cast.eventually(
            "the refund to be made",
            lambda: [
                each for each in cast.shopper.says("GET", here)["refunds"] if each["status"] != "pending"
            ],
        )
        assert (refund["status"], refund["amount"]) == ("done", credited["credit"])
        for words in ("palautuksesi tilauksesta", "on saapunut", "rahanpalautus"):
            changed(cast.letter(order["number"], words).subject)
        changed(f"refund {_sum(refund['amount'])}: {refund['status']}")


def _it_is_all_in_her_record(cast: Cast, order: dict[str, Any]) -> None:
    with cast.step("All of it stands in one customer's record") as changed:

        def look() -> Any:
            after = ""
            while True:
                page = cast.system.says("GET", f"/system/v1/events?limit=100{after}")
                for event in page["items"]:
                    if event["type"] == "customers.customer_recorded":
                        found = cast.system.says(
                            "GET", f"/system/v1/customers/{event['data']['customer_ref']}"
                        )
                        points = [point["value"].lower() for point in found["contact_points"]]
                        kinds = [entry["kind"] for entry in found["timeline"]]
                        if cast.address.lower() in points and "return_credited" in kinds:
                            return kinds
                if not page.get("next_after") or not page["items"]:
                    return None
                after = f"&after={page['next_after']}"

        told = cast.eventually("the record to tell of the return", look)
        assert told[0] == "order_placed"
        changed(", ".join(told))


def _pass_3ds(url: str) -> None:
    """What a person does on the payment page: give the card, and say yes to the bank."""
    with httpx.Client(timeout=30, follow_redirects=False) as browser:
        page = browser.post(url, data={"do": "pay", "card": CARD_THAT_ASKS})
        assert page.status_code < 400, page.text
        page = browser.post(url, data={"do": "approve"})
        assert page.status_code < 400, page.text


def _possible(methods: Any) -> list[str]:
    return [str(each["code"]) for each in methods["methods"] if each["available"]]


def _sum(money: dict[str, str]) -> str:
    return f"{money['amount']} {money['currency']}"


def _short(promises: Any) -> str:
    return "; ".join(
        f"{each['label']} {_sum(each['price'])}, by {each['promise']['latest_on']}"
        for each in promises["items"]
        if each["available"]
    )
