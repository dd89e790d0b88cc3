"""A listing is found by its product or by its slug, never by its language alone.

As long as a table has no statistics, PostgreSQL takes an index that begins with scope and locale for as good as the one
of the product, and reads a whole language to find three listings.
"""

from django.db import migrations, models

_OLD = "listing_slug_unique"
_NEW = "listing_slug_once"
_COLUMNS = "slug, content_scope, locale"
_BUILD = f"CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS {_NEW} ON shop_listing ({_COLUMNS})"
_EXCHANGE = (
    f"ALTER TABLE shop_listing DROP CONSTRAINT {_OLD}, ADD CONSTRAINT {_NEW} UNIQUE USING INDEX {_NEW}"
)
_BACK = (
    f"ALTER TABLE shop_listing DROP CONSTRAINT {_NEW},"
    f" ADD CONSTRAINT {_OLD} UNIQUE (content_scope, locale, slug)"
)


class Migration(migrations.Migration):
    dependencies = [
        ("shop", "0008_covered_indexes"),
    ]

    atomic = False  # the index is built concurrently

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(_BUILD, migrations.RunSQL.noop),
                migrations.RunSQL(_EXCHANGE, _BACK),
            ],
            state_operations=[
                migrations.RemoveConstraint(model_name="listing", name=_OLD),
                migrations.AddConstraint(
                    model_name="listing",
                    constraint=models.UniqueConstraint(fields=("slug", "content_scope", "locale"), name=_NEW),
                ),
            ],
        ),
    ]
