from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0010_notice_of_a_new_day"),
    ]

    operations = [
        migrations.AddField(
            model_name="orderline",
            name="unit_weight_g",
            field=models.IntegerField(
                help_text="What the catalogue said; empty: it said nothing.", null=True
            ),
        ),
        migrations.AddField(
            model_name="parcel",
            name="shipment_ref",
            field=models.CharField(
                blank=True,
                help_text="The carrier's name of the shipment whose label is bought.",
                max_length=100,
            ),
        ),
    ]
