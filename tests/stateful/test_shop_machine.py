"""The machine is let loose: the same stories at every commit, many new ones in each `make test-long`."""

import os
import secrets
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from tests.factories.world import World
from tests.fakes.stripe.running import FakeStripe, running_fake_stripe
from tests.stateful.machine import ShopMachine

pytestmark = pytest.mark.django_db

LONG_STORIES = int(os.environ.get("STORIES", "150"))


@pytest.fixture
def machine(world: World, settings: Any) -> Iterator[type[ShopMachine]]:
    with running_fake_stripe() as fake:
        for name, value in fake.env.items():
            setattr(settings, name, value)
        settings.STRIPE_WEBHOOK_SECRETS = list(fake.secrets)
        yield _machine(world, fake)


def _machine(world: World, fake: FakeStripe) -> type[ShopMachine]:
    class Machine(ShopMachine):
        pass

    Machine.world, Machine.stripe = world, fake
    return Machine


def let_loose(
    machine: type[RuleBasedStateMachine], *, examples: int, steps: int, seed_: int | None = None
) -> None:
    """Run so many stories: always the same ones, or those of a seed."""
    sized = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        derandomize=seed_ is None,
        phases=(Phase.explicit, Phase.generate),  # a shrunk story takes minutes
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    run_state_machine_as_test(machine if seed_ is None else seed(seed_)(machine), settings=sized)


def seed_of_today() -> int:
    """What `STORIES_SEED` says, to repeat a run; otherwise a new one."""
    wanted = os.environ.get("STORIES_SEED")
    return int(wanted) if wanted else secrets.randbits(32)


def test_anybody_does_anything(machine: type[ShopMachine]) -> None:
    let_loose(machine, examples=10, steps=25)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_anybody_does_anything_for_long(
    machine: type[ShopMachine], capsys: pytest.CaptureFixture[str]
) -> None:
    seed_ = seed_of_today()
    with capsys.disabled():
        print(f"\nthe stories of STORIES_SEED={seed_}")  # noqa: T201

    let_loose(machine, examples=LONG_STORIES, steps=60, seed_=seed_)


def stories_of(seed_: int | None) -> list[list[int]]:
    """What a machine of one rule does."""
    told: list[list[int]] = []

    class Teller(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            told.append([])

        @rule(number=st.integers(0, 1000))
        def says(self, number: int) -> None:
            told[-1].append(number)

    let_loose(Teller, examples=5, steps=5, seed_=seed_)
    return told


def test_a_seed_tells_the_same_stories_again_and_another_one_others(monkeypatch: pytest.MonkeyPatch) -> None:
    assert stories_of(1) == stories_of(1) != stories_of(2)
    assert stories_of(None) == stories_of(None)

    assert seed_of_today() != seed_of_today()
    monkeypatch.setenv("STORIES_SEED", "41")
    assert seed_of_today() == 41
