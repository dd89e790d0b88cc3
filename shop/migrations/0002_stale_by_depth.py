"""The queue of the fan-out says how much of a product is looked at again. What waits in it is rendered whole."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("shop", "0001_initial"),)

    operations = (
        migrations.AddField(
            model_name="stale",
            name="depth",
            field=models.SmallIntegerField(
                choices=[(0, "Figures"), (1, "Publications"), (2, "Texts")], default=2
            ),
            preserve_default=False,
        ),
        migrations.RemoveField(model_name="stale", name="texts"),
        migrations.AlterField(model_name="stale", name="product_ref", field=models.UUIDField()),
        migrations.AddIndex(
            model_name="stale", index=models.Index(fields=["depth", "id"], name="stale_in_turn")
        ),
        migrations.AddConstraint(
            model_name="stale",
            constraint=models.UniqueConstraint(fields=("product_ref", "depth"), name="stale_once"),
        ),
        migrations.AddConstraint(
            model_name="stale",
            constraint=models.CheckConstraint(
                condition=models.Q(("depth__in", [0, 1, 2])), name="stale_depth"
            ),
        ),
    )
