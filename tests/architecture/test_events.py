"""Every event survives its JSON, whatever its fields hold."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.kernel.events import Event, read_event, registered_events

texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30)
st.register_type_strategy(str, texts)
EVENTS = [event for event in registered_events() if not event.__module__.startswith("tests.")]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.name)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_an_event_survives_its_json(event: type[Event], data: st.DataObject) -> None:
    told = data.draw(st.builds(event))

    stored = json.loads(json.dumps(told.to_data()))

    assert read_event(event.name, stored) == told
    assert told.topic.count(":") >= 1
