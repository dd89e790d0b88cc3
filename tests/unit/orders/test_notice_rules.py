"""Every message in every language: nothing is missing, text and HTML say the same, and nobody writes into them."""

import html
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest

from config.kernel.mail import Mail
from config.kernel.money import Money
from orders.notices.rules import (
    LANGUAGES,
    OF_PARCEL,
    Facts,
    Message,
    MissingWords,
    NoticeKind,
    as_text,
    compose,
    language_of,
    read_words,
)
from orders.notices.wording import as_html
from orders.parcels.rules import ParcelState
from orders.withdrawal.models import WithdrawalEffect

VARIANTS: dict[NoticeKind, tuple[str, ...]] = {
    NoticeKind.PLACED: ("confirmed", "unpaid"),
    NoticeKind.CANCELLED: ("expired", "by_buyer", "by_staff"),
    NoticeKind.SHIPPED: ("", "pickup"),
    NoticeKind.WITHDRAWAL_RECEIVED: tuple(effect.value for effect in WithdrawalEffect),
}
EVERY = [(kind, variant) for kind in NoticeKind for variant in VARIANTS.get(kind, ("",))]
LABELS = (
    "total", "paid", "refund", "deducted", "deduction_reason", "promised", "estimate", "carrier", "tracking_code",
    "pickup_place", "pickup_code", "pay_by", "label_code", "send_to", "receipt", "stated_at",
)  # fmt: skip


def facts(kind: NoticeKind = NoticeKind.PLACED, variant: str = "confirmed", **changes: Any) -> Facts:
    given: dict[str, Any] = {
        "kind": kind,
        "variant": variant,
        "language": "en",
        "time_zone": "Europe/Helsinki",
        "number": "7Q2MX-0K4TD",
        "name": "Aino Virtanen",
        "items": ((1, "Sohva, hiekka"), (2, "Tyyny <sininen> & pehmeä")),
        "rows": (
            *((label, "something") for label in LABELS),
            ("estimate", date(2026, 11, 25)),
            ("stated_at", datetime(2026, 11, 22, 10, 30, tzinfo=UTC)),
            ("total", Money(129_900, "EUR")),
        ),
        "link": "https://shop.example/order#abc:def",
        "quoted": "I hereby give notice\n\n- 1 × Sohva",
        "values": {"amount": Money(7_980, "EUR")},
    }
    return Facts(**(given | changes))


def read(markup: str) -> str:
    """What a person reads of HTML, without white space that means nothing."""
    body = re.sub(r"<!--.*?-->|<style.*?</style>|<head.*?</head>", "", markup, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def pieces(message: Message) -> Iterator[str]:
    yield from (message.heading, message.greeting, *message.paragraphs, *message.items)
    yield from (line for line in message.quoted if line)
    for label, value in message.rows:
        yield from (label, value)
    yield from (message.next_label, message.next_step, message.link_label, message.footer)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("kind", "variant"), EVERY)
def test_text_and_html_say_the_same_in_every_language(kind: NoticeKind, variant: str, language: str) -> None:
    message = compose(facts=facts(kind, variant, language=language))

    text, markup = as_text(message=message), as_html(message=message)

    for piece in pieces(message):
        assert piece in text
        assert " ".join(piece.split()) in read(markup), piece
    assert message.link in text
    assert f'href="{message.link}"' in markup
    assert f'lang="{language}"' in markup
    assert "<sininen>" not in markup
    for written in (message.subject, text, read(markup)):
        assert not re.search(r"[{}]", written), "a name was not filled in"
        assert "7Q2MX-0K4TD" in written
    assert Mail(to="aino@example.fi", subject=message.subject, text=text, html=markup)


def keys(words: Mapping[str, Any], path: str = "") -> set[str]:
    found = set()
    for name, value in words.items():
        found |= keys(value, f"{path}{name}.") if isinstance(value, Mapping) else {f"{path}{name}"}
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_everything(language: str) -> None:
    assert keys(read_words(language=language)) == keys(read_words(language="en"))
    names = {name: set(re.findall(r"{(\w+)}", text)) for name, text in texts(language).items()}
    assert names == {name: set(re.findall(r"{(\w+)}", text)) for name, text in texts("en").items()}


def texts(language: str) -> dict[str, str]:
    def walk(words: Mapping[str, Any], path: str) -> Iterator[tuple[str, str]]:
        for name, value in words.items():
            if isinstance(value, Mapping):
                yield from walk(value, f"{path}{name}.")
            else:
                yield f"{path}{name}", value

    return dict(walk(read_words(language=language), ""))


def test_values_are_written_as_people_of_the_language_write_them() -> None:
    by_language = {language: dict(compose(facts=facts(language=language)).rows) for language in LANGUAGES}

    assert by_language["fi"]["Arvioitu toimituspäivä"] == "keskiviikko 25. marraskuuta 2026"
    assert by_language["sv"]["Beräknad leveransdag"] == "onsdag 25 november 2026"
    assert by_language["en"]["Expected on"] == "Wednesday, November 25, 2026"
    assert by_language["fi"]["Yhteensä"].replace("\xa0", " ") == "1 299,00 €"
    assert "12.30" in by_language["fi"]["Vastaanotettu"], "by the clocks of her country"


@pytest.mark.parametrize("hostile", ["Aino\r\nBcc: all@example.com", "Aino\nX\x00", "A\u2028B\u202e"])
def test_what_people_type_stays_on_its_line(hostile: str) -> None:
    message = compose(facts=facts(name=hostile, number=hostile, items=((1, hostile),)))

    for line in (message.subject, message.greeting, *message.items):
        assert not re.search(r"[\r\n\x00\u2028\u202e]", line)
    assert Mail(to="aino@example.fi", subject=message.subject, text="")


def test_a_name_that_looks_like_a_placeholder_or_markup_is_only_a_name() -> None:
    message = compose(facts=facts(name="{number} <b>{secret}</b>"))

    assert message.greeting == "Hello {number} <b>{secret}</b>,"
    assert "<b>" not in as_html(message=message)


def test_a_missing_text_is_an_error_and_not_an_empty_message() -> None:
    for wrong in (
        facts(variant="never_heard_of"),
        facts(rows=(("never_heard_of", "x"),)),
        facts(NoticeKind.REFUNDED, "", values={}),
    ):
        with pytest.raises(MissingWords):
            compose(facts=wrong)


@pytest.mark.parametrize(
    ("locale", "language"), [("fi", "fi"), ("sv-FI", "sv"), ("en-GB", "en"), ("de", "en"), ("FI", "fi")]
)
def test_she_is_written_to_in_her_language(locale: str, language: str) -> None:
    assert language_of(locale=locale) == language


def test_only_states_of_parcels_are_told() -> None:
    assert set(OF_PARCEL) <= {state.value for state in ParcelState}
