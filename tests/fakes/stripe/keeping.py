"""Payments that outlive the fake: the database of `make run` does too, and would ask after them."""

import json
from pathlib import Path

from tests.fakes.stripe.cards import BY_NAME
from tests.fakes.stripe.server import StripeServer

_KEPT = ("intents", "charges", "refunds", "disputes", "events")


def save(server: StripeServer, path: Path) -> None:
    """Write everything to `path`, when something changed since; a reader never sees half of it."""
    book = server.book
    with book.lock:
        if len(book.events) == server.saved:
            return
        server.saved = len(book.events)
        state = {name: getattr(book, name) for name in _KEPT}
        state["used"] = {name: card.names[0] if card else None for name, card in book.used.items()}
        state["keys"] = server.keys.answers()
        text = json.dumps(state)
    beside = path.with_suffix(".new")
    beside.write_text(text)
    beside.replace(path)


def restore(server: StripeServer, path: Path) -> None:
    """Read what `save` wrote; nothing when there is no such file."""
    if not path.exists():
        return
    state = json.loads(path.read_text())
    for name in _KEPT:
        getattr(server.book, name).update(state.get(name, {}))
    server.book.used.update({name: card and BY_NAME[card] for name, card in state["used"].items()})
    server.keys.restore(state["keys"])
    server.saved = len(server.book.events)
