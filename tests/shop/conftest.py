"""A shopper, and somebody who publishes for her."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from config.kernel.actors import system
from config.kernel.db import open_transaction
from config.kernel.dispatcher import run_pending
from pim.api import publish
from pim.catalogue.models import Product
from pim.publishing.services import publish_product, withdraw_product
from tests.callers import Caller
from tests.factories.goods import CHANNEL, add_product
from tests.factories.world import World

BY = system("tests")


@dataclass
class Shop:
    """Publishes and withdraws in the first channel, and tells the shop at once."""

    now: datetime

    def publishes(
        self, code: str, values: Mapping[str, Any], variants: Mapping[str, Any], **more: Any
    ) -> UUID:
        with open_transaction():
            product_id = UUID(add_product(code=code, values=values, variants=variants, now=self.now, **more))
            publish(product_id=product_id, channel=CHANNEL, by=BY, now=self.now)
        run_pending(now=self.now)
        return product_id

    def publishes_again(self, code: str, channel: str = CHANNEL) -> None:
        publish_product(product_id=self.id_of(code), channel=channel, version=None, by=BY, now=self.now)
        run_pending(now=self.now)

    def withdraws(self, code: str, channel: str = CHANNEL) -> None:
        withdraw_product(product_id=self.id_of(code), channel=channel, version=None, by=BY, now=self.now)
        run_pending(now=self.now)

    def id_of(self, code: str) -> UUID:
        return Product.objects.get(code=code).public_id


@pytest.fixture
def shop(world: World, now: datetime) -> Shop:
    """Later than the world was made, so what it publishes is newer."""
    return Shop(now=now)


@pytest.fixture
def shopper(world: World) -> Caller:
    return world.guest(Accept_Language="fi")
