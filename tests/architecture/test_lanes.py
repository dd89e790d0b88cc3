"""What `tests/lanes.py` names is there: a folder or file that was renamed would change its lane unseen."""

from config.servers import ROOT
from tests import lanes


def test_every_folder_and_file_that_is_named_is_there() -> None:
    assert {
        name for name in {*lanes.PROCESSES, *lanes.PROMISES} if not (ROOT / "tests" / name).is_dir()
    } == set()
    assert {file for file in {*lanes.FIRST, *lanes.ALSO_WAITING} if not (ROOT / file).is_file()} == set()


def test_tests_of_processes_wait_and_others_work() -> None:
    assert lanes.is_waiting("tests/faults/test_kills_while_paying.py")
    assert lanes.is_waiting("tests/pim/test_import_by_worker.py")
    assert not lanes.is_waiting("tests/pim/test_intake.py")
    assert not lanes.is_waiting("tests/unit/kernel/test_ids.py")
