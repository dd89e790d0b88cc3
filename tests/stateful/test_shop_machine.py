"""The machine is let loose: some examples at every commit, many in `make test-long`."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.factories.world import World
from tests.fakes.stripe.running import FakeStripe, running_fake_stripe
from tests.stateful.machine import ShopMachine

pytestmark = pytest.mark.django_db


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


def _sized(*, examples: int, steps: int) -> Any:
    return settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        derandomize=True,
        phases=(Phase.explicit, Phase.generate),  # a shrunk story takes minutes
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )


def test_anybody_does_anything(machine: type[ShopMachine]) -> None:
    run_state_machine_as_test(machine, settings=_sized(examples=10, steps=25))


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_anybody_does_anything_for_long(machine: type[ShopMachine]) -> None:
    run_state_machine_as_test(machine, settings=_sized(examples=150, steps=60))
