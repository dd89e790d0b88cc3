"""Fewer indexes where there are many rows; and long values packed by LZ4, or not at all where the server lacks it."""

import django.db.models.deletion
from django.db import migrations, models

_LONG = {
    "pim_product": "values",
    "pim_productmodel": "values",
    "pim_variant": "values",
    "pim_productchange": "delta",
    "pim_publication": "document",
}


def _alter(change: str) -> str:
    return " ".join(f"ALTER TABLE {table} ALTER COLUMN {column} {change};" for table, column in _LONG.items())


# PostgreSQL's own way of packing takes longer than all else that is done to such a row; what is there stays as it is.
_LIGHTER = f"""
    DO $$ BEGIN
        IF 'lz4' = ANY ((SELECT enumvals FROM pg_settings WHERE name = 'default_toast_compression')::text[]) THEN
            {_alter("SET COMPRESSION lz4")}
        ELSE
            {_alter("SET STORAGE EXTERNAL")}
        END IF;
    END $$
"""  # noqa: S608 - constants


class Migration(migrations.Migration):
    dependencies = [
        ("pim", "0003_import_has_links"),
    ]

    operations = [
        migrations.AlterField(
            model_name="optionreference",
            name="model",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="option_references",
                to="pim.productmodel",
            ),
        ),
        migrations.AlterField(
            model_name="optionreference",
            name="product",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="option_references",
                to="pim.product",
            ),
        ),
        migrations.AlterField(
            model_name="optionreference",
            name="variant",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="option_references",
                to="pim.variant",
            ),
        ),
        migrations.AddIndex(
            model_name="optionreference",
            index=models.Index(
                condition=models.Q(("model__isnull", False)),
                fields=["model"],
                name="optionreference_of_model",
            ),
        ),
        migrations.AddIndex(
            model_name="optionreference",
            index=models.Index(
                condition=models.Q(("variant__isnull", False)),
                fields=["variant"],
                name="optionreference_of_variant",
            ),
        ),
        migrations.RunSQL(
            sql=_LIGHTER, reverse_sql=_alter("SET STORAGE EXTENDED") + _alter("SET COMPRESSION default")
        ),
    ]
