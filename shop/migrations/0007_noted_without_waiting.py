"""Who notes that a product waits to be found does not wait for who takes it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("shop", "0006_carts_come_together"),)

    operations = (
        migrations.RemoveConstraint(model_name="unindexed", name="unindexed_once"),
        migrations.AddIndex(
            model_name="unindexed",
            index=models.Index(fields=["product_ref", "content_scope"], name="unindexed_product"),
        ),
    )
