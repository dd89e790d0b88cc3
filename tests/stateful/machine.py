"""Anybody does anything in any order, over the HTTP API; after each step the shop is what the model says.

Buyers, clerks and Stripe are played by the rules; our own jobs (folding messages, carrying out what the provider shall
do, recovering, expiring) run when a rule says so, so they come too early, too late, twice or never. Faults of the
provider's replies are among what a rule may choose.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import uuid4

from django.http import HttpResponse
from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, precondition, rule

from config.kernel.dispatcher import run_pending
from config.kernel.invariants import check
from config.kernel.rest.throttling import forget_old_counts
from orders.agreement.models import Order as OrderRow
from orders.payment.ports import ProviderSilent
from orders.placing.recovering import expire_orders, recover_payments
from orders.stock.models import StockLevel
from tests.callers import Caller, etag, problem
from tests.factories.goods import CUSHION, DELIVERY_PRICE, PRICES, SAND, undone
from tests.factories.world import ADDRESS, World
from tests.fakes.stripe.running import FakeStripe
from tests.orders.paying import BY, Till, till_for
from tests.stateful.model import CANCELLED, COMPLETED, CONFIRMED, PENDING, Attempt, Order, Shop, Units
from tests.wire import ACKNOWLEDGED

T = TypeVar("T")
METHODS = st.sampled_from(["card", "card", "mobilepay", "invoice"])
CARDS = st.sampled_from(["pm_card_visa", "pm_card_authenticationRequired", "pm_card_chargeDeclined"])
SKUS = st.sampled_from([SAND, CUSHION])
QUANTITIES = st.integers(1, 30)  # fifty are there, so three orders may be too many
CHOICES = st.integers(0, 31)  # which of many, see `_pick`
FAULTS = st.sampled_from(["", "", "", "reply_lost", "error_after", "rate_limited"])
PAY_WITHIN = timedelta(minutes=30)
SILENCE = timedelta(minutes=3)
TELLING = frozenset(  # kinds of events that make us look at their intent
    {
        "payment_intent.amount_capturable_updated",
        "payment_intent.canceled",
        "payment_intent.payment_failed",
        "payment_intent.requires_action",
        "payment_intent.succeeded",
        "charge.refunded",
        "charge.refund.updated",
        "refund.created",
        "refund.updated",
        "refund.failed",
    }
)


class Cart:
    """A guest's cart and how it was placed."""

    def __init__(self, guest: Caller) -> None:
        body = guest.says("POST", "/store/v1/carts", {})
        self.guest = guest.carrying(X_Cart_Secret=body["secret"])
        self.path = f"/store/v1/carts/{body['id']}"
        self.units: Units = Counter()
        self.order_id = ""
        self.receipt: dict[str, Any] = {}
        self.placed_with: tuple[str, str, int] = ("", "", 0)  # key, method, version


class ShopMachine(RuleBasedStateMachine):
    """The rules. `world` and `stripe` are set by whoever runs the machine."""

    world: World
    stripe: FakeStripe

    carts: Bundle[Cart] = Bundle("carts")

    def __init__(self) -> None:
        super().__init__()
        self._undone = undone()
        self._undone.__enter__()
        self.now = datetime.now(tz=UTC)
        self.till: Till = till_for(self.stripe, self.now)
        self.first_event = self.till.told
        self.buyers: dict[str, Caller] = {}
        self.model = Shop(on_hand=Counter(dict(StockLevel.objects.values_list("sku", "on_hand"))))
        self.clerk = self.world.person("clerk_x")
        self.recoveries = 0
        self.told: set[str] = set()  # events of Stripe's
        self.parcels: list[tuple[str, str, Units]] = []  # order, parcel, what is in it
        self.returns: list[tuple[str, str, Units]] = []  # order, return, what comes back
        self.handed_out: set[str] = set()
        self.received: set[str] = set()
        self.credited: set[str] = set()

    def teardown(self) -> None:
        """Everything is told and taken up; then all money is where it belongs."""
        try:
            self._settle()
        finally:
            self._undone.__exit__(None, None, None)

    # --- Buyers

    @initialize(target=carts)
    def somebody_buys_first(self) -> Cart:
        return self._bought("card", CUSHION, 3)

    @initialize(target=carts, method=METHODS, sku=SKUS, quantity=QUANTITIES)
    def somebody_else_buys(self, method: str, sku: str, quantity: int) -> Cart:
        return self._bought(method, sku, quantity)

    @initialize(target=carts, quantity=st.integers(1, 5))
    def somebody_has_her_goods(self, quantity: int) -> Cart:
        cart = self._bought("invoice", CUSHION, quantity)
        self._ship(cart.order_id, part=False)
        self._hand_out(*self.parcels[0])
        return cart

    @rule(target=carts)
    def another_cart(self) -> Cart:
        return self._new_cart()

    @rule(target=carts, method=METHODS, sku=SKUS, quantity=QUANTITIES)
    def buy(self, method: str, sku: str, quantity: int) -> Cart:
        """A cart is filled and placed at one go."""
        return self._bought(method, sku, quantity)

    def _new_cart(self) -> Cart:
        cart = Cart(self.world.guest())
        cart.guest.says("PATCH", cart.path, ADDRESS)
        return cart

    def _bought(self, method: str, sku: str, quantity: int) -> Cart:
        cart = self._new_cart()
        self._add(cart, sku, quantity)
        self._place(cart, method, "")
        return cart

    @rule(cart=carts, sku=SKUS, quantity=QUANTITIES)
    def add(self, cart: Cart, sku: str, quantity: int) -> None:
        self._add(cart, sku, quantity)

    def _add(self, cart: Cart, sku: str, quantity: int) -> None:
        answer = self._ask(cart.guest, "POST", f"{cart.path}/lines", {"sku": sku, "quantity": quantity})
        if cart.order_id:
            assert _refused(answer) == "cart_consumed"
        elif answer.status_code == 201:
            cart.units[sku] += quantity
        else:
            assert _refused(answer) == "out_of_stock"
            assert self.model.free(sku) < cart.units[sku] + quantity

    @rule(cart=carts, method=METHODS, fault=FAULTS)
    def place(self, cart: Cart, method: str, fault: str) -> None:
        self._place(cart, method, fault)

    def _place(self, cart: Cart, method: str, fault: str) -> None:
        body = cart.guest.says("GET", cart.path)
        if cart.units and not cart.order_id:
            body = cart.guest.says("PUT", f"{cart.path}/deliveries/main", {"option": "parcel"})
        key, wish = str(uuid4()), {"payment_method": method, **ACKNOWLEDGED}
        cart_state = etag(body["version"])
        with self._meeting(fault if method != "invoice" else "", "POST /v1/payment_intents$"):
            answer = self._ask(
                cart.guest, "POST", f"{cart.path}/place", wish, If_Match=cart_state, Idempotency_Key=key
            )
        if cart.order_id:
            assert _refused(answer) == "cart_consumed"
        elif not cart.units:
            assert answer.status_code == 422
        elif not self.model.can_promise(cart.units):
            assert _refused(answer) == "out_of_stock"
        else:
            assert answer.status_code == 201, answer.content
            cart.receipt = json.loads(answer.content)
            cart.order_id, cart.placed_with = cart.receipt["id"], (key, method, body["version"])
            total = sum(PRICES[sku] * units for sku, units in cart.units.items()) + DELIVERY_PRICE
            attempt = self._begun(answer, method, fault)
            self.model.place(cart.order_id, Order(units=cart.units, total_minor=total, attempts=[attempt]))
            self.buyers[cart.order_id] = cart.guest.carrying(X_Order_Secret=cart.receipt["secret"])

    @rule(cart=carts)
    def place_again(self, cart: Cart) -> None:
        """Her first answer was lost, so she sends the same request once more."""
        if not cart.order_id:
            return
        key, method, version = cart.placed_with
        wish = {"payment_method": method, **ACKNOWLEDGED}
        answer = cart.guest.says(
            "POST", f"{cart.path}/place", wish, If_Match=etag(version), Idempotency_Key=key
        )
        assert (answer["id"], answer["number"]) == (cart.order_id, cart.receipt["number"])
        order = self.model.orders[cart.order_id]
        if len(order.attempts) == 1:
            self._provider_was_asked(cart.order_id)

    @rule(choice=CHOICES, method=METHODS, fault=FAULTS)
    def pay_otherwise(self, choice: int, method: str, fault: str) -> None:
        """Another try, or another method."""
        order_id = self._order(choice, PENDING)
        order = self.model.orders[order_id]
        newest, was_there = order.attempts[-1], self._newest_intent(order_id) is not None
        with self._meeting(fault if method != "invoice" else "", "POST /v1/payment_intents$"):
            answer = self._ask(
                self.buyers[order_id],
                "POST",
                f"/store/v1/orders/{order_id}/payments",
                {"payment_method": method},
            )
        if order.state != PENDING:
            assert _refused(answer) == "order_not_payable"
            return
        if newest.method == method and not newest.failed:
            assert answer.status_code == 201, answer.content
            if newest.known or not fault:
                self._provider_was_asked(order_id)
            elif fault == "error_after" and not was_there:
                newest.is_burnt = True
        elif order.has_too_many_failures:
            assert _refused(answer) == "too_many_payment_failures"
        else:
            assert answer.status_code == 201, answer.content
            order.attempts.append(self._begun(answer, method, fault))
            if method == "invoice":
                order.state = CONFIRMED

    @rule(choice=CHOICES, card=CARDS, approves=st.booleans(), which=st.integers(0, 3))
    def person_pays(self, choice: int, card: str, approves: bool, which: int) -> None:
        """At the provider, where an old tab may still be open; we have not heard of it yet."""
        order_id = self._order(choice, PENDING)
        intents = self._intents(order_id)
        open_ones = [
            each for each in intents if each["status"] in ("requires_payment_method", "requires_action")
        ]
        if open_ones:
            chosen = open_ones[which % len(open_ones)]
            self.stripe.control.pay(intent=chosen["id"], card=card, approves=approves)

    @rule(choice=CHOICES, card=CARDS)
    def person_pays_and_we_are_told(self, choice: int, card: str) -> None:
        self.person_pays(choice, card, True, 0)
        self.all_webhooks()

    @rule(choice=CHOICES)
    def cancel(self, choice: int) -> None:
        order_id = self._order(choice, PENDING, CONFIRMED)
        order = self.model.orders[order_id]
        answer = self._ask(self.buyers[order_id], "POST", f"/store/v1/orders/{order_id}/cancel", {})
        if order.shipped or order.state == CANCELLED:
            assert answer.status_code == 409
        else:
            assert answer.status_code == 200, answer.content
            self.model.cancel(order)

    # --- Stripe, and our jobs

    @rule(which=st.integers(0, 400))
    def one_webhook(self, which: int) -> None:
        """Any event since the beginning, whether it was told before or not."""
        events = self.stripe.control.events()[self.first_event :]
        if not events:
            return
        self._tell(events[which % len(events)])

    @rule()
    def all_webhooks(self) -> None:
        events = self.stripe.control.events()[self.first_event :]
        self._tell(*[event for event in events if event["id"] not in self.told])

    @rule()
    def jobs_run(self) -> None:
        self._works()

    @rule()
    def recovery_runs(self) -> None:
        self.recoveries += 1  # each finds that nothing was heard since the one before
        recover_payments(by=BY, now=self._later(SILENCE * self.recoveries))
        for order_id, order in self.model.orders.items():
            self._learn(order_id, order)

    @rule()
    def time_to_pay_is_over(self) -> None:
        late = [each for each in self.model.orders.items() if each[1].state == PENDING]
        expire_orders(by=BY, now=self._later(PAY_WITHIN + timedelta(seconds=1)))
        for order_id, order in late:
            self._learn(order_id, order)
            if order.state == PENDING:
                self.model.cancel(order)

    # --- Clerks

    @rule(choice=CHOICES, part=st.booleans())
    def ship(self, choice: int, part: bool) -> None:
        """All that is open leaves, or one unit of it."""
        self._ship(self._order(choice, CONFIRMED), part=part)

    def _ship(self, order_id: str, *, part: bool) -> None:
        order = self.model.orders[order_id]
        path = f"/staff/v1/orders/{order_id}"
        wish: dict[str, Any] = {}
        units = Counter(order.open_units)
        if part and units:
            sku = sorted(units)[0]
            units = Counter({sku: 1})
            wish = {"lines": [{"line_id": self._line_id(order_id, sku), "quantity": 1}]}
        answer = self._ask(self.clerk, "POST", f"{path}/parcels", wish)
        if order.state in (PENDING, CANCELLED):
            assert _refused(answer) == "order_not_confirmed"
        elif order.state == COMPLETED:
            assert answer.status_code == 409
        else:
            assert answer.status_code == 201, answer.content
            self.model.ship(order, units)
            self.parcels.append((order_id, json.loads(answer.content)["id"], units))

    @precondition(lambda self: self.parcels)
    @rule(choice=CHOICES)
    def hand_out(self, choice: int) -> None:
        self._hand_out(*_pick(self.parcels, choice, lambda each: each[1] not in self.handed_out))

    def _hand_out(self, order_id: str, parcel_id: str, units: Units) -> None:
        answer = self._ask(self.clerk, "POST", f"/staff/v1/parcels/{parcel_id}/hand-out", {})
        if answer.status_code == 200 and parcel_id not in self.handed_out:
            self.handed_out.add(parcel_id)
            self.model.orders[order_id].delivered.update(units)
        else:
            assert parcel_id in self.handed_out, answer.content

    @rule(choice=CHOICES, quantity=st.integers(1, 3))
    def announce_return(self, choice: int, quantity: int) -> None:
        order_id, order = _pick(list(self.model.orders.items()), choice, lambda each: each[1].returnable)
        sku = sorted(order.returnable or order.units)[0]
        lines = [{"line_id": self._line_id(order_id, sku), "quantity": quantity}]
        path = f"/store/v1/orders/{order_id}/returns"
        answer = self._ask(self.buyers[order_id], "POST", path, {"lines": lines})
        if order.returnable[sku] < quantity:
            assert answer.status_code == 422
        else:
            assert answer.status_code == 201, answer.content
            order.coming_back[sku] += quantity
            self.returns.append((order_id, json.loads(answer.content)["id"], Counter({sku: quantity})))

    @precondition(lambda self: self.returns)
    @rule(choice=CHOICES)
    def receive(self, choice: int) -> None:
        _, return_id, units = _pick(self.returns, choice, lambda each: each[1] not in self.received)
        answer = self._ask(self.clerk, "POST", f"/staff/v1/returns/{return_id}/receive", {})
        if return_id in self.received:
            assert answer.status_code == 409
        else:
            assert answer.status_code == 200, answer.content
            self.received.add(return_id)
            self.model.receive(units)

    @precondition(lambda self: self.returns)
    @rule(choice=CHOICES)
    def credit(self, choice: int) -> None:
        to_credit = self.received - self.credited
        order_id, return_id, units = _pick(self.returns, choice, lambda each: each[1] in to_credit)
        order = self.model.orders[order_id]
        left = self._refundable(order_id)
        answer = self._ask(self.clerk, "POST", f"/staff/v1/returns/{return_id}/credit", {})
        if return_id not in self.received or return_id in self.credited:
            assert answer.status_code == 409
        elif answer.status_code == 200:
            self.credited.add(return_id)
            back = _minor(json.loads(answer.content)["credit"]["amount"])
            assert back >= sum(PRICES[sku] * number for sku, number in units.items())
            assert back <= left
            order.asked_back_minor += back
        else:
            assert _refused(answer) == "refund_exceeds_captured"
            assert left < sum(PRICES[sku] * number for sku, number in units.items()) + DELIVERY_PRICE

    @rule(choice=CHOICES, euros=st.sampled_from([0, 1, 500, 100_000]), fault=FAULTS)
    def refund(self, choice: int, euros: int, fault: str) -> None:
        order_id = self._order(choice, COMPLETED)
        left = self._refundable(order_id)
        with self._meeting(fault, "POST /v1/refunds$"):
            answer = self._ask(
                self.clerk,
                "POST",
                f"/staff/v1/orders/{order_id}/refunds",
                {"amount": {"amount": f"{euros}.00", "currency": "EUR"}},
            )
            if answer.status_code == 201:
                self._works()
        if 0 < euros * 100 <= left:
            assert answer.status_code == 201, answer.content
            self.model.orders[order_id].asked_back_minor += euros * 100
        else:
            assert _refused(answer) == "refund_exceeds_captured"

    # --- After every step

    @invariant()
    def the_shop_is_what_the_model_says(self) -> None:
        states = {str(ref): state for ref, state in OrderRow.objects.values_list("public_id", "state")}
        assert {ref: states[ref] for ref in self.model.orders} == {
            ref: order.state for ref, order in self.model.orders.items()
        }
        levels = {
            sku: (on_hand, reserved)
            for sku, on_hand, reserved in StockLevel.objects.values_list("sku", "on_hand", "reserved")
        }
        for sku in (SAND, CUSHION):
            assert levels[sku] == (self.model.on_hand[sku], self.model.reserved[sku]), sku

    @invariant()
    def no_rule_about_the_data_is_broken(self) -> None:
        assert check(now=datetime.now(tz=UTC)) == []

    def _settle(self) -> None:
        self.stripe.control.set_faults()
        for _ in range(3):
            self.all_webhooks()
            self.recovery_runs()
            self.time_to_pay_is_over()
        run_pending(now=self._later(timedelta(hours=1)))
        self.the_shop_is_what_the_model_says()
        assert check(now=self._later(timedelta(hours=1))) == []
        for order_id, order in self.model.orders.items():
            note(f"{order_id}: {order}")
            self._money_is_where_it_belongs(order_id, order)

    def _money_is_where_it_belongs(self, order_id: str, order: Order) -> None:
        intents = self._intents(order_id)
        held = sum(each["amount_capturable"] for each in intents)
        taken = sum(each["amount_received"] for each in intents)
        back = sum(
            refund["amount"]
            for refund in self.stripe.control.refunds()
            if refund["payment_intent"] in {each["id"] for each in intents}
        )
        if order.state == CANCELLED or order.method == "invoice":
            assert (held, taken - back) == (0, 0)
            return
        assert order.state in (CONFIRMED, COMPLETED)
        assert back == order.asked_back_minor
        if not order.shipped:
            assert (held, taken) == (order.total_minor, 0)
        elif order.state == COMPLETED or order.method == "mobilepay":
            assert (held, taken) == (0, order.total_minor)
        else:
            assert held + taken == order.total_minor
            assert held > 0
            assert taken > 0

    # --- Help

    def _ask(self, caller: Caller, method: str, path: str, body: Any, **headers: str) -> HttpResponse:
        """Send it; whoever asks too often waits and asks again. Whatever comes, it is no failure of ours."""
        answer = caller.tries(method, path, body, **headers)
        if answer.status_code == 429:
            forget_old_counts(now=self._later(timedelta(hours=1)))
            answer = caller.tries(method, path, body, **headers)
        note(f"{method} {path} {body} -> {answer.status_code}")
        assert answer.status_code < 500, answer.content
        return answer

    @contextmanager
    def _meeting(self, fault: str, where: str) -> Iterator[None]:
        """The next matching request of ours meets this fault at the provider."""
        if fault:
            self.stripe.control.fail_next(fault=fault, where=where)
        yield
        self.stripe.control.set_faults()

    def _works(self) -> None:
        """Our worker does what there is to do; a provider that does not answer is asked again another time."""
        try:
            self.till.works()
        except ProviderSilent:
            note("the provider was silent")

    def _tell(self, *events: dict[str, Any]) -> None:
        """Webhooks come in, and each is folded unless it came before."""
        for event in events:
            assert self.till.tells(event).status_code == 200
        self._works()
        fresh = [each for each in events if each["id"] not in self.told and each["type"] in TELLING]
        self.told |= {event["id"] for event in events}
        abouts = [event["data"]["object"] for event in fresh]
        looked_at = {
            each["id"] if each["object"] == "payment_intent" else each["payment_intent"] for each in abouts
        }
        for order_id, order in self.model.orders.items():
            newest = self._newest_intent(order_id)
            if newest is not None and newest["id"] in looked_at:
                self.model.learn(order, _status(newest))

    def _provider_was_asked(self, order_id: str) -> None:
        """A request of the buyer's made us ask what became of her newest attempt."""
        order = self.model.orders[order_id]
        attempt = order.attempts[-1]
        if attempt.method == "invoice" or (attempt.is_burnt and not attempt.known):
            return
        self._learn(order_id, order)

    def _learn(self, order_id: str, order: Order) -> None:
        newest = self._newest_intent(order_id)
        if newest is not None and order.attempts[-1].method != "invoice":
            self.model.learn(order, _status(newest))

    def _begun(self, answer: HttpResponse, method: str, fault: str) -> Attempt:
        """The attempt that an answer tells of."""
        by_invoice = method == "invoice"
        return Attempt(
            ref=json.loads(answer.content)["payment"]["attempt_id"],
            method=method,
            known=by_invoice or not fault,
            is_burnt=not by_invoice and fault == "error_after",
        )

    def _intents(self, order_id: str) -> list[dict[str, Any]]:
        return list(self.stripe.control.intents(order_id=order_id))

    def _newest_intent(self, order_id: str) -> dict[str, Any] | None:
        """What the provider has of the newest attempt."""
        found = self.stripe.control.intents(attempt_id=self.model.orders[order_id].attempts[-1].ref)
        return found[-1] if found else None

    def _refundable(self, order_id: str) -> int:
        """What was taken or invoiced and not promised back, in minor units, once our jobs ran."""
        self._works()
        order = self.model.orders[order_id]
        if order.state not in (CONFIRMED, COMPLETED):
            return 0
        if order.method == "invoice":
            return order.total_minor - order.asked_back_minor
        return sum(each["amount_received"] for each in self._intents(order_id)) - order.asked_back_minor

    def _line_id(self, order_id: str, sku: str) -> str:
        body = self.buyers[order_id].says("GET", f"/store/v1/orders/{order_id}")
        return str(next(line["id"] for line in body["lines"] if line["sku"] == sku))

    def _order(self, choice: int, *states: str) -> str:
        """An order, mostly one in these states."""
        return _pick(list(self.model.orders.items()), choice, lambda each: each[1].state in states)[0]

    def _later(self, by: timedelta) -> datetime:
        return datetime.now(tz=UTC) + by


def _pick(rows: Sequence[T], choice: int, wanted: Callable[[T], Any]) -> T:
    """One of the rows; three times of four one that is wanted, if there is one."""
    found = [row for row in rows if wanted(row)] if choice % 4 else []
    return (found or rows)[choice // 4 % len(found or rows)]


def _refused(answer: HttpResponse) -> str:
    """The code of a refusal."""
    return str(problem(answer)["code"])


def _status(intent: dict[str, Any]) -> str:
    """An intent's status; `failed` when its last try was declined."""
    failed = intent["status"] == "requires_payment_method" and intent["last_payment_error"]
    return "failed" if failed else str(intent["status"])


def _minor(amount: str) -> int:
    return int(amount.replace(".", ""))
