"""The carriers' own samples and vocabularies, read by our adapters."""

import hashlib
import hmac
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings

from orders.integrations import easypost, pakettikauppa
from orders.integrations.easypost import EasyPostHook
from orders.integrations.pakettikauppa import PakettikauppaHook, hash_of
from orders.parcels.ports import BadMessage
from orders.parcels.rules import ParcelState, Scan, stand_of

SAMPLES = Path(settings.BASE_DIR).parent / "shared" / "samples" / "carriers"
S = ParcelState

# The form that Pakettikauppa's documentation shows.
FORM = {
    "api_key": "00000000-0000-0000-0000-000000000000",
    "tracking_code": "JJFI64574900000137203",
    "event": "68",
    "object": '{"message_created":"2016-09-30 17:37:00", "reference":"1475233831", '
    '"tracking_code":"JJFI64574900000137203", "measured_weight":"0", "measured_volume":"0", "status_code":"68", '
    '"receiver_name":"", "event_timestamp":"2016-09-30 17:34:00", "postcode":"87700", "post_office":"KAJAANI"}',
    "timestamp": "1475246100",
}


def sample(name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((SAMPLES / name).read_text())
    return read


@pytest.mark.shared_data
def test_easyposts_webhook_is_read_detail_by_detail() -> None:
    news = EasyPostHook().read(body=(SAMPLES / "easypost/tracking-webhook.json").read_bytes())

    assert {one.tracking_code for one in news} == {"EZ4000000004"}
    assert [(one.code, one.state) for one in news] == [
        ("pre_transit", S.DISPATCHED),
        ("in_transit", S.IN_TRANSIT),
        ("in_transit", S.IN_TRANSIT),
        ("in_transit", S.IN_TRANSIT),
        ("out_for_delivery", S.OUT_FOR_DELIVERY),
        ("delivered", S.DELIVERED),
        ("estimate", None),
    ]
    assert news[1].happened_at == datetime(2014, 11, 21, 14, 48, tzinfo=UTC)
    assert (news[1].text, news[1].place) == ("ORIGIN SCAN", "SOUTH SAN FRANCISCO")
    assert news[-1].estimated_on == date(2014, 11, 27)
    # In this sample the delivery is dated before everything else: it stays delivered.
    scans = [Scan(code=one.code, state=one.state, happened_at=one.happened_at) for one in news]
    assert stand_of(scans=scans, begins=S.DISPATCHED).state == S.DELIVERED


@pytest.mark.shared_data
@pytest.mark.parametrize("name", ["easypost/event-body.json", "easypost/tracking-webhook.json"])
def test_easyposts_events_have_names_and_news(name: str) -> None:
    body = (SAMPLES / name).read_bytes()

    assert EasyPostHook().name_of(body=body) == sample(name)["id"]
    assert len(EasyPostHook().read(body=body)) > 1


@pytest.mark.shared_data
@pytest.mark.parametrize("name", ["easypost/events-retrieve.json", "easypost/pickups-create.json"])
def test_what_is_not_about_a_tracker_says_nothing(name: str) -> None:
    assert EasyPostHook().read(body=(SAMPLES / name).read_bytes()) == ()


@pytest.mark.shared_data
def test_a_tracker_as_it_is_retrieved_is_read_too() -> None:
    tracker = sample("easypost/trackers-create.json")

    news = EasyPostHook().read(body=json.dumps({"object": "Event", "result": tracker}).encode())

    assert [one.state for one in news] == [S.DISPATCHED, S.DISPATCHED, None]


@pytest.mark.shared_data
def test_every_word_of_the_carriers_is_decided_on() -> None:
    words = sample("vocab/status_vocabularies.json")

    changing = set(easypost._STATES)
    assert set(words["easypost"]["values"]) - changing == {"unknown", "cancelled", "error"}
    assert changing <= set(words["easypost"]["values"])
    posti = set(words["posti_iftsta_via_pakettikauppa"]["values"])
    assert posti - set(pakettikauppa._STATES) == {"20", "38"}
    assert set(pakettikauppa._STATES) <= posti


def test_easyposts_signature_is_the_hmac_of_the_raw_body(settings: Any) -> None:
    # With the secret and the digest of EasyPost's own client tests the form is the same; the value is computed here.
    settings.CARRIER_SECRETS = {"easypost": ["new s\u00e9cret", "old"]}
    body = b'{"id": "evt_1"}'
    hook = EasyPostHook()

    for secret in ("new s\u00e9cret", "new se\u0301cret", "old"):
        signature = easypost.signature_of(body=body, secret=secret)
        assert signature.startswith("hmac-sha256-hex=")
        assert hook.is_genuine(body=body, headers={"x-hmac-signature": signature})
    signature = easypost.signature_of(body=body, secret="old")
    assert not hook.is_genuine(body=body + b" ", headers={"x-hmac-signature": signature})
    assert not hook.is_genuine(body=body, headers={"x-hmac-signature": signature[:-1]})
    assert not hook.is_genuine(body=body, headers={"x-hmac-signature": "h\u00e4"})
    assert not hook.is_genuine(body=body, headers={})


def test_pakettikauppas_callback_is_verified_and_read(settings: Any) -> None:
    settings.CARRIER_SECRETS = {"pakettikauppa": ["1234567890ABCDEF"]}
    hook = PakettikauppaHook()
    signed = FORM | {"hash": hash_of(form=FORM, secret="1234567890ABCDEF")}

    (news,) = hook.read(body=urlencode(signed).encode())

    assert hook.is_genuine(body=urlencode(signed).encode(), headers={})
    assert not hook.is_genuine(body=urlencode(signed | {"event": "22"}).encode(), headers={})
    assert not hook.is_genuine(body=urlencode(FORM).encode(), headers={})
    assert (news.tracking_code, news.code, news.state) == ("JJFI64574900000137203", "68", S.DISPATCHED)
    assert news.happened_at == datetime(2016, 9, 30, 14, 34, tzinfo=UTC)  # 17:34 in Finland
    assert news.place == "KAJAANI"


def test_pakettikauppas_hash_takes_the_values_in_the_order_of_their_names() -> None:
    # Computed with PHP's own words, as its documentation does: ksort, join('&'), hash_hmac('sha256').
    form = {"name": "Some name", "date": "2016-02-01", "char": "C"}

    expected = hmac.new(b"a1b2c3d4e5f6", b"C&2016-02-01&Some name", hashlib.sha256).hexdigest()
    assert hash_of(form=form, secret="a1b2c3d4e5f6") == expected


def test_an_event_without_a_readable_object_is_dated_by_the_callback() -> None:
    for said in ("", "no json", "[]", "{}"):
        (news,) = PakettikauppaHook().read(body=urlencode(FORM | {"object": said}).encode())
        assert news.happened_at == datetime(2016, 9, 30, 14, 35, tzinfo=UTC)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"null",
        b'{"result": {"object": "Tracker"}}',
        b'{"result": {"object": "Tracker", "tracking_code": "X", "tracking_details": [7]}}',
        b'{"result": {"object": "Tracker", "tracking_code": "X", "tracking_details": [{"status": "x"}]}}',
        b'{"a": 1, "a": 2}',
    ],
)
def test_nonsense_is_called_nonsense(body: bytes) -> None:
    hook = EasyPostHook()

    assert hook.name_of(body=body)
    with pytest.raises(BadMessage):
        hook.read(body=body)


@pytest.mark.parametrize(
    "changes",
    [{"tracking_code": ""}, {"event": ""}, {"object": "", "timestamp": "soon"}, {"tracking_code": "\0"}],
)
def test_a_callback_without_its_fields_is_nonsense(changes: dict[str, str]) -> None:
    with pytest.raises(BadMessage):
        PakettikauppaHook().read(body=urlencode(FORM | changes).encode())
