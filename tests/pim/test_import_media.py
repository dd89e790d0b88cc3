"""Pictures and files beside a set are taken over by what is in them, and served for good."""

import io
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from pim.catalogue.models import Product, ProductModel
from tests.pim.sets import SHIRTS, bring_in, refused, write_set

pytestmark = pytest.mark.django_db


@pytest.fixture
def shirts(tmp_path: Path, settings: Any) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    place = write_set(tmp_path / "shirts", **SHIRTS)
    (place / "files").mkdir()
    return place


def picture(colour: str = "red", of: str = "JPEG", size: tuple[int, int] = (8, 8)) -> bytes:
    held = io.BytesIO()
    Image.new("RGB", size, colour).save(held, of)
    return held.getvalue()


def picture_of_64_megapixels() -> bytes:
    """Made where it is used: it takes a second."""
    return picture(of="PNG", size=(8_000, 8_000))


def shown() -> dict[str, str]:
    rows = ProductModel.objects.values_list("code", "values")
    return {code: values["picture"]["*"]["*"] for code, values in rows}


def test_a_picture_is_kept_by_its_content_and_served(shirts: Path, now: datetime) -> None:
    (shirts / "files" / "red.jpg").write_bytes(picture())

    done = bring_in(shirts, now)

    paths = shown()
    assert done.counts["media"] == {"found": 1, "missing": 1}
    assert paths["shirt-blue"] == "files/blue.jpg", "what is missing keeps its path"
    assert paths["shirt-red"].startswith("imported/")
    assert paths["shirt-red"].endswith("/red.jpg")
    answer = Client().get(f"/media/{paths['shirt-red']}")
    assert (answer.content, answer["Content-Type"]) == (picture(), "image/jpeg")


def test_a_second_import_finds_it_there_and_another_picture_gets_another_name(
    shirts: Path, now: datetime
) -> None:
    (shirts / "files" / "red.jpg").write_bytes(picture())
    bring_in(shirts, now)
    before = shown()

    assert bring_in(shirts, now).wrote_nothing

    (shirts / "files" / "red.jpg").write_bytes(picture("blue"))
    bring_in(shirts, now)
    assert shown()["shirt-red"] != before["shirt-red"]


def test_what_a_picture_is_called_does_not_decide_what_it_is(shirts: Path, now: datetime) -> None:
    (shirts / "files" / "red.jpg").write_bytes(picture(of="PNG"))

    bring_in(shirts, now)

    assert shown()["shirt-red"].endswith("/red.png")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"<html><script>alert(1)</script></html>", "not_an_image"),
        (b"GIF89a<script>alert(1)</script>", "not_an_image"),
        (picture()[:-40], "not_an_image"),
        (b"", "not_an_image"),
        (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "not_an_image"),
        (picture_of_64_megapixels, "image_too_large"),
    ],
    ids=["HTML", "polyglot", "truncated", "empty", "SVG", "64 megapixels"],
)
def test_what_is_no_picture_keeps_its_row_out(
    shirts: Path, now: datetime, content: bytes | Callable[[], bytes], reason: str
) -> None:
    (shirts / "files" / "red.jpg").write_bytes(content if isinstance(content, bytes) else content())

    done = bring_in(shirts, now)

    assert ("product_models.csv", 3, "picture", reason) in refused(done)
    assert Product.objects.filter(code="mug").exists()
    assert not list((shirts.parent / "media").rglob("*.jpg"))


def test_a_link_to_a_file_out_of_the_set_is_not_followed(shirts: Path, now: datetime) -> None:
    elsewhere = shirts.parent / "secret.jpg"
    elsewhere.write_bytes(picture())
    (shirts / "files" / "red.jpg").symlink_to(elsewhere)

    done = bring_in(shirts, now)

    assert ("product_models.csv", 3, "picture", "unsafe_path") in refused(done)


FILES = {
    "attributes": (
        "code;type;localizable;scopable;max_file_size\nsku;pim_catalog_identifier;0;0;\n"
        "manual;pim_catalog_file;0;0;0.001"
    ),
    "products": "sku;manual\nmug;mug.pdf\nbowl;bowl.pdf\njug;jug.pdf",
}


def test_a_document_is_judged_by_how_it_begins_and_how_large_it_is(
    shirts: Path, now: datetime, settings: Any
) -> None:
    place = write_set(shirts.parent / "manuals", **FILES)
    (place / "mug.pdf").write_bytes(b"%PDF-1.7 how to drink")
    (place / "bowl.pdf").write_bytes(b"<html>")
    (place / "jug.pdf").write_bytes(b"%PDF-1.7" + b" " * 1_000)

    done = bring_in(place, now)

    assert refused(done) == [
        ("products.csv", 3, "manual", "unknown_media_type"),
        ("products.csv", 4, "manual", "file_too_large"),
    ]
    kept = Product.objects.get(code="mug").values["manual"]["*"]["*"]
    assert (settings.MEDIA_ROOT / kept).read_bytes() == b"%PDF-1.7 how to drink"
