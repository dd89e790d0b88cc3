"""JSON columns whose values are long: read and written several times as fast as with the standard library."""

from typing import Any

import orjson
from django.db import models
from psycopg.types.json import Jsonb


class LongJSONField(models.JSONField):
    """A JSONField for documents of kilobytes that come by the hundred. To migrations it is a JSONField."""

    def deconstruct(self) -> Any:
        """The same column as a JSONField's, so changing from one to the other is no migration."""
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.JSONField", args, kwargs

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        """What PostgreSQL sends as text; a part of a document comes as the standard field reads it."""
        if isinstance(value, str | bytes) and not hasattr(expression, "key_name"):
            return orjson.loads(value)
        return super().from_db_value(value, expression, connection)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        """As the standard field, but for what writes the text."""
        adapted = super().get_db_prep_value(value, connection, prepared)
        if isinstance(adapted, Jsonb):
            adapted.dumps = orjson.dumps
        return adapted
