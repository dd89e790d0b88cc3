import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0005_goods_come_back"),
    ]

    operations = [
        migrations.AddField(
            model_name="location",
            name="hands_over",
            field=models.BooleanField(default=False, help_text="Orders can be fetched here."),
        ),
        migrations.AddField(
            model_name="location",
            name="opening_hours",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="orderdelivery",
            name="kind",
            field=models.CharField(
                default="home", help_text="orders.delivery.rules.DeliveryKind", max_length=20
            ),
        ),
        migrations.AddField(
            model_name="deliveryoption",
            name="kind",
            field=models.CharField(default="home", max_length=20),
        ),
        migrations.AlterField(
            model_name="deliveryoption",
            name="gross_minor",
            field=models.BigIntegerField(help_text="Empty where the rates say it.", null=True),
        ),
        migrations.AddConstraint(
            model_name="deliveryoption",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["home", "pickup_point", "store"])),
                name="deliveryoption_kind",
            ),
        ),
        migrations.CreateModel(
            name="DeliveryRate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("zone", models.CharField(help_text="orders.delivery.zones", max_length=20)),
                ("up_to_g", models.IntegerField()),
                ("gross_minor", models.BigIntegerField()),
                (
                    "option",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rates",
                        to="orders.deliveryoption",
                    ),
                ),
            ],
            options={
                "ordering": ("zone", "up_to_g"),
                "constraints": [
                    models.UniqueConstraint(fields=("option", "zone", "up_to_g"), name="deliveryrate_once"),
                    models.CheckConstraint(
                        condition=models.Q(("gross_minor__gte", 0), ("up_to_g__gt", 0)),
                        name="deliveryrate_numbers",
                    ),
                ],
            },
        ),
    ]
