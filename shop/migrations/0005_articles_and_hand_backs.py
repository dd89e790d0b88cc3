"""What scanners read stands beside availability, and a clerk can give a cart back for its shopper to pay.

GTINs come in as products are shown anew; `manage.py rebuild_catalog` brings them in at once.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("shop", "0004_shown_before_found"),
    ]

    operations = [
        migrations.AddField(
            model_name="availability",
            name="gtin",
            field=models.CharField(blank=True, db_default="", max_length=14),
        ),
        migrations.AddIndex(
            model_name="availability",
            index=models.Index(
                condition=models.Q(("gtin", ""), _negated=True), fields=["gtin"], name="availability_gtin"
            ),
        ),
        migrations.AddField(
            model_name="cartopening",
            name="handed_back",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="cartopening",
            name="message",
            field=models.CharField(blank=True, default="", max_length=200),
            preserve_default=False,
        ),
    ]
