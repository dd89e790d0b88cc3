"""Fewer indexes where there are many rows; and long values packed by LZ4, where the server has it."""

import django.db.models.deletion
from django.db import migrations, models

_PACKED = {
    "pim_product": "values",
    "pim_productmodel": "values",
    "pim_variant": "values",
    "pim_productchange": "delta",
    "pim_publication": "document",
}


def _packed_by(method: str) -> str:
    changes = " ".join(
        f"ALTER TABLE {table} ALTER COLUMN {column} SET COMPRESSION {method};"
        for table, column in _PACKED.items()
    )
    return f"""
        DO $$ BEGIN
            IF '{method}' = ANY(
                (SELECT enumvals FROM pg_settings WHERE name = 'default_toast_compression')::text[]
            ) THEN {changes} END IF;
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
        # It takes a tenth of the processor that PostgreSQL's own way takes; what is there stays as it is.
        migrations.RunSQL(sql=_packed_by("lz4"), reverse_sql=_packed_by("pglz")),
    ]
