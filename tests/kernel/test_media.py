"""Pictures and files of products are served by their paths, to everybody, for good."""

import pytest
from django.test import Client


@pytest.fixture
def media_root(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    (settings.MEDIA_ROOT / "demo").mkdir(parents=True)
    (settings.MEDIA_ROOT / "demo" / "sofa.webp").write_bytes(b"RIFF-picture")
    (tmp_path / "secret.txt").write_text("not a picture")
    return settings.MEDIA_ROOT


def test_a_picture_is_given_to_whoever_asks_and_may_be_kept(media_root):
    response = Client().get("/media/demo/sofa.webp")

    assert response.status_code == 200
    assert response.content == b"RIFF-picture"
    assert response["Content-Type"] == "image/webp"
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize("path", ["demo/chair.webp", "demo", "../secret.txt", "%2e%2e/secret.txt"])
def test_nothing_else_is_found(media_root, path):
    assert Client().get(f"/media/{path}").status_code == 404


def test_a_picture_is_only_read(media_root):
    assert Client().post("/media/demo/sofa.webp").status_code == 405
