"""A tablet is registered once, unlocked by a clerk of its store, and locks itself."""

import io
import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from config.kernel.db import open_transaction
from config.kernel.models import AccessToken, Audience, AuditEntry, User
from orders.locations.models import ClerkPin, Device, DeviceCode, StaffAssignment
from orders.locations.rules import is_pin, new_pin
from orders.locations.services import invite_device, set_pin
from tests.browsers import Tablet
from tests.callers import Caller, problem
from tests.factories.accounts import UserFactory
from tests.factories.goods import HELSINKI, SAND, TAMPERE
from tests.factories.world import World, nobodys_id, ready_cart

pytestmark = pytest.mark.django_db
PIN = "2580"


def invite(now: datetime, *, store: str = HELSINKI) -> str:
    with open_transaction():
        return invite_device(location=store, name="Tablet 1", now=now)


def give_pin(clerk: User, now: datetime, pin: str = PIN) -> None:
    with open_transaction():
        set_pin(user_ref=clerk.public_id, pin=pin, now=now)


@pytest.fixture
def clerk(world: World) -> User:
    give_pin(world.users["clerk_x"], world.now)
    return world.users["clerk_x"]


@pytest.fixture
def tablet(world: World) -> Tablet:
    """A registered tablet in Helsinki."""
    tablet = Tablet()
    tablet.arrives()
    tablet.says("POST", "/staff/v1/devices", {"code": invite(world.now)})
    return tablet


def unlock(tablet: Caller, clerk: User, pin: str = PIN) -> Any:
    return tablet.tries("POST", "/staff/v1/unlock", {"clerk_id": str(clerk.public_id), "pin": pin})


def refused(response: Any) -> tuple[int, str]:
    return response.status_code, problem(response)["code"]


@pytest.fixture
def unlocked(tablet: Tablet, clerk: User) -> Tablet:
    assert unlock(tablet, clerk).status_code == 200
    return tablet


def test_a_tablet_is_registered_by_a_code_that_is_good_once(world: World) -> None:
    code, tablet, other = invite(world.now), Tablet(), Tablet()
    tablet.arrives()
    other.arrives()

    response = tablet.tries("POST", "/staff/v1/devices", {"code": code.lower().replace("-", " ")})

    assert response.status_code == 201, response.content
    assert json.loads(response.content) == {
        "name": "Tablet 1",
        "store": HELSINKI,
        "store_name": Device.objects.get().location.name,
        "secret": None,
    }
    kept = response.cookies["device"]
    assert (kept["httponly"], kept["samesite"], kept["path"], kept["domain"]) == (True, "Lax", "/", "")
    assert other.is_refused("POST", "/staff/v1/devices", {"code": code}) == (422, "device_code_not_valid")
    assert Device.objects.count() == 1


@pytest.mark.parametrize("kind", ["never given", "too old", "used"])
def test_codes_that_register_nothing_look_alike(world: World, kind: str) -> None:
    code = invite(world.now)
    if kind == "never given":
        code = "0000-0000"
    elif kind == "too old":
        DeviceCode.objects.update(expires_at=world.now)
    else:
        Caller().says("POST", "/staff/v1/devices", {"code": code})
    registered = Device.objects.count()

    response = Caller().tries("POST", "/staff/v1/devices", {"code": code})

    assert refused(response) == (422, "device_code_not_valid")
    assert problem(response)["detail"] == "This code does not register a device; ask for a new one."
    assert Device.objects.count() == registered


def test_codes_cannot_be_tried_for_long(world: World) -> None:
    guesser = Caller()

    answers = [
        guesser.tries("POST", "/staff/v1/devices", {"code": f"0000-00{n:02}"}).status_code for n in range(12)
    ]

    assert answers == [422] * 10 + [429] * 2


def test_a_tablet_knows_who_can_unlock_it(tablet: Tablet, clerk: User, world: World) -> None:
    give_pin(world.users["clerk_y"], world.now)  # works in Tampere
    without_pin = UserFactory(name="No Pin")
    StaffAssignment.objects.create(
        user_ref=without_pin.public_id,
        location=StaffAssignment.objects.get(user_ref=clerk.public_id).location,
    )

    here = tablet.says("GET", "/staff/v1/session")

    assert here["device"]["store"] == HELSINKI
    assert here["clerks"] == [{"id": str(clerk.public_id), "name": clerk.name}]
    assert (here["clerk"], here["locks_at"]) == (None, None)


def test_nobody_learns_who_works_here_without_a_device(clerk: User) -> None:
    here = Tablet().says("GET", "/staff/v1/session")

    assert (here["device"], here["clerks"], here["clerk"]) == (None, [], None)


def test_a_pin_opens_the_staffs_part_on_this_tablet_in_its_store(
    tablet: Tablet, clerk: User, world: World
) -> None:
    response = unlock(tablet, clerk)

    assert response.status_code == 200, response.content
    told = json.loads(response.content)
    assert told["clerk"] == {"id": str(clerk.public_id), "name": clerk.name}
    assert told["token"] is None
    assert response.cookies["staff"]["httponly"]
    token = AccessToken.objects.get(idle_s__isnull=False)
    device = Device.objects.get()
    assert (token.user, token.audience, token.store, token.device) == (
        clerk,
        Audience.STAFF,
        HELSINKI,
        str(device.public_id),
    )
    here = tablet.says("GET", "/staff/v1/session")
    assert here["clerk"] == told["clerk"]
    assert here["locks_at"]
    cart = ready_cart(world.guest(), **{SAND: 1})
    code = cart.shopper.says("POST", f"{cart.path}/hand-over-codes")["code"]
    assert tablet.says("POST", "/staff/v1/carts/open", {"code": code})["id"] == str(cart.cart_id)
    assert tablet.says("GET", "/staff/v1/picking-lists")


def test_what_the_tablets_cookie_allows_needs_the_pages_token(unlocked: Tablet, clerk: User) -> None:
    foreign = unlocked.without_token()

    assert foreign.is_refused("PUT", f"/staff/v1/item-places/{SAND}", {"place": "A"}) == (403, "csrf_failed")
    assert refused(unlock(foreign, clerk)) == (403, "csrf_failed")
    assert foreign.is_refused("POST", "/staff/v1/lock") == (403, "csrf_failed")
    assert foreign.says("GET", "/staff/v1/picking-lists") is not None


def test_the_tablets_cookies_open_nothing_but_the_staffs_part(unlocked: Tablet, world: World) -> None:
    cart = ready_cart(world.guest())

    assert unlocked.is_refused("GET", cart.path) == (404, "not_found")
    assert unlocked.is_refused("GET", "/pim/v1/products") == (401, "not_authenticated")
    assert unlocked.is_refused("GET", "/system/v1/events") == (401, "not_authenticated")
    assert unlocked.says("GET", "/store/v1/session")["customer"] is None


def test_a_client_without_cookies_shows_the_devices_secret_and_gets_the_token(
    clerk: User, world: World
) -> None:
    client = Caller()
    secret = client.says("POST", "/staff/v1/devices", {"code": invite(world.now)})["secret"]
    wish = {"clerk_id": str(clerk.public_id), "pin": PIN}

    response = client.tries("POST", "/staff/v1/unlock", wish, X_Device_Secret=secret)

    assert not response.cookies
    token = json.loads(response.content)["token"]
    assert Caller(token=token).says("GET", "/staff/v1/session")["clerk"]["name"] == clerk.name
    assert Caller(token=token).says("GET", "/staff/v1/picking-lists") is not None


def test_wrong_pins_look_alike_whatever_is_wrong_with_them(tablet: Tablet, clerk: User, world: World) -> None:
    give_pin(world.users["clerk_y"], world.now)  # works in Tampere
    wishes = [
        {"clerk_id": str(clerk.public_id), "pin": "0852"},
        {"clerk_id": str(world.users["clerk_y"].public_id), "pin": PIN},
        {"clerk_id": str(world.users["shopper_a"].public_id), "pin": PIN},
        {"clerk_id": str(nobodys_id()), "pin": PIN},
    ]

    answers = [problem(tablet.tries("POST", "/staff/v1/unlock", wish)) for wish in wishes]

    assert {(answer["code"], answer["detail"]) for answer in answers} == {
        ("pin_not_valid", "This PIN does not unlock the device.")
    }
    assert not AccessToken.objects.filter(idle_s__isnull=False)
    tried = AuditEntry.objects.filter(action="orders.locations.refuse_pin")
    assert {row.subject["clerk_ref"] for row in tried} == {wish["clerk_id"] for wish in wishes}
    assert {row.actor_store for row in tried} == {HELSINKI}


def test_after_five_wrong_pins_even_the_right_one_has_to_wait(tablet: Tablet, clerk: User) -> None:
    answers = [unlock(tablet, clerk, pin=f"31{n:02}").status_code for n in range(5)]

    response = unlock(tablet, clerk)

    assert answers == [422] * 5
    assert refused(response) == (429, "too_many_requests")
    assert 0 < int(response["Retry-After"]) <= 15 * 60


def test_a_right_pin_forgives_the_wrong_ones(tablet: Tablet, clerk: User) -> None:
    for _ in range(3):
        assert [unlock(tablet, clerk, pin="3141").status_code for _ in range(4)] == [422] * 4
        assert unlock(tablet, clerk).status_code == 200


def test_a_tablet_that_was_taken_back_opens_nothing(unlocked: Tablet, clerk: User) -> None:
    out = io.StringIO()

    call_command("revoke_device", "--store", HELSINKI, "--name", "Tablet 1", stdout=out)

    assert out.getvalue() == "1 taken back\n"
    assert unlocked.is_refused("GET", "/staff/v1/picking-lists") == (401, "not_authenticated")
    assert refused(unlock(unlocked, clerk)) == (401, "device_not_known")
    assert unlocked.says("GET", "/staff/v1/session")["device"] is None
    with pytest.raises(CommandError, match="no such device"):
        call_command("revoke_device", "--store", HELSINKI, "--name", "Tablet 1")


def test_a_tablet_locks_itself_when_nobody_uses_it(unlocked: Tablet, world: World) -> None:
    AccessToken.objects.filter(idle_s__isnull=False).update(locks_at=world.now)

    assert unlocked.is_refused("GET", "/staff/v1/picking-lists") == (401, "not_authenticated")
    assert unlocked.says("GET", "/staff/v1/session")["clerk"] is None


def test_use_keeps_it_unlocked_and_asking_does_not(unlocked: Tablet, world: World) -> None:
    soon = world.now + timedelta(minutes=1)
    AccessToken.objects.filter(idle_s__isnull=False).update(locks_at=soon)

    unlocked.says("GET", "/staff/v1/session")
    assert AccessToken.objects.get(idle_s__isnull=False).locks_at == soon

    unlocked.says("GET", "/staff/v1/picking-lists")
    assert AccessToken.objects.get(idle_s__isnull=False).locks_at >= world.now + timedelta(minutes=10)


def test_a_shift_ends_however_busy_it_is(unlocked: Tablet, world: World) -> None:
    AccessToken.objects.filter(idle_s__isnull=False).update(expires_at=world.now)

    assert unlocked.is_refused("GET", "/staff/v1/picking-lists") == (401, "not_authenticated")


def test_a_clerk_locks_the_tablet(unlocked: Tablet) -> None:
    response = unlocked.tries("POST", "/staff/v1/lock")

    assert response.status_code == 204
    assert response.cookies["staff"].value == ""
    assert response.cookies["staff"]["max-age"] == 0
    assert AccessToken.objects.get(idle_s__isnull=False).revoked_at
    assert unlocked.says("GET", "/staff/v1/session")["clerk"] is None
    assert unlocked.tries("POST", "/staff/v1/lock").status_code == 204, "what is locked stays locked"


def test_the_next_clerk_signs_the_one_before_out(unlocked: Tablet, world: World, clerk: User) -> None:
    colleague = UserFactory(name="Colleague")
    place = StaffAssignment.objects.get(user_ref=clerk.public_id).location
    StaffAssignment.objects.create(user_ref=colleague.public_id, location=place)
    give_pin(colleague, world.now)
    before = AccessToken.objects.get(idle_s__isnull=False)

    assert unlock(unlocked, colleague).status_code == 200

    before.refresh_from_db()
    assert before.revoked_at
    assert unlocked.says("GET", "/staff/v1/session")["clerk"]["name"] == "Colleague"


def test_a_clerk_who_works_here_no_longer_cannot_unlock(tablet: Tablet, clerk: User) -> None:
    StaffAssignment.objects.all().delete()

    assert refused(unlock(tablet, clerk)) == (422, "pin_not_valid")
    assert tablet.says("GET", "/staff/v1/session")["clerks"] == []


def test_a_new_pin_locks_what_the_old_one_unlocked(unlocked: Tablet, clerk: User, world: World) -> None:
    give_pin(clerk, world.now, "9031")

    assert unlocked.is_refused("GET", "/staff/v1/picking-lists") == (401, "not_authenticated")
    assert refused(unlock(unlocked, clerk)) == (422, "pin_not_valid")
    assert unlock(unlocked, clerk, "9031").status_code == 200


def test_who_unlocked_what_is_on_record_and_no_pin_is(unlocked: Tablet, clerk: User) -> None:
    row = AuditEntry.objects.get(action="orders.locations.admit_clerk")

    assert (row.actor_ref, row.actor_store, row.actor_device) == (
        str(clerk.public_id),
        HELSINKI,
        str(Device.objects.get().public_id),
    )
    assert PIN not in json.dumps(row.subject)
    assert PIN not in ClerkPin.objects.get(user_ref=clerk.public_id).pin_hash


def test_a_code_is_made_on_the_command_line(world: World) -> None:
    out = io.StringIO()
    call_command("register_device", "--store", TAMPERE, "--name", "Tablet T", stdout=out)

    registered = Caller().says("POST", "/staff/v1/devices", {"code": out.getvalue().strip()})

    assert (registered["name"], registered["store"]) == ("Tablet T", TAMPERE)
    with pytest.raises(CommandError, match="no location"):
        call_command("register_device", "--store", "NOWHERE", "--name", "x")


def test_a_pin_is_set_on_the_command_line(
    tablet: Tablet, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk = world.users["clerk_x"]
    monkeypatch.setattr("sys.stdin", io.StringIO("7319\n"))
    call_command("set_pin", "--clerk", clerk.email.upper(), stdout=io.StringIO())

    assert unlock(tablet, clerk, "7319").status_code == 200
    monkeypatch.setattr("sys.stdin", io.StringIO("1234\n"))
    with pytest.raises(CommandError, match="not so easily guessed"):
        call_command("set_pin", "--clerk", clerk.email)
    with pytest.raises(CommandError, match="nobody"):
        call_command("set_pin", "--clerk", "nobody@example.fi")


@pytest.mark.parametrize("pin", ["", "123", "1111", "1234", "9876", "12a4", "123456789", "１２３９", " 2580"])
def test_a_pin_that_is_tried_first_is_none(pin: str) -> None:
    assert not is_pin(pin=pin)


def test_a_demonstrations_pin_is_a_good_one() -> None:
    assert all(is_pin(pin=new_pin()) for _ in range(200))
