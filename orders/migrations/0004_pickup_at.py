import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0003_parcels_on_their_way"),
    ]

    operations = [
        migrations.AddField(
            model_name="orderdelivery",
            name="pickup_at",
            field=models.ForeignKey(
                help_text="Where the buyer fetches the goods herself; empty when they are brought to her.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="pickups",
                to="orders.location",
            ),
        ),
    ]
