"""Another shop's dump comes in through a reader of its own; what is no catalogue is counted and left."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from config.kernel.actors import system
from pim.catalogue.models import Category, Product, Variant
from pim.enrichment.models import Completeness
from pim.intake.models import RefusedRow
from pim.intake.ports import BadSource
from pim.intake.queries import ImportValue, get_import
from pim.intake.readers.saleor import Saleor
from pim.intake.services import run_import, start_import
from pim.publishing.models import Publication
from tests.conftest import SHARED_DATA

SET = SHARED_DATA / "saleor_populatedb"
BY = system("tests")


def bring_in(now: datetime) -> ImportValue:
    import_id = start_import(place=str(SET), publishes=True, by=BY, now=now)
    run_import(import_id=import_id, by=BY, now=now)
    return get_import(import_id=import_id)


@pytest.mark.shared_data
@pytest.mark.django_db
def test_the_whole_dump_comes_in(now: datetime) -> None:
    done = bring_in(now)

    assert (done.reader, done.state, done.problem) == ("saleor", "done", None)
    assert list(RefusedRow.objects.values_list("code", "reason")) == []
    assert (Product.objects.count(), Variant.objects.count()) == (32, 73)
    assert Publication.objects.count() == 64
    assert (done.left["prices"], done.left["stock"]) == (146, 56)

    shoes = Product.objects.get(code="white-plimsolls")
    assert shoes.family is not None
    assert shoes.family.code == "shoe"
    assert [axis.attribute.code for axis in shoes.axes.all()] == ["shoe-size"]
    assert shoes.values["weight"] == {"*": {"*": {"amount": "1000", "unit": "GRAM"}}}
    assert shoes.values["brand"] == {"*": {"*": "saleor-loom"}}
    assert shoes.variants.count() == 7
    assert {each.category.code for each in shoes.memberships.all()} >= {"sneakers"}
    assert Category.objects.get(code="sneakers").parent == Category.objects.get(code="apparel")
    assert Completeness.objects.count() == 73

    again = bring_in(now)

    assert again.wrote_nothing
    assert again.import_id != done.import_id


def dump(tmp_path: Path, *records: dict[str, Any]) -> Path:
    (tmp_path / "dump.json").write_text(json.dumps(records, indent=1))
    return tmp_path


def test_a_directory_without_a_dump_is_another_readers(tmp_path: Path) -> None:
    (tmp_path / "notes.json").write_text('{"model": 1, "fields": 2}')

    assert not Saleor().recognises(place=tmp_path)


def test_a_record_that_is_broken_is_named_by_its_line(tmp_path: Path) -> None:
    place = dump(tmp_path, {"model": "menu.menu", "pk": 1, "fields": {}})
    (place / "dump.json").write_text((place / "dump.json").read_text().replace('"pk": 1', '"pk": 1,,'))

    with pytest.raises(BadSource) as refused:
        list(Saleor().read(place=place, known={}))

    assert "Line 2" in refused.value.errors[0].detail


def test_what_is_no_catalogue_is_counted_and_left(tmp_path: Path) -> None:
    place = dump(tmp_path, *({"model": "menu.menu", "pk": number, "fields": {}} for number in range(3)))

    rows = list(Saleor().read(place=place, known={}))

    assert [(row.what, row.count) for row in rows if hasattr(row, "what")] == [("menu.menu", 3)]
