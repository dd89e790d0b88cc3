"""What somebody publishes is read within a second, while thousands of other products are being rendered again."""

from pathlib import Path

import pytest

from tests.performance.visible import measure_visibility
from tests.servers import running_shop


@pytest.mark.long
def test_an_edit_overtakes_the_rendering_of_two_thousand(tmp_path: Path) -> None:
    """The figure itself is taken on a quiet machine; here it must only not grow with what is being rendered."""
    with running_shop(tmp_path / "log") as shop:
        found = measure_visibility(shop, edits=30, others=2_000)

    assert found.rounds < found.edits / 2, "most edits came while others were rendered"
    assert found.p95_s < 5.0, found.line()
