"""How complete products are is kept up with what they say, and written only where it has changed."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from config.kernel.actors import system
from config.kernel.db import TransactionMisuse, open_transaction
from config.kernel.dispatcher import run_pending
from pim.api import ProductDraft, VariantDraft
from pim.catalogue.editing import edit_product
from pim.catalogue.models import Attribute, Channel, Product
from pim.catalogue.services import ModelDraft
from pim.enrichment.models import Completeness
from pim.enrichment.queries import list_completeness
from pim.enrichment.services import assess
from pim.structure.models import Family
from tests.pim.conftest import FOAM, SOFA, fact, save, text

pytestmark = pytest.mark.usefixtures("sofas")

IN_FAMILY = replace(SOFA, family="sofas")


@pytest.fixture
def sofas(catalogue: None) -> Family:
    """A family whose web products need a name, a width and a fabric in Finland, and a name in Sweden."""
    family = Family.objects.create(code="sofas")
    for channel, codes in {"fi-web": ("name", "width", "fabric"), "se-web": ("name",)}.items():
        for code in codes:
            family.requirements.create(
                channel=Channel.objects.get(code=channel), attribute=Attribute.objects.get(code=code)
            )
    return family


def assess_all(now: datetime) -> int:
    with open_transaction():
        return assess(product_ids=list(Product.objects.values_list("pk", flat=True)), now=now)


def missing() -> dict[tuple[str, str, str], tuple[str, ...]]:
    found = list_completeness(product_ids=list(Product.objects.values_list("pk", flat=True)))
    return {(each.sku, each.channel, each.locale): each.missing for each in found}


def test_every_variant_stands_in_every_channel_and_language(now: datetime) -> None:
    save(IN_FAMILY, now)

    assert assess_all(now) == 2

    assert missing() == {
        (sku, channel, locale): ("name",) if locale in {"sv", "sv-FI"} else ()
        for sku in ("SOFA-SAND", "SOFA-MOSS")
        for channel, locale in (("fi-web", "fi"), ("fi-web", "sv-FI"), ("fi-web", "en"), ("se-web", "sv"))
    }


def test_a_share_is_rounded_down(now: datetime) -> None:
    save(IN_FAMILY, now)
    assess_all(now)

    found = list_completeness(product_ids=Product.objects.values_list("pk", flat=True))

    swedish = next(each for each in found if each.locale == "sv-FI")
    assert (swedish.required, swedish.percent) == (3, 66)


def test_what_a_model_says_holds_for_its_variants(now: datetime) -> None:
    save(
        ProductDraft(
            code="corner",
            family="sofas",
            values={"name": text(fi="Kulma", en="Corner")},
            axes=("fabric", "width"),
            models=(ModelDraft(code="corner-sand", values={"fabric": fact("sand")}),),
            variants=(
                VariantDraft(sku="CORNER-1", model="corner-sand", values={"width": fact("200")}),
                VariantDraft(sku="CORNER-2", model="corner-sand", values={"width": fact("300")}),
            ),
        ),
        now,
    )

    assess_all(now)

    assert missing()["CORNER-2", "fi-web", "en"] == ()


def test_a_second_assessment_writes_nothing(now: datetime) -> None:
    save(IN_FAMILY, now)
    assess_all(now)

    assert assess_all(now + timedelta(days=1)) == 0

    assert set(Completeness.objects.values_list("assessed_at", flat=True)) == {now}


def test_what_is_said_later_counts(now: datetime) -> None:
    save(IN_FAMILY, now)
    assess_all(now)

    save(replace(IN_FAMILY, values={**SOFA.values, "name": text(fi="Sohva", sv="Soffa")}), now)

    assert assess_all(now) == 2
    assert missing()["SOFA-SAND", "se-web", "sv"] == ()
    assert missing()["SOFA-SAND", "fi-web", "en"] == ("name",)


def test_a_product_without_a_family_has_no_completeness(now: datetime) -> None:
    save(FOAM, now)

    assert assess_all(now) == 0
    assert missing() == {}


def test_what_nothing_is_asked_of_any_more_has_no_completeness(now: datetime, sofas: Family) -> None:
    save(IN_FAMILY, now)
    assess_all(now)
    save(replace(IN_FAMILY, variants=SOFA.variants[:1]), now)

    assert assess_all(now) == 1
    assert {sku for sku, _, _ in missing()} == {"SOFA-SAND"}

    sofas.requirements.all().delete()

    assert assess_all(now) == 1
    assert missing() == {}


def test_the_number_of_statements_does_not_grow_with_the_products(now: datetime) -> None:
    save(IN_FAMILY, now)
    for number in range(5):
        save(
            replace(FOAM, code=f"foam-{number}", family="sofas", variants=(VariantDraft(sku=f"F{number}"),)),
            now,
        )

    with CaptureQueriesContext(
        connection,
    ) as queries:
        assess_all(now)

    assert len([query for query in queries if "SAVEPOINT" not in query["sql"]]) <= 10


def test_an_edit_is_assessed(now: datetime) -> None:
    saved = save(IN_FAMILY, now)
    assess_all(now)

    edit_product(
        product_id=saved.product_id,
        version=1,
        values={"name": {"*": {"sv": "Soffa"}}},
        categories={},
        by=system("tests"),
        now=now,
    )
    run_pending(now=now)

    assert missing()["SOFA-SAND", "se-web", "sv"] == ()


def test_completeness_is_written_with_the_products(now: datetime) -> None:
    with pytest.raises(TransactionMisuse):
        assess(product_ids=[], now=now)
