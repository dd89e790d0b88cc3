"""Sets that are broken as sets in the wild are: every one has an answer that names what is wrong, and where."""

import csv
from datetime import datetime
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from config.kernel.db import open_transaction
from config.kernel.models import StoredEvent
from pim.catalogue.definitions import define_attribute
from pim.catalogue.drafts import AttributeDraft
from pim.catalogue.models import Product
from pim.intake.queries import ImportValue, list_refusals
from pim.publishing.models import Publication
from pim.structure.models import Attribute
from tests.pim.sets import SHIRTS, bring_in, refused, write_set

pytestmark = pytest.mark.django_db

PRODUCTS = SHIRTS["products"]


@pytest.fixture
def shirts(tmp_path: Path) -> Path:
    return write_set(tmp_path / "shirts", **SHIRTS)


def with_products(place: Path, content: bytes) -> Path:
    (place / "products.csv").write_bytes(content)
    return place


def problem(done: ImportValue) -> tuple[str, str]:
    assert done.state == "failed"
    assert done.problem is not None
    error = done.problem["errors"][0]
    return error["code"], error["detail"]


ACCENTED = PRODUCTS.replace(";Mug;", ";Mügg;")


@pytest.mark.parametrize(
    ("content", "code", "told"),
    [
        (b"", "empty_file", "no header"),
        (b"\n\n", "empty_file", "no header"),
        (PRODUCTS.splitlines()[0].encode(), "empty_file", "nothing below"),
        (PRODUCTS.replace(";", ",").encode(), "wrong_delimiter", "','"),
        (PRODUCTS.replace(",", "+").replace(";", "\t").encode(), "wrong_delimiter", "'\\t'"),
        (ACCENTED.encode("latin-1"), "wrong_encoding", "Latin-1"),
        (ACCENTED.replace("ü", "’").encode("cp1252"), "wrong_encoding", "Windows-1252"),
        (ACCENTED.encode("utf-16-le"), "wrong_encoding", "UTF-16"),
        (ACCENTED.encode("utf-16")[:-1], "wrong_encoding", "UTF-16"),
        (PRODUCTS.replace("Mug", "M\x00ug").encode("utf-16"), "bad_table", "Line 5"),
        (PRODUCTS.replace("Mug", '"Mug').encode(), "bad_table", ""),
        (PRODUCTS.replace("tags;", "size;", 1).encode(), "bad_header", "size"),
        (PRODUCTS.replace("tags;", "colours;", 1).encode(), "bad_header", "colours"),
        (PRODUCTS.replace("sku;", "number;", 1).encode(), "bad_header", "sku"),
    ],
)
def test_a_file_that_cannot_be_read_says_what_it_looks_like(
    shirts: Path, now: datetime, content: bytes, code: str, told: str
) -> None:
    done = bring_in(with_products(shirts, content), now)

    assert problem(done)[0] == code
    assert told in problem(done)[1]
    assert not Product.objects.exists()


@pytest.mark.parametrize(
    "content",
    [
        ACCENTED.encode("utf-8-sig"),
        ACCENTED.encode("utf-16"),
        ACCENTED.replace("\n", "\r\n").encode(),
        ACCENTED.replace("\n", "\r\n", 2).encode(),
    ],
    ids=["BOM", "UTF-16 with a mark", "CRLF", "mixed line ends"],
)
def test_a_file_that_says_what_it_is_written_in_is_read(shirts: Path, now: datetime, content: bytes) -> None:
    done = bring_in(with_products(shirts, content), now)

    assert refused(done) == []
    assert Product.objects.get(code="mug").values["name"]["*"]["en-US"] == "Mügg"


@pytest.mark.parametrize(
    ("old", "new", "column", "reason"),
    [
        (";300;;126", ";0,30;;126", "weight", "ambiguous_number"),
        (";300;;126", ";1.300,00;;126", "weight", "ambiguous_number"),
        ("2026-11-22", "03/04/26", "since", "ambiguous_date"),
        (";126;", ";6.41E+12;", "ean", "lossy_cell"),
        (";126;", ";#N/A;", "ean", "lossy_cell"),
        (";Mug;", ";=B2&C2;", "name-en_US", "lossy_cell"),
        ("\nmug;", "\n6.41E+12;", "sku", "lossy_cell"),
        (";300;;126", ";300;STONE;126", "weight", "unknown_unit"),
    ],
)
def test_a_doubtful_cell_keeps_its_row_out_and_the_rest_goes_on(
    shirts: Path, now: datetime, *, old: str, new: str, column: str, reason: str
) -> None:
    content = PRODUCTS.replace(old, new)
    assert content != PRODUCTS

    done = bring_in(with_products(shirts, content.encode()), now)

    assert ("products.csv", 5, column, reason) in refused(done)
    assert list(Product.objects.values_list("code", flat=True)) == ["shirt"]
    assert done.state == "done"


def test_a_doubtful_model_keeps_what_stands_below_it_out(shirts: Path, now: datetime) -> None:
    models = SHIRTS["product_models"].replace("19.90", "19,90")
    write_set(shirts, product_models=models)

    done = bring_in(shirts, now)

    assert ("product_models.csv", 2, "price-EUR", "ambiguous_number") in refused(done)
    assert {reason for *_, reason in refused(done)} == {"ambiguous_number", "unknown_parent"}
    assert list(Product.objects.values_list("code", flat=True)) == ["mug"]


@pytest.mark.parametrize(
    ("gtin", "reasons"),
    [
        ("6414383600018", []),
        ("6414383600013", ["wrong_gtin"]),
        ("123457", ["lossy_cell"]),
        ("6.41438E+12", ["lossy_cell"]),
    ],
)
def test_check_digits_are_tested_on_attributes_that_are_gtins(
    tmp_path: Path, now: datetime, gtin: str, reasons: list[str]
) -> None:
    with open_transaction():
        define_attribute(draft=AttributeDraft(code="gtin", type="gtin", labels={}), now=now)
    place = write_set(tmp_path / "set", products=f"sku;gtin\nmug;{gtin}\nbowl;")

    done = bring_in(place, now)

    assert [reason for *_, reason in refused(done)] == reasons
    assert Product.objects.filter(code="bowl").exists()
    assert Product.objects.filter(code="mug").exists() is (reasons == [])


def test_a_link_that_leads_out_of_the_set_is_not_followed(
    shirts: Path, tmp_path: Path, now: datetime
) -> None:
    elsewhere = tmp_path / "elsewhere.csv"
    elsewhere.write_text(PRODUCTS)
    (shirts / "products.csv").unlink()
    (shirts / "products.csv").symlink_to(elsewhere)

    done = bring_in(shirts, now)

    assert problem(done)[0] == "unsafe_path"


@pytest.mark.parametrize("path", ["../../x", "/etc/passwd", "files/../../x", "files\\..\\x"])
def test_media_stay_below_their_root(shirts: Path, now: datetime, path: str) -> None:
    models = SHIRTS["product_models"].replace("files/red.jpg", path)
    write_set(shirts, product_models=models)

    done = bring_in(shirts, now)

    assert ("product_models.csv", 3, "picture", "unsafe_path") in refused(done)


def test_one_bad_row_among_many_is_named_by_its_line(tmp_path: Path, now: datetime) -> None:
    rows = [f"mug-{number};{number}" for number in range(1_000)]
    rows[800] = "mug-800;eight hundred"
    attributes = (
        "code;type;localizable;scopable\nsku;pim_catalog_identifier;0;0\nheight;pim_catalog_number;0;0"
    )
    place = write_set(tmp_path / "mugs", attributes=attributes, products="\n".join(["sku;height", *rows]))

    done = bring_in(place, now)

    assert refused(done) == [("products.csv", 802, "height", "wrong_type")]
    assert list_refusals(import_id=done.import_id).get(line=802).code == "mug-800"
    assert Product.objects.count() == 999


@pytest.fixture
def mugs(tmp_path: Path) -> Path:
    """Five hundred mugs; two say their height in words, and one leads to what is not there."""
    rows = [f"mug-{number};{number};" for number in range(500)]
    rows[10], rows[450] = "mug-10;ten;", "mug-450;many;"
    rows[300] = "mug-300;300;jug"
    return write_set(
        tmp_path / "mugs",
        attributes=(
            "code;type;localizable;scopable\nsku;pim_catalog_identifier;0;0\nheight;pim_catalog_number;0;0"
        ),
        association_types="code\nPACK",
        products="\n".join(["sku;height;PACK-products", *rows]),
    )


WRONG = [
    ("products.csv", 12, "height", "wrong_type"),
    ("products.csv", 302, "PACK", "unknown_product"),
    ("products.csv", 452, "height", "wrong_type"),
]


def test_all_rows_or_none_takes_none_and_names_every_wrong_one(mugs: Path, now: datetime) -> None:
    done = bring_in(mugs, now, all_or_none=True)

    assert (done.state, refused(done)) == ("failed", WRONG)
    assert done.problem is not None
    assert done.problem["code"] == "rows_refused"
    assert not Product.objects.exists()
    assert not Attribute.objects.exists()
    assert not StoredEvent.objects.exists()


def test_the_good_rows_are_taken_where_that_was_chosen(mugs: Path, now: datetime) -> None:
    done = bring_in(mugs, now)

    assert (done.state, refused(done)) == ("done", WRONG)
    assert Product.objects.count() == 498


def test_all_rows_or_none_takes_all_when_all_are_good(shirts: Path, now: datetime) -> None:
    done = bring_in(shirts, now, all_or_none=True)

    assert (done.state, refused(done)) == ("done", [])
    assert (Product.objects.count(), Publication.objects.count()) == (2, 2)


def test_the_command_writes_a_file_of_what_it_refused(mugs: Path, tmp_path: Path) -> None:
    errors = tmp_path / "errors.csv"

    with pytest.raises(CommandError, match=r"^3 rows were refused, so none was taken"):
        call_command("import_catalogue", str(mugs), "--all-or-none", "--errors", str(errors))

    with errors.open(newline="") as opened:
        rows = list(csv.DictReader(opened, delimiter=";"))
    assert [(row["file"], int(row["line"]), row["column"], row["reason"]) for row in rows] == WRONG
    assert [row["code"] for row in rows] == ["mug-10", "mug-300", "mug-450"]


def test_a_file_of_errors_holds_no_formula(tmp_path: Path) -> None:
    place = write_set(
        tmp_path / "formulas",
        attributes="code;type;localizable;scopable\nsku;pim_catalog_identifier;0;0",
        products="sku\n=HYPERLINK(A1)\nmug",
    )
    errors = tmp_path / "errors.csv"

    call_command("import_catalogue", str(place), "--errors", str(errors))

    with errors.open(newline="") as opened:
        (row,) = [row for row in csv.DictReader(opened, delimiter=";") if row["kind"] == "row"]
    assert (row["reason"], row["code"]) == ("lossy_cell", "'=HYPERLINK(A1)")
