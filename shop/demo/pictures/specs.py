"""What a picture shows, its file's name, and drawing those that are not there yet."""

import hashlib
import os
from collections.abc import Collection, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

FOLDER: Final = "demo"
# Counted up whenever a drawing changes: the names change with it, so that no cache shows the old ones.
_EDITION: Final = "1"
_FEW: Final = 12


@dataclass(frozen=True, kw_only=True)
class Spec:
    """A picture of a product, complete: sizes in centimetres, colours in six hexadecimal digits."""

    subject: str
    look: tuple[tuple[str, Any], ...]
    size: tuple[float, float, float]
    seat: float
    main: str
    weave: str
    frame: str
    view: str = "front"


def name_of(spec: Spec) -> str:
    """The file's path below the media root. It names what is in it: another picture has another name."""
    digest = hashlib.sha256(f"{_EDITION} {spec}".encode()).hexdigest()[:10]
    return f"{FOLDER}/{spec.subject}-{spec.view}-{digest}.webp"


def draw_missing(*, specs: Collection[Spec], root: Path) -> int:
    """Draw every picture that `root` does not have, on all processors; how many there were to draw."""
    missing = [spec for spec in dict.fromkeys(specs) if not (root / name_of(spec)).exists()]
    (root / FOLDER).mkdir(parents=True, exist_ok=True)
    workers = min(os.cpu_count() or 1, 8)
    if workers == 1 or len(missing) < _FEW:
        _draw_all(missing, root)
        return len(missing)
    # Threads of this process may hold locks, so children are started afresh instead of forked.
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        shares = [pool.submit(_draw_all, missing[first::workers], root) for first in range(workers)]
        for share in shares:
            share.result()
    return len(missing)


def _draw_all(specs: Sequence[Spec], root: Path) -> None:
    for spec in specs:
        path = root / name_of(spec)
        part = path.with_suffix(f".{os.getpid()}.part")  # a picture is there whole or not at all
        _draw(spec).save(part, "WEBP", quality=82, method=0)
        part.replace(path)


def _draw(spec: Spec) -> Any:
    from shop.demo.pictures import rooms, scenes
    from shop.demo.pictures.canvas import Tone
    from shop.demo.pictures.seating import Thing

    width, depth, height = spec.size
    thing = Thing(
        look=dict(spec.look),
        width=width,
        depth=depth,
        height=height,
        seat=spec.seat,
        main=Tone.of(spec.main, spec.weave),
        frame=Tone.of(spec.frame, "wood"),
    )
    if spec.view == "near":
        return scenes.near(thing)
    if spec.view == "room":
        return rooms.in_a_room(thing, int(hashlib.sha256(spec.subject.encode()).hexdigest(), 16) % 6)
    return scenes.alone(thing)
