import django.db.models.deletion
import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0002_holds"),
    ]

    operations = [
        migrations.CreateModel(
            name="ItemPlace",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sku", models.CharField(max_length=64)),
                ("place", models.CharField(max_length=100)),
            ],
        ),
        migrations.CreateModel(
            name="TrackingEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("carrier", models.CharField(max_length=50)),
                ("tracking_code", models.CharField(max_length=100)),
                ("code", models.CharField(help_text="The carrier's own word for it.", max_length=100)),
                (
                    "state",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("created", "created"),
                            ("dispatched", "dispatched"),
                            ("in_transit", "in_transit"),
                            ("out_for_delivery", "out_for_delivery"),
                            ("ready_for_pickup", "ready_for_pickup"),
                            ("delivered", "delivered"),
                            ("failed", "failed"),
                            ("returning", "returning"),
                            ("returned", "returned"),
                        ],
                        max_length=20,
                    ),
                ),
                ("happened_at", models.DateTimeField()),
                (
                    "text",
                    models.CharField(
                        blank=True, help_text="What the carrier wrote beside it.", max_length=500
                    ),
                ),
                ("place", models.CharField(blank=True, max_length=200)),
                ("estimated_on", models.DateField(null=True)),
                (
                    "doubt",
                    models.CharField(
                        blank=True, choices=[("", ""), ("future", "future"), ("past", "past")], max_length=10
                    ),
                ),
                ("actor_kind", models.CharField(max_length=20)),
                ("actor_ref", models.CharField(max_length=100)),
                ("told_at", models.DateTimeField()),
            ],
            options={
                "ordering": ("happened_at", "pk"),
            },
        ),
        migrations.AddField(
            model_name="parcel",
            name="carrier",
            field=models.CharField(blank=True, max_length=50),
        ),
        migrations.AddField(
            model_name="parcel",
            name="delivered_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="parcel",
            name="estimated_on",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="parcel",
            name="label_url",
            field=models.CharField(blank=True, max_length=1000),
        ),
        migrations.AddField(
            model_name="parcel",
            name="packed_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="parcel",
            name="pickup_code",
            field=models.CharField(blank=True, max_length=10),
        ),
        migrations.AddField(
            model_name="parcel",
            name="state",
            field=models.CharField(
                choices=[
                    ("created", "created"),
                    ("dispatched", "dispatched"),
                    ("in_transit", "in_transit"),
                    ("out_for_delivery", "out_for_delivery"),
                    ("ready_for_pickup", "ready_for_pickup"),
                    ("delivered", "delivered"),
                    ("failed", "failed"),
                    ("returning", "returning"),
                    ("returned", "returned"),
                ],
                default="created",
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="parcel",
            name="tracking_code",
            field=models.CharField(blank=True, max_length=100),
        ),
        migrations.AlterField(
            model_name="parcel",
            name="dispatched_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.RunSQL(
            "UPDATE orders_parcel SET packed_at = dispatched_at, state = 'dispatched'",
            migrations.RunSQL.noop,
        ),
        migrations.AlterField(
            model_name="parcel",
            name="packed_at",
            field=models.DateTimeField(),
        ),
        migrations.AddConstraint(
            model_name="parcel",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        [
                            "created",
                            "dispatched",
                            "in_transit",
                            "out_for_delivery",
                            "ready_for_pickup",
                            "delivered",
                            "failed",
                            "returning",
                            "returned",
                        ],
                    )
                ),
                name="parcel_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="parcel",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ("created", "ready_for_pickup")),
                    ("dispatched_at__isnull", False),
                    _connector="OR",
                ),
                name="parcel_left_has_moment",
            ),
        ),
        migrations.AddConstraint(
            model_name="parcel",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "delivered"), _negated=True),
                    ("delivered_at__isnull", False),
                    _connector="OR",
                ),
                name="parcel_delivered_has_moment",
            ),
        ),
        migrations.AddConstraint(
            model_name="parcel",
            constraint=models.UniqueConstraint(
                condition=models.Q(("tracking_code", ""), _negated=True),
                fields=("carrier", "tracking_code"),
                name="parcel_tracking_code_unique",
            ),
        ),
        migrations.AddField(
            model_name="itemplace",
            name="location",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="places", to="orders.location"
            ),
        ),
        migrations.AddConstraint(
            model_name="trackingevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        [
                            "",
                            "created",
                            "dispatched",
                            "in_transit",
                            "out_for_delivery",
                            "ready_for_pickup",
                            "delivered",
                            "failed",
                            "returning",
                            "returned",
                        ],
                    )
                ),
                name="trackingevent_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="trackingevent",
            constraint=models.CheckConstraint(
                condition=models.Q(("doubt__in", ["", "future", "past"])), name="trackingevent_doubt"
            ),
        ),
        migrations.AddConstraint(
            model_name="trackingevent",
            constraint=models.UniqueConstraint(
                fields=("carrier", "tracking_code", "code", "happened_at"), name="trackingevent_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="itemplace",
            constraint=models.UniqueConstraint(
                models.F("location"), django.db.models.functions.text.Lower("sku"), name="itemplace_item_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="itemplace",
            constraint=models.CheckConstraint(
                condition=models.Q(("place", ""), _negated=True), name="itemplace_is_named"
            ),
        ),
    ]
