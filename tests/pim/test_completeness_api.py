"""What a merchandiser sees of completeness: per variant, channel and language what is missing, and where to go on."""

from typing import Any

import pytest

from config.kernel.db import open_transaction
from config.kernel.dispatcher import run_pending
from config.kernel.errors import NotFound
from config.kernel.models import StoredEvent
from pim.api import AttributeDraft, FamilyDraft, define_attribute, define_family
from pim.catalogue.models import Product
from pim.enrichment.services import assess
from pim.events import RequirementsChanged
from pim.structure.models import Family
from pim.tasks import assess_again
from tests.callers import Caller, etag
from tests.factories.goods import CHANNEL
from tests.factories.world import World
from tests.pim.sets import BY

PRODUCTS = "/pim/v1/products"


@pytest.fixture
def linnea(world: World) -> Caller:
    return world.person("merchandiser")


def sofas(*required: str) -> FamilyDraft:
    return FamilyDraft(
        code="sofas",
        labels={"fi": "Sohvat"},
        attributes=("name", "care", "fabric"),
        requirements={CHANNEL: required},
        label="name",
    )


@pytest.fixture
def care(world: World) -> None:
    """Something to be said in every language."""
    with open_transaction():
        define_attribute(
            draft=AttributeDraft(code="care", type="text", labels={}, localisable=True), now=world.now
        )


@pytest.fixture
def family(world: World, care: None) -> None:
    """The sofa belongs to a family that wants its name, its fabric, and how to care for it."""
    with open_transaction():
        define_family(draft=sofas("name", "fabric", "care"), by=BY, now=world.now)
        Product.objects.filter(code="sofa").update(family=Family.objects.get())
        assess(product_ids=[Product.objects.get(code="sofa").pk], now=world.now)


def standing(caller: Caller, world: World) -> dict[tuple[str, str], Any]:
    told = caller.says("GET", f"{PRODUCTS}/{world.products['sofa']}")["completeness"]
    return {(each["sku"], each["locale"]): each for each in told if each["channel"] == CHANNEL}


@pytest.mark.usefixtures("family")
def test_a_product_says_what_it_lacks_in_each_language(linnea: Caller, world: World) -> None:
    told = standing(linnea, world)

    assert {sku for sku, _ in told} == {"SOFA-SAND", "SOFA-MOSS"}
    lacking = {locale for (_, locale), each in told.items() if each["missing"]}
    assert lacking
    for each in told.values():
        assert each["required_count"] == 3
        assert each["percent"] == (66 if each["missing"] else 100)
        assert set(each["missing"]) <= {"care"}


def test_nothing_is_asked_of_a_product_without_a_family(linnea: Caller, world: World) -> None:
    assert standing(linnea, world) == {}


@pytest.mark.usefixtures("family")
def test_what_is_filled_in_is_complete_and_leaves_the_list_of_gaps(linnea: Caller, world: World) -> None:
    sofa = f"{PRODUCTS}/{world.products['sofa']}"
    gaps = f"{PRODUCTS}?incomplete={CHANNEL}:sv-FI"
    values = {"care": {"*": dict.fromkeys(("fi", "sv-FI", "en"), "Mjuk")}}
    assert [item["code"] for item in linnea.says("GET", gaps)["items"]] == ["sofa"]

    linnea.says("PATCH", sofa, {"values": values}, If_Match=etag(1))
    run_pending(now=world.now)

    assert {each["percent"] for each in standing(linnea, world).values()} == {100}
    assert linnea.says("GET", gaps)["items"] == []


@pytest.mark.usefixtures("family")
def test_a_family_that_asks_for_more_is_heard_by_its_products(linnea: Caller, world: World) -> None:
    with open_transaction():
        define_family(draft=sofas("name"), by=BY, now=world.now)
    assess_again(family="sofas")

    assert {each["percent"] for each in standing(linnea, world).values()} == {100}


def test_the_same_family_again_is_no_news(world: World, care: None) -> None:
    told = []
    for draft in (sofas("name"), sofas("name"), sofas("name", "fabric")):
        with open_transaction():
            define_family(draft=draft, by=BY, now=world.now)
        told.append(RequirementsChanged.name in _news())

    assert told == [False, False, True]


def _news() -> list[str]:
    return list(StoredEvent.objects.values_list("name", flat=True))


def test_a_family_of_what_is_not_there_is_refused(world: World, care: None) -> None:
    with pytest.raises(NotFound, match="glow"), open_transaction():
        define_family(draft=sofas("name", "glow"), by=BY, now=world.now)


@pytest.mark.parametrize("gap", ["", "fi-web", "fi-web:xx", "nowhere:fi", ":fi", "fi-web:fi:en", "fi-web:'"])
def test_a_gap_that_is_none_is_refused(linnea: Caller, gap: str) -> None:
    assert linnea.is_refused("GET", f"{PRODUCTS}?incomplete={gap}") == (400, "unknown_filter")
