"""Signing in by a code that comes by e-mail."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core import mail
from django.db import connection
from django.http import HttpResponse
from django.utils import timezone
from pytest_django.fixtures import Settings

from config.kernel import tasks
from config.kernel.dispatcher import run_pending
from config.kernel.models import AccessToken, Audience, User
from customers.identity.models import CodeLetter
from customers.tasks import forget_late_letters, send_code_letter
from tests.browsers import Browser
from tests.callers import Caller, problem, refusal
from tests.factories.accounts import UserFactory
from tests.factories.goods import KEY
from tests.factories.world import World
from tests.servers import free_port

pytestmark = pytest.mark.django_db
RESTS_A_WHILE = {"django_session", "kernel_ratecount"}
CODES = "/_allauth/browser/v1/auth/code"
EMAIL = "Aino.Virtanen@example.fi"


@pytest.fixture
def page(world: World) -> Browser:
    browser = Browser()
    browser.arrives()
    return browser


def ask(page: Browser, email: str = EMAIL, **headers: str) -> HttpResponse:
    """Ask for a code, and let the worker do what is due."""
    response = page.tries("POST", f"{CODES}/request", {"email": email}, **headers)
    work()
    return response


def work() -> None:
    """Let handlers hear and jobs run."""
    run_pending(now=timezone.now())
    for letter_id in CodeLetter.objects.values_list("public_id", flat=True):
        send_code_letter(letter_id=str(letter_id))


def code_sent() -> str:
    found = re.search(r"\b\d{6}\b", mail.outbox[-1].subject)
    assert found
    return found[0]


def show(page: Browser, code: str) -> HttpResponse:
    response = page.tries("POST", f"{CODES}/confirm", {"code": code})
    if response.cookies.get("csrf"):
        page.headers["X_CSRFToken"] = response.cookies["csrf"].value
    return response


def sign_in(page: Browser, email: str = EMAIL) -> HttpResponse:
    assert ask(page, email).status_code == 401
    return show(page, code_sent())


def without_moments(response: HttpResponse) -> Any:
    return json.loads(response.content)


def test_a_code_signs_in_and_makes_the_account_that_was_missing(page: Browser) -> None:
    asked = ask(page)

    assert asked.status_code == 401
    assert {"id": "login_by_code", "is_pending": True} in without_moments(asked)["data"]["flows"]
    assert not User.objects.filter(email__iexact=EMAIL), (
        "nothing is kept of an address before its code comes back"
    )

    confirmed = show(page, code_sent())

    assert confirmed.status_code == 200, confirmed.content
    user = User.objects.get(email__iexact=EMAIL)
    assert json.loads(confirmed.content)["data"]["user"]["id"] == str(user.public_id)
    assert not user.has_usable_password()
    assert EmailAddress.objects.get(user=user).verified
    kept = confirmed.cookies["session"]
    assert (kept["httponly"], kept["samesite"], kept["path"], kept["domain"]) == (True, "Lax", "/", "")
    assert page.says("GET", "/store/v1/session")["customer"]["email"].lower() == EMAIL.lower()


def test_known_and_unknown_addresses_are_answered_and_written_to_alike(page: Browser) -> None:
    UserFactory(email="known@example.fi")
    closed = UserFactory(email="closed@example.fi", is_active=False)

    told = {}
    for email in ("known@example.fi", "unknown@example.fi", closed.email):
        other = Browser()
        other.arrives()
        response = ask(other, email)
        text = re.sub(r"\d{6}", "123456", str(mail.outbox[-1].body))
        told[email] = (response.status_code, without_moments(response), mail.outbox[-1].to == [email], text)

    assert len({repr(answer) for answer in told.values()}) == 1


def test_a_closed_account_does_not_open_though_the_code_is_right(page: Browser) -> None:
    UserFactory(email=EMAIL, is_active=False)

    assert sign_in(page).status_code == 409
    assert page.says("GET", "/store/v1/session")["customer"] is None


@pytest.mark.parametrize(
    ("wanted", "language", "words"),
    [
        ("fi", "fi", "Kirjautumiskoodisi"),
        ("sv-FI,sv;q=0.9", "sv", "Din inloggningskod"),
        ("de, en;q=0.5", "en", "Your sign-in code"),
        ("xx", "en", "Your sign-in code"),
    ],
)
def test_the_code_comes_in_the_pages_language(page: Browser, wanted: str, language: str, words: str) -> None:
    ask(page, Accept_Language=wanted)

    sent = mail.outbox[-1]
    assert sent.subject.startswith(words)
    assert sent.extra_headers["Content-Language"] == language
    html, kind = sent.alternatives[0]
    assert kind == "text/html"
    assert f'lang="{language}"' in html
    assert code_sent() in html
    assert code_sent() in sent.body


def test_a_session_gets_a_new_key_when_somebody_signs_in(page: Browser) -> None:
    ask(page)
    before = page.client.cookies["session"].value
    token_before = page.client.cookies["csrf"].value

    show(page, code_sent())

    assert page.client.cookies["session"].value != before
    assert page.client.cookies["csrf"].value != token_before
    assert not Session.objects.filter(session_key=before)


def test_a_wrong_code_is_refused_and_the_third_ends_the_try(page: Browser) -> None:
    ask(page)
    wrong = "000000" if code_sent() != "000000" else "111111"

    answers = [show(page, wrong).status_code for _ in range(3)]

    assert answers == [400] * 3
    assert show(page, code_sent()).status_code == 409, "even the right one comes too late"
    assert page.says("GET", "/store/v1/session")["customer"] is None


def test_a_code_is_of_one_browser_alone(page: Browser) -> None:
    ask(page)
    thief = Browser()
    thief.arrives()

    assert show(thief, code_sent()).status_code == 409


def test_a_code_is_good_once(page: Browser) -> None:
    sign_in(page)
    code = code_sent()

    assert show(page, code).status_code in {401, 409}


def test_codes_run_out(page: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(page)
    monkeypatch.setattr("allauth.account.app_settings.LOGIN_BY_CODE_TIMEOUT", -1, raising=False)

    assert show(page, code_sent()).status_code == 409


def test_signing_in_needs_the_pages_token(page: Browser) -> None:
    foreign = page.without_token()

    assert foreign.is_refused("POST", f"{CODES}/request", {"email": EMAIL}) == (403, "csrf_failed")
    assert mail.outbox == []


def test_an_address_gets_five_codes_in_a_quarter_of_an_hour(world: World) -> None:
    answers = []
    for _ in range(6):
        page = Browser()
        page.arrives()
        answers.append(ask(page))

    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    assert problem(answers[-1])["code"] == "too_many_requests"
    assert int(answers[-1]["Retry-After"]) > 0
    assert len(mail.outbox) == 5


def test_one_place_cannot_try_for_many_addresses(page: Browser) -> None:
    limit, _ = settings.RATE_LIMITS["sign_in.place"]

    answers = [ask(page, f"somebody.{n}@example.fi").status_code for n in range(limit + 1)]

    assert answers == [401] * limit + [429]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"email": "nobody"},
        {"email": ["a@example.fi"]},
        [],
        {"email": "a@b.fi\r\nBcc: c@d.fi"},
        {"email": f"{'a' * 60}@{'.'.join(['b' * 60] * 4)}.fi"},
    ],
)
def test_what_is_no_address_is_refused(page: Browser, body: Any) -> None:
    assert page.tries("POST", f"{CODES}/request", body).status_code == 400
    assert mail.outbox == []


def test_a_session_of_the_shop_is_nobodys_in_the_admin(page: Browser, world: World) -> None:
    operator = world.users["operator"]
    sign_in(page, operator.email)
    assert page.says("GET", "/store/v1/session")["customer"]["id"] == str(operator.public_id)

    assert page.tries("GET", "/admin/").status_code == 302
    page.client.cookies["operator"] = page.client.cookies["session"].value
    assert page.tries("GET", "/admin/").status_code == 302, "nor under the other cookie's name"
    assert page.says("GET", "/store/v1/session")["customer"], "and looking there has signed nobody out"


def test_an_operators_session_is_nobodys_in_the_shop(world: World) -> None:
    operator = world.operator()

    assert operator.tries("GET", "/admin/").status_code == 200
    assert operator.says("GET", "/store/v1/session")["customer"] is None
    operator.client.cookies["session"] = operator.client.cookies["operator"].value
    assert operator.says("GET", "/store/v1/session")["customer"] is None


def test_a_session_opens_the_shop_and_no_other_part(page: Browser) -> None:
    sign_in(page)

    for path in ("/staff/v1/picking-lists", "/pim/v1/products", "/system/v1/events"):
        assert page.is_refused("GET", path) == (401, "not_authenticated")


def test_what_a_session_allows_needs_the_pages_token(page: Browser) -> None:
    sign_in(page)

    assert page.without_token().is_refused("POST", "/store/v1/carts") == (403, "csrf_failed")
    assert page.says("POST", "/store/v1/carts")["id"]


def test_a_session_ends_with_its_account(page: Browser) -> None:
    sign_in(page)
    User.objects.filter(email__iexact=EMAIL).update(is_active=False)

    assert page.says("GET", "/store/v1/session")["customer"] is None


def test_a_bearer_token_goes_before_the_session(page: Browser, world: World) -> None:
    sign_in(page)
    shown = page.without_token().carrying(Authorization=f"Bearer {world.tokens['shopper_b']}")

    assert shown.says("GET", "/store/v1/session")["customer"]["id"] == str(world.users["shopper_b"].public_id)


def test_an_app_signs_in_and_gets_a_token_of_the_shop(world: World) -> None:
    app, codes = Caller(X_Api_Key=KEY), "/_allauth/app/v1/auth/code"

    asked = json.loads(app.tries("POST", f"{codes}/request", {"email": EMAIL}).content)
    work()
    session = asked["meta"]["session_token"]
    told = app.says("POST", f"{codes}/confirm", {"code": code_sent()}, X_Session_Token=session)

    token = told["meta"]["access_token"]
    assert AccessToken.objects.get(user__email__iexact=EMAIL).audience == Audience.STORE
    assert Caller(token=token, X_Api_Key=KEY).says("GET", "/store/v1/session")["customer"]["email"]


@pytest.mark.parametrize(
    "path", ["auth/login", "auth/signup", "auth/password/request", "account/email", "auth/session", "config"]
)
def test_no_other_door_of_allauths_is_open(page: Browser, path: str) -> None:
    assert refusal(page.tries("POST", f"/_allauth/browser/v1/{path}", {})) == (404, "not_found")


def test_strangers_cannot_lock_her_out_of_a_browser_that_knows_her(page: Browser, world: World) -> None:
    sign_in(page)
    page.tries("DELETE", "/store/v1/session")
    page.arrives()
    for _ in range(6):
        stranger = Browser()
        stranger.arrives()
        last = ask(stranger)
    assert last.status_code == 429

    assert sign_in(page).status_code == 200


@pytest.mark.parametrize("kept", ["", "x", "eyJvZiI6ICJ4In0:1abc:def"])
def test_a_mark_that_we_did_not_make_is_none(world: World, kept: str) -> None:
    for _ in range(5):
        stranger = Browser()
        stranger.arrives()
        ask(stranger)
    forger = Browser()
    forger.arrives()
    forger.client.cookies["known"] = kept

    assert ask(forger).status_code == 429


def test_a_session_that_waits_for_a_code_does_not_outlive_it(page: Browser) -> None:
    waiting = ask(page).cookies["session"]
    signed_in = show(page, code_sent()).cookies["session"]

    assert waiting["max-age"] <= settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT
    assert signed_in["max-age"] == settings.SESSION_COOKIE_AGE


def test_what_has_run_out_is_removed(page: Browser, world: World) -> None:
    ask(page)
    Session.objects.update(expire_date=world.now)
    long_ago = world.now - 2 * tasks.ENDED_TOKENS_KEPT_FOR
    AccessToken.objects.filter(user=world.users["shopper_b"]).update(expires_at=long_ago)

    tasks.forget_old_sessions(now=world.now)

    assert not Session.objects.exists()
    assert not AccessToken.objects.filter(user=world.users["shopper_b"]).exists()
    assert AccessToken.objects.filter(user=world.users["shopper_a"]).exists()


def test_a_dead_mail_server_delays_the_code_and_nothing_else(page: Browser, settings: Settings) -> None:
    alive = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()

    asked = page.tries("POST", f"{CODES}/request", {"email": EMAIL})

    assert {"id": "login_by_code", "is_pending": True} in without_moments(asked)["data"]["flows"]
    with pytest.raises(ConnectionRefusedError):
        work()
    assert CodeLetter.objects.exists(), "the job tries again"

    settings.EMAIL_BACKEND = alive
    work()

    assert show(page, code_sent()).status_code == 200


def test_a_letter_that_has_gone_leaves_nothing_of_its_address(page: Browser) -> None:
    ask(page)

    assert mail.outbox[-1].extra_headers["Message-ID"].endswith(">")
    assert not CodeLetter.objects.exists()
    assert rows_with(EMAIL.lower()) == []
    work()
    assert len(mail.outbox) == 1, "nor is it sent again"


def test_a_code_rests_nowhere_while_its_letter_waits(page: Browser) -> None:
    page.tries("POST", f"{CODES}/request", {"email": EMAIL})
    run_pending(now=timezone.now())

    waiting = " ".join(map(repr, rows_of("customers_codeletter", "procrastinate_jobs", "kernel_storedevent")))

    work()
    assert code_sent() not in waiting


def test_a_letter_does_not_go_when_its_code_is_over(page: Browser) -> None:
    page.tries("POST", f"{CODES}/request", {"email": EMAIL})
    CodeLetter.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    work()

    assert mail.outbox == []
    assert not CodeLetter.objects.exists()


def test_letters_that_never_went_are_removed_once_their_codes_are_over(page: Browser, world: World) -> None:
    page.tries("POST", f"{CODES}/request", {"email": EMAIL})

    forget_late_letters(now=timezone.now())
    assert CodeLetter.objects.exists()

    forget_late_letters(now=timezone.now() + timedelta(minutes=11))
    assert not CodeLetter.objects.exists()


def rows_of(*tables: str) -> list[Any]:
    """Everything that stands in these tables."""
    found: list[Any] = []
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"SELECT to_jsonb(t) FROM {table} t")
            found += cursor.fetchall()
    return found


def rows_with(words: str) -> list[Any]:
    """The rows of any table that hold these words, but for the session that waits and the counts of tries."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = [name for (name,) in cursor.fetchall() if name not in RESTS_A_WHILE]
    return [row for row in rows_of(*tables) if words in repr(row).lower()]
