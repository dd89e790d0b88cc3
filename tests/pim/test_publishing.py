"""Publications: complete, numbered, immutable."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, transaction

from config.kernel.actors import Actor, ActorKind
from config.kernel.db import open_transaction
from config.kernel.errors import NotFound
from config.kernel.invariants import check
from config.kernel.models import AuditEntry, StoredEvent
from config.kernel.versions import VersionConflict
from pim.api import (
    LinkDraft,
    SavedProduct,
    VariantDraft,
    link_product,
    list_channels_of,
    list_newer,
    list_published,
    publish,
)
from pim.catalogue.models import Product
from pim.publishing.models import Publication
from pim.publishing.services import (
    NotPublishable,
    ProductArchived,
    Published,
    UnknownChannel,
    publish_product,
    withdraw_product,
)
from tests.pim.conftest import FOAM, SOFA, fact, save, text

LINNEA = Actor(kind=ActorKind.MERCHANDISER, ref="linnea", label="Linnea")


def publish_to(
    product_id: UUID, now: datetime, *, channel: str = "fi-web", version: int | None = None
) -> Published:
    return publish_product(product_id=product_id, channel=channel, version=version, by=LINNEA, now=now)


def document_of(product_id: UUID, channel: str = "fi-web") -> Any:
    (held,) = list_newer(shown={(product_id, channel): 0})
    return held.document


def events() -> list[tuple[str, Any]]:
    return list(StoredEvent.objects.order_by("id").values_list("name", "data"))


def test_publications_are_numbered_per_product_and_channel(sofa: SavedProduct, now: datetime) -> None:
    foam = save(replace(FOAM, values={"name": text(fi="Vaahto", sv="Skum")}), now)

    numbers = [
        publish_to(product_id, now, channel=channel).number
        for product_id, channel in (
            (sofa.product_id, "fi-web"),
            (sofa.product_id, "fi-web"),
            (foam.product_id, "fi-web"),
            (foam.product_id, "se-web"),
            (sofa.product_id, "fi-web"),
        )
    ]

    assert numbers == [1, 2, 1, 1, 3]


def test_publishing_says_so_and_leaves_who_did_it(sofa: SavedProduct, now: datetime) -> None:
    publish_to(sofa.product_id, now)

    told = {"product_ref": str(sofa.product_id), "channel": "fi-web", "number": 1}
    assert events() == [("pim.product_published", told)]
    assert Publication.objects.get().actor["label"] == "Linnea"
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor_ref) == ("pim.publishing.publish_product", "linnea")


def test_a_document_is_complete_and_has_nothing_that_stays_in_the_house(
    catalogue: None, now: datetime
) -> None:
    save(FOAM, now)
    sofa = save(
        replace(SOFA, values={**SOFA.values, "cost": fact("400")}, categories={"sofas": 1, "outlet": 2}), now
    )
    with open_transaction():
        link_product(
            code="sofa", links=[LinkDraft(kind="care_for", target="foam", suits=("fabric", "moss"))], now=now
        )

    publish_to(sofa.product_id, now)

    document = document_of(sofa.product_id)
    assert document["product"] == {
        "ref": str(sofa.product_id),
        "code": "sofa",
        "tax_class": "standard",
        "family": None,
    }
    assert document["texts"] == {"name": {"fi": "Sohva", "en": "Sofa"}}
    assert document["locales"]["fi"] == {"state": "published", "reads": ["fi", "sv-FI", "en"]}
    assert document["locales"]["sv-FI"] == {"state": "fallback", "reads": ["sv-FI", "fi", "en"]}
    assert document["values"] == {"width": {"*": "224"}}, "neither the cost nor a text a second time"
    assert [variant["sku"] for variant in document["variants"]] == ["SOFA-SAND", "SOFA-MOSS"]
    assert document["variants"][0]["values"] == {"fabric": {"*": "sand"}}
    assert document["categories"] == [{"code": "sofas", "rank": 1}], "the outlet is not in the channel's tree"
    foam_ref = str(Product.objects.get(code="foam").public_id)
    assert document["links"] == [
        {"kind": "care_for", "product": foam_ref, "suits": {"attribute": "fabric", "option": "moss"}}
    ]


def test_a_channel_has_its_own_words_where_they_were_given(catalogue: None, now: datetime) -> None:
    name = {"*": {"fi": "Sohva", "en": "Sofa", "sv": "Soffa"}, "se-web": {"sv": "Soffan"}}
    sofa = save(replace(SOFA, values={"name": name}), now)

    for channel in ("fi-web", "se-web"):
        publish_to(sofa.product_id, now, channel=channel)

    assert document_of(sofa.product_id)["texts"]["name"] == {"fi": "Sohva", "en": "Sofa"}
    assert document_of(sofa.product_id, "se-web")["texts"]["name"] == {"sv": "Soffan"}


def test_what_was_published_stays_when_the_product_changes(sofa: SavedProduct, now: datetime) -> None:
    publish_to(sofa.product_id, now)
    save(replace(SOFA, values={"name": text(fi="Uusi sohva")}), now)

    assert document_of(sofa.product_id)["texts"]["name"]["fi"] == "Sohva"


def test_a_publication_can_be_neither_changed_nor_removed(sofa: SavedProduct, now: datetime) -> None:
    publish_to(sofa.product_id, now)

    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        Publication.objects.update(number=7)
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        Publication.objects.all().delete()


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"values": {"name": text(sv="Soffa")}}, "/values/name"),
        ({"values": {"width": fact("224")}}, "/values/name"),
    ],
)
def test_a_product_without_a_name_in_the_channel_is_not_published(
    catalogue: None, change: dict[str, Any], pointer: str, now: datetime
) -> None:
    sofa = save(replace(SOFA, **change), now)

    with pytest.raises(NotPublishable) as refused:
        publish_to(sofa.product_id, now)

    assert [error.pointer for error in refused.value.errors] == [pointer]
    assert not Publication.objects.exists()
    assert events() == []


def test_an_archived_product_is_not_published(sofa: SavedProduct, now: datetime) -> None:
    Product.objects.update(archived_at=now)

    with pytest.raises(ProductArchived):
        publish_to(sofa.product_id, now)

    assert not Publication.objects.exists()


def test_only_the_version_that_was_seen_is_published(sofa: SavedProduct, now: datetime) -> None:
    with pytest.raises(VersionConflict) as refused:
        publish_to(sofa.product_id, now, version=2)
    with pytest.raises(UnknownChannel):
        publish_to(sofa.product_id, now, channel="de-web", version=1)

    assert refused.value.data == {"current_version": 1}
    assert publish_to(sofa.product_id, now, version=1).number == 1


def test_a_withdrawal_is_a_publication_that_says_nothing(sofa: SavedProduct, now: datetime) -> None:
    publish_to(sofa.product_id, now)

    def withdraw() -> Published:
        return withdraw_product(
            product_id=sofa.product_id, channel="fi-web", version=None, by=LINNEA, now=now
        )

    withdrawn, again = withdraw(), withdraw()

    assert (withdrawn.number, withdrawn.withdrawn, withdrawn.changed) == (2, True, True)
    assert (again.number, again.changed) == (2, False)
    assert document_of(sofa.product_id) == {}
    assert publish_to(sofa.product_id, now).number == 3
    with pytest.raises(NotFound):
        withdraw_product(product_id=sofa.product_id, channel="se-web", version=None, by=LINNEA, now=now)


def test_publishing_many_leaves_out_what_says_the_same_already(sofa: SavedProduct, now: datetime) -> None:
    def publish_all() -> Published:
        with open_transaction():
            return publish(product_id=sofa.product_id, channel="fi-web", by=LINNEA, now=now)

    first, second = publish_all(), publish_all()
    save(
        replace(
            SOFA, variants=(*SOFA.variants[:1], VariantDraft(sku="NEW", values={"fabric": fact("moss")}))
        ),
        now,
    )
    third = publish_all()

    assert [(each.number, each.changed) for each in (first, second, third)] == [
        (1, True),
        (1, False),
        (2, True),
    ]


def test_the_publication_that_holds_is_the_one_with_the_highest_number(
    sofa: SavedProduct, now: datetime
) -> None:
    later = now + timedelta(days=1)
    publish_to(sofa.product_id, now)
    publish_to(sofa.product_id, later)

    place, elsewhere = (sofa.product_id, "fi-web"), (sofa.product_id, "se-web")
    (held,) = list_newer(shown={place: 1, elsewhere: 0})

    assert (held.product_ref, held.channel, held.number) == (*place, 2)
    assert (held.published_at, held.first_published_at) == (later, now)
    assert list_newer(shown={place: 2}) == []
    assert list(list_published()) == [sofa.product_id]
    assert list_channels_of(product_refs=[sofa.product_id]) == {place}


def test_a_publication_without_a_name_or_a_variant_is_found(sofa: SavedProduct, now: datetime) -> None:
    publish_to(sofa.product_id, now)
    assert check(now=now) == []
    held = Publication.objects.get()
    broken = (held.document | {"variants": []}, held.document | {"texts": {"name": {}}}, {"texts": {}})

    for number, document in enumerate(broken, start=2):
        Publication.objects.create(
            product=held.product,
            channel=held.channel,
            number=number,
            document=document,
            product_version=1,
            actor={},
            published_at=now,
        )

        assert [(each.code, len(each.rows)) for each in check(now=now)] == [("I13", 1)]
