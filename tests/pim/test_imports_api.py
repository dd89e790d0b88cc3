"""/pim/v1/imports over HTTP: what is wrong with a set is said at once where it can be, and else by file and line."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from config.kernel.models import Audience
from pim.catalogue.models import Product
from pim.intake.models import Import
from pim.tasks import bring_in
from tests.callers import Caller, problem
from tests.factories.accounts import UserFactory, sign_in
from tests.pim.sets import SHIRTS, write_set

IMPORTS = "/pim/v1/imports"
PRODUCTS = SHIRTS["products"]


@pytest.fixture
def linnea(db: None, now: datetime) -> Caller:
    """A merchandiser of a house that has no catalogue yet."""
    return Caller(token=sign_in(UserFactory(), Audience.PIM, now=now, scopes=["products:publish"]))


@pytest.fixture
def shirts(tmp_path: Path, settings: Any) -> Path:
    settings.IMPORT_DIR, settings.MEDIA_ROOT = tmp_path / "imports", tmp_path / "media"
    return write_set(tmp_path / "imports" / "shirts", **SHIRTS)


def finished(linnea: Caller, **wish: Any) -> Any:
    """The import of the set, once a worker has done it."""
    asked = linnea.tries("POST", IMPORTS, {"set": "shirts", **wish})
    assert asked.status_code == 202
    place = asked["Location"]
    bring_in(import_id=place.rpartition("/")[2])
    return linnea.says("GET", place)


@pytest.mark.parametrize(
    ("content", "code", "told"),
    [
        (b"", "empty_file", "no header"),
        (PRODUCTS.splitlines()[0].encode(), "empty_file", "nothing below"),
        (PRODUCTS.replace(";", ",").encode(), "wrong_delimiter", "','"),
        (PRODUCTS.replace("Mug", "Mügg").encode("latin-1"), "wrong_encoding", "Latin-1"),
        (PRODUCTS.encode("utf-16-le"), "wrong_encoding", "UTF-16"),
        (PRODUCTS.replace("tags;", "size;", 1).encode(), "bad_header", "size"),
        (PRODUCTS.replace("tags;", "colours;", 1).encode(), "bad_header", "colours"),
        (PRODUCTS.replace("sku;", "number;", 1).encode(), "bad_header", "sku"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_at_once(
    linnea: Caller, shirts: Path, content: bytes, code: str, told: str
) -> None:
    (shirts / "products.csv").write_bytes(content)

    refused = problem(linnea.tries("POST", IMPORTS, {"set": "shirts"}))

    assert (refused["status"], refused["code"]) == (422, "bad_source")
    assert refused["errors"][0]["code"] == code
    assert told in refused["errors"][0]["detail"]
    assert not Import.objects.exists()


@pytest.mark.parametrize("name", ["../shirts", "/etc", "..", "link", "shirts/../shirts"])
def test_a_set_that_lies_elsewhere_is_refused(linnea: Caller, shirts: Path, name: str) -> None:
    (shirts.parent / "link").symlink_to("/etc")

    refused = problem(linnea.tries("POST", IMPORTS, {"set": name}))

    assert (refused["status"], refused["errors"][0]["code"]) == (422, "unsafe_path")


ROWS = [
    (45, "\nmug;", "\nshirt-red-m;", ["duplicate_code", "duplicate_code"]),
    (46, ";300;;126", ";0,30;;126", ["ambiguous_number"]),
    (46, ";300;;126", ";1.300,00;;126", ["ambiguous_number"]),
    (46, "2026-11-22", "03/04/26", ["ambiguous_date"]),
    (47, ";126;", ";6.41E+12;", ["lossy_cell"]),
    (47, ";126;", ";#N/A;", ["lossy_cell"]),
    (47, ";Mug;", ";=B2&C2;", ["lossy_cell"]),
    (48, ";300;;126", ";300;STONE;126", ["unknown_unit"]),
]


@pytest.mark.parametrize(("case", "old", "new", "reasons"), ROWS)
def test_a_row_that_cannot_be_taken_is_listed_and_the_rest_goes_on(
    linnea: Caller, shirts: Path, *, case: int, old: str, new: str, reasons: list[str]
) -> None:
    """Cases 45 to 48, each as it is named."""
    assert old in PRODUCTS
    (shirts / "products.csv").write_text(PRODUCTS.replace(old, new))

    done = finished(linnea)
    refused = linnea.says("GET", f"{IMPORTS}/{done['id']}/refusals")["items"]

    assert (done["state"], done["all_or_none"]) == ("done", False)
    told = [(each["file"], each["line"], each["reason"]) for each in refused]
    lines = [3, 5] if case == 45 else [5]
    assert sorted(told) == sorted(
        [("products.csv", line, reason) for line, reason in zip(lines, reasons, strict=True)]
        + [("products.csv", 4, "unknown_product")]  # it leads to the mug, which is not taken
    )
    assert done["refused_rows"] == len(told)
    assert Product.objects.filter(code="shirt").exists()


def test_a_category_below_itself_is_refused(linnea: Caller, shirts: Path) -> None:
    """Case 48."""
    with (shirts / "categories.csv").open("a") as opened:
        opened.write("\nup;down;Up\ndown;up;Down")

    done = finished(linnea)
    refused = linnea.says("GET", f"{IMPORTS}/{done['id']}/refusals")["items"]

    assert [(each["line"], each["reason"]) for each in refused] == [
        (5, "category_cycle"),
        (6, "category_cycle"),
    ]


def test_all_or_none_is_chosen_by_the_caller(linnea: Caller, shirts: Path) -> None:
    """Case 51; the good rows are taken above."""
    (shirts / "products.csv").write_text(PRODUCTS.replace(";126;", ";#N/A;"))
    before = Product.objects.count()

    done = finished(linnea, all_or_none=True)

    assert (done["state"], done["all_or_none"], done["refused_rows"]) == ("failed", True, 2)
    assert done["problem"]["errors"][0]["code"] == "rows_refused"
    assert Product.objects.count() == before
    told = linnea.says("GET", f"{IMPORTS}/{done['id']}/refusals")["items"]
    assert {(row["line"], row["reason"]) for row in told} == {(4, "unknown_product"), (5, "lossy_cell")}
