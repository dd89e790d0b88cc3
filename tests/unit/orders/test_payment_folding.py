"""What a provider says of an intent, in any order and any number of times, comes to one end (`reliability.md` G6)."""

import random

import pytest

from orders.payment.folding import STATE_AFTER, Effect, effect_of, is_dispute_news, is_news
from orders.payment.models import ATTEMPT_LIFE, AttemptState
from orders.payment.ports import DisputeStatus, IntentStatus

S = IntentStatus
SCENES: dict[str, tuple[list[IntentStatus], tuple[str, bool]]] = {
    "pays": ([S.WAITING, S.ACTION, S.PROCESSING, S.AUTHORISED], ("secured", True)),
    "pays at once": ([S.WAITING, S.AUTHORISED], ("secured", True)),
    "pays in the app": ([S.ACTION, S.AUTHORISED], ("secured", True)),
    "pays and is captured": ([S.WAITING, S.AUTHORISED, S.SUCCEEDED], ("secured", True)),
    "is captured without being asked": ([S.WAITING, S.SUCCEEDED], ("secured", True)),
    "declines, then pays": ([S.WAITING, S.FAILED, S.ACTION, S.AUTHORISED], ("secured", True)),
    "waits": ([S.WAITING, S.ACTION], ("requires_action", False)),
    "waits for her bank": ([S.WAITING, S.ACTION, S.PROCESSING], ("requires_action", False)),
    "declines": ([S.WAITING, S.ACTION, S.FAILED], ("failed", False)),
    "declines at once": ([S.WAITING, S.FAILED], ("failed", False)),
    "gives up": ([S.WAITING, S.ACTION, S.CANCELLED], ("cancelled", False)),
    "declines and gives up": ([S.WAITING, S.FAILED, S.CANCELLED], ("cancelled", False)),
}


def fold(news: list[IntentStatus]) -> tuple[str, bool]:
    """The attempt's state, and whether the order is confirmed, after these news in this order."""
    state, known, confirmed = "pending", "", False
    for seen in news:
        if not is_news(seen=seen, known=known):
            continue
        known, effect = seen, effect_of(seen=seen, state=state, order_waits=not confirmed)
        if effect in STATE_AFTER:
            ATTEMPT_LIFE.require(now_in=state, to=STATE_AFTER[effect])
            state = STATE_AFTER[effect]
        confirmed = confirmed or effect == Effect.SECURE
    return state, confirmed


@pytest.mark.parametrize("scene", SCENES)
def test_three_copies_of_all_news_end_alike_in_two_hundred_orders(scene: str) -> None:
    news, end = SCENES[scene]

    for seed in range(200):
        shuffled = news * 3
        random.Random(seed).shuffle(shuffled)
        # The first thing ever heard of an intent is the answer to our own question, before anybody could act on it.
        assert fold([news[0], *shuffled]) == end


D = DisputeStatus


@pytest.mark.parametrize(
    "course",
    [
        [D.INQUIRY, D.INQUIRY_ANSWERED, D.CLOSED],
        [D.INQUIRY, D.NEEDS_RESPONSE, D.LOST],
        [D.NEEDS_RESPONSE, D.UNDER_REVIEW, D.WON],
        [D.NEEDS_RESPONSE, D.LOST, D.WON],
    ],
)
def test_the_news_of_a_dispute_end_alike_in_two_hundred_orders(course: list[DisputeStatus]) -> None:
    for seed in range(200):
        shuffled = course * 3
        random.Random(seed).shuffle(shuffled)
        known = shuffled[0]
        for seen in shuffled:
            known = seen if is_dispute_news(seen=seen, known=known) else known
        assert known == course[-1]


def test_money_for_what_nobody_wants_any_more_goes_back() -> None:
    for state in AttemptState.values:
        for seen in (S.AUTHORISED, S.SUCCEEDED):
            effect = effect_of(seen=seen, state=state, order_waits=False)
            assert effect == (Effect.NONE if state == "secured" else Effect.GIVE_BACK)
    assert effect_of(seen=S.AUTHORISED, state="cancelled", order_waits=True) == Effect.GIVE_BACK


def test_every_effect_is_a_move_of_the_attempts_life() -> None:
    for state in AttemptState.values:
        for seen in IntentStatus:
            for order_waits in (True, False):
                effect = effect_of(seen=seen, state=state, order_waits=order_waits)
                after = STATE_AFTER.get(effect, state)
                assert after == state or after in ATTEMPT_LIFE.moves[state], (state, seen, order_waits)
