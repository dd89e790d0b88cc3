"""What the law lets nobody send back is said before it is bought, and travels into the order."""

import pytest

from config.kernel.db import open_transaction
from orders.agreement.models import OrderLine
from orders.api import receive_stock
from pim.api import AttributeDraft, OptionDraft, define_attribute
from shop.pricing.services import set_price
from tests.callers import Caller
from tests.factories.goods import CUSHION, LIST, named
from tests.factories.world import World, place, ready_cart
from tests.shop.conftest import BY, Shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def curtain(world: World, shop: Shop) -> str:
    """Sold by the measure that is ordered."""
    made = {"fi": "Ei ole: tehdään mitoillesi", "en": "None: made to your measure"}
    with open_transaction():
        define_attribute(
            draft=AttributeDraft(
                code="withdrawal_exclusion",
                type="select",
                labels={"fi": "Peruuttamisoikeus", "en": "Right of withdrawal"},
                options=(OptionDraft(code="custom_made", labels=made),),
            ),
            now=shop.now,
        )
        set_price(price_list=LIST, sku="CURTAIN", minor=25_000, by=BY, now=shop.now)
        receive_stock(location="HELSINKI", units={"CURTAIN": 9}, by=BY, now=shop.now)
    values = named(fi="Verho Utu", en="Utu curtain") | {"withdrawal_exclusion": {"*": {"*": "custom_made"}}}
    shop.publishes("curtain", values, {"CURTAIN": {}}, categories={"cushions": 2})
    return "CURTAIN"


def test_the_product_the_cart_and_the_order_say_so(curtain: str, shopper: Caller) -> None:
    page = shopper.says("GET", "/store/v1/products/verho-utu")
    assert {fact["label"]: fact["value"] for fact in page["attributes"]} == {
        "Peruuttamisoikeus": "Ei ole: tehdään mitoillesi"
    }

    cart = ready_cart(shopper, **{curtain: 1, CUSHION: 2})
    said = {line["sku"]: line["withdrawal_excluded"] for line in cart.body["lines"]}
    assert said == {curtain: "custom_made", CUSHION: None}

    bought = place(cart)
    body = bought.shopper.says("GET", bought.path)
    assert {row["sku"]: row["withdrawal_excluded"] for row in body["lines"]} == said
    assert OrderLine.objects.get(sku=curtain).withdrawal_excluded == "custom_made"
    covers = bought.shopper.says("GET", f"{bought.path}/withdrawal")
    assert [line["name"] for line in covers["covers"]] == ["Tyyny Kaisla"]
    assert [(line["name"], line["reason"]) for line in covers["excluded"]] == [("Verho Utu", "custom_made")]
