"""Completeness after the import, against a second opinion: computed here from the CSV files alone."""

import csv
from datetime import datetime
from pathlib import Path

import pytest

from config.kernel.actors import system
from pim.catalogue.models import Variant
from pim.enrichment.queries import list_completeness
from pim.intake.models import RefusedRow
from pim.intake.services import run_import, start_import
from tests.conftest import SHARED_DATA

BY = system("tests")

Opinion = dict[tuple[str, str, str], tuple[int, tuple[str, ...]]]


def lines(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened, delimiter=";"))


def second_opinion(place: Path) -> Opinion:
    """Of every product with a family: how many attributes a channel wants in a locale, and which are not said."""
    attributes = {row["code"].lower(): row for row in lines(place / "attributes.csv")}
    families = {row["code"].lower(): row for row in lines(place / "families.csv")}
    models = {row["code"].lower(): row for row in lines(place / "product_models.csv")}
    found: Opinion = {}
    for product in lines(place / "products.csv"):
        above = [product]
        while parent := above[-1].get("parent"):
            above.append(models[parent.lower()])
        # the nearest word for a column counts; in this format a column has its word on one level
        said = {
            column: next((row[column] for row in above if row.get(column)), "")
            for row in above
            for column in row
            if column
        }
        family = families.get(product["family"].lower())
        for channel in lines(place / "channels.csv") if family else []:
            wanted = [code for code in family[f"requirements-{channel['code']}"].split(",") if code]
            for locale in channel["locales"].split(","):
                missing = [
                    code
                    for code in wanted
                    if not all(
                        said.get(column, "").strip()
                        for column in columns(attributes[code.lower()], channel, locale)
                    )
                ]
                key = (product["sku"], channel["code"], locale.replace("_", "-"))
                found[key] = (len(wanted), tuple(sorted(missing)))
    return found


def columns(attribute: dict[str, str], channel: dict[str, str], locale: str) -> list[str]:
    """The columns that must all say something for the attribute to be said."""
    column = attribute["code"]
    if attribute["localizable"] == "1":
        column += f"-{locale}"
    if attribute["scopable"] == "1":
        column += f"-{channel['code']}"
    match attribute["type"]:
        case "pim_catalog_price_collection":
            return [f"{column}-{currency}" for currency in channel["currencies"].split(",")]
        case _:
            return [column]


@pytest.mark.shared_data
@pytest.mark.django_db
@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", ["akeneo_icecat", "akeneo_catalog_modeling"])
def test_completeness_is_as_the_files_say(name: str, now: datetime) -> None:
    place = SHARED_DATA / name
    expected = second_opinion(place)

    import_id = start_import(place=str(place), publishes=False, by=BY, now=now)
    run_import(import_id=import_id, by=BY, now=now)

    assert list(RefusedRow.objects.values_list("file", "line", "column", "reason")) == []
    found = {
        (each.sku, each.channel, each.locale): (each.required, each.missing)
        for each in list_completeness(product_ids=Variant.objects.values_list("product_id", flat=True))
    }
    assert {
        key: (expected.get(key), found.get(key))
        for key in {*expected, *found}
        if expected.get(key) != found.get(key)
    } == {}
    assert len(found) > 2_000
