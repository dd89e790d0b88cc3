"""What was rendered in the mass waits to be found; and pages are kept as they are read."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("shop", "0003_promise_of_the_cart"),)

    operations = (
        migrations.CreateModel(
            name="Unindexed",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("product_ref", models.UUIDField()),
                ("content_scope", models.CharField(max_length=50)),
                ("noted_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("product_ref", "content_scope"), name="unindexed_once")
                ],
            },
        ),
        # Packing a page takes PostgreSQL half as long again as Python takes to render it, and a page that is packed is
        # no faster read. It takes up four times the room.
        migrations.RunSQL(
            sql="ALTER TABLE shop_listing ALTER COLUMN detail SET STORAGE EXTERNAL",
            reverse_sql="ALTER TABLE shop_listing ALTER COLUMN detail SET STORAGE EXTENDED",
        ),
    )
