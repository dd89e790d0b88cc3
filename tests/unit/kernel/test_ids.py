"""Public ids are UUIDs of version 7 that sort by the moment they were made."""

import time

from config.kernel.ids import new_id


def test_an_id_is_a_uuid_of_version_7_and_the_rfc_variant() -> None:
    made = new_id()

    assert made.version == 7
    assert made.variant == "specified in RFC 4122"


def test_an_id_carries_its_millisecond_so_later_ones_sort_later() -> None:
    before = time.time_ns() // 1_000_000
    made = [new_id() for _ in range(100)]

    assert before <= made[0].int >> 80 <= time.time_ns() // 1_000_000
    assert made == sorted(made)


def test_ten_thousand_ids_are_distinct() -> None:
    assert len({new_id() for _ in range(10_000)}) == 10_000
