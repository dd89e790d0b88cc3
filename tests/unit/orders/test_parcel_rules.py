"""Where a parcel stands is read from the set of its scans: not from their order, nor from how often they came."""

import random
from datetime import UTC, date, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.parcels.rules import (
    Doubt,
    ParcelState,
    Scan,
    Stand,
    doubt_of,
    is_pickup_code,
    new_pickup_code,
    share_of,
    stand_of,
)
from orders.parcels.wording import LANGUAGES, language_of, text_of

BEGUN = datetime(2026, 11, 22, 8, tzinfo=UTC)
S = ParcelState


def scan(state: ParcelState | None, hours: float, *, code: str = "", day: date | None = None) -> Scan:
    return Scan(
        code=code or str(state or "unknown"),
        state=state,
        happened_at=BEGUN + timedelta(hours=hours),
        estimated_on=day,
    )


def stand(*scans: Scan) -> Stand:
    return stand_of(scans=scans, begins=S.DISPATCHED)


# Twelve events: an unknown code, a failed try, two scans of one moment, two estimates.
FEED = (
    scan(S.DISPATCHED, 0),
    scan(S.IN_TRANSIT, 2, code="13"),
    scan(S.IN_TRANSIT, 5, code="31"),
    scan(None, 6, code="20"),
    scan(None, 7, code="estimate", day=date(2026, 11, 25)),
    scan(S.OUT_FOR_DELIVERY, 24),
    scan(S.FAILED, 30),
    scan(None, 31, code="estimate", day=date(2026, 11, 26)),
    scan(S.OUT_FOR_DELIVERY, 48, code="71"),
    scan(S.DELIVERED, 50, code="22"),
    scan(S.OUT_FOR_DELIVERY, 50, code="71 again"),
    scan(S.IN_TRANSIT, 55, code="48"),
)
ARRIVED = Stand(state=S.DELIVERED, delivered_at=BEGUN + timedelta(hours=50), estimated_on=date(2026, 11, 26))


@pytest.mark.parametrize("seed", range(3))
def test_500_shuffles_with_every_event_three_times_end_alike(seed: int) -> None:
    dice = random.Random(seed)

    for _ in range(500):
        told = [*FEED] * 3
        dice.shuffle(told)
        assert stand(*told) == ARRIVED


# What is told twice is one row of the ledger: the same code at the same moment.
scans = st.lists(
    st.builds(
        scan,
        st.one_of(st.none(), st.sampled_from(list(ParcelState))),
        st.integers(min_value=0, max_value=5),
        code=st.sampled_from("abc"),
        day=st.one_of(st.none(), st.sampled_from([date(2026, 11, 25), date(2026, 11, 26)])),
    ),
    max_size=6,
    unique_by=lambda one: (one.code, one.happened_at),
)


@given(told=scans, dice=st.randoms(use_true_random=False))
def test_any_set_of_scans_has_one_stand(told: list[Scan], dice: random.Random) -> None:
    again = [*told, *told]
    dice.shuffle(again)

    assert stand(*again) == stand(*told)


@given(told=scans)
def test_what_was_delivered_stays_so_or_comes_back(told: list[Scan]) -> None:
    ended = stand(*told)

    if ended.delivered_at is not None:
        assert ended.state in {S.DELIVERED, S.RETURNING, S.RETURNED}
    if ended.state == S.DELIVERED:
        assert ended.delivered_at is not None


@pytest.mark.parametrize(
    ("journey", "ends"),
    [
        ((), S.DISPATCHED),
        ((S.IN_TRANSIT, S.DISPATCHED), S.DISPATCHED),  # the last moment says it, even when it says less
        ((S.OUT_FOR_DELIVERY, S.FAILED), S.FAILED),
        ((S.FAILED, S.OUT_FOR_DELIVERY), S.OUT_FOR_DELIVERY),
        ((S.READY_FOR_PICKUP, S.DELIVERED), S.DELIVERED),
        ((S.DELIVERED, S.IN_TRANSIT), S.DELIVERED),
        ((S.DELIVERED, S.FAILED), S.DELIVERED),
        ((S.DELIVERED, S.RETURNING), S.RETURNING),
        ((S.RETURNING, S.IN_TRANSIT), S.RETURNING),
        ((S.RETURNING, S.DELIVERED), S.RETURNED),  # delivered to us, who sent it
        ((S.RETURNED, S.DELIVERED), S.RETURNED),
    ],
)
def test_the_last_scan_says_where_it_is(journey: tuple[ParcelState, ...], ends: ParcelState) -> None:
    told = [scan(state, hours) for hours, state in enumerate(journey)]

    for order in permutations(told):
        assert stand(*order).state == ends


def test_a_parcel_that_comes_back_undelivered_was_never_delivered() -> None:
    assert stand(scan(S.RETURNING, 1), scan(S.DELIVERED, 2)).delivered_at is None


@pytest.mark.parametrize(
    ("away", "doubt"),
    [
        (timedelta(), Doubt.NONE),
        (timedelta(minutes=59), Doubt.NONE),
        (timedelta(hours=2), Doubt.FUTURE),
        (timedelta(days=-170), Doubt.NONE),
        (datetime(1970, 1, 1, tzinfo=UTC) - BEGUN, Doubt.PAST),
    ],
)
def test_a_moment_that_cannot_be_is_doubted(away: timedelta, doubt: Doubt) -> None:
    assert doubt_of(happened_at=BEGUN + away, told_at=BEGUN) == doubt


@given(
    total=st.integers(min_value=0, max_value=10**9),
    sizes=st.lists(st.integers(min_value=1, max_value=9), min_size=1, max_size=9),
)
def test_the_shares_of_a_line_add_up(total: int, sizes: list[int]) -> None:
    before, shares = 0, []
    for taken in sizes:
        shares.append(share_of(total_minor=total, parts=sum(sizes), before=before, taken=taken))
        before += taken

    assert sum(shares) == total
    assert min(shares) >= 0


def test_a_pickup_code_is_read_as_people_type_it() -> None:
    assert is_pickup_code(given=" 0a-1b 2c", code="0A1B2C")
    assert is_pickup_code(given="OAIBLC", code="0A1B1C")
    assert not is_pickup_code(given="0A1B2D", code="0A1B2C")
    assert not is_pickup_code(given="", code="")
    assert len({new_pickup_code() for _ in range(100)}) == 100


def test_every_state_has_a_sentence_in_every_language() -> None:
    texts = {text_of(state=state, language=language) for state in ParcelState for language in LANGUAGES}

    assert len(texts) == len(ParcelState) * len(LANGUAGES)
    assert [language_of(locale=tag) for tag in ("fi", "sv-FI", "EN-gb", "de")] == ["fi", "sv", "en", "en"]
