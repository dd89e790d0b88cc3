import config.kernel.ids
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0011_shipments_and_weights"),
    ]

    operations = [
        migrations.CreateModel(
            name="Matter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "public_id",
                    models.UUIDField(default=config.kernel.ids.new_id, editable=False, unique=True),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("withdrawal", "withdrawal"),
                            ("parcel_returned", "parcel_returned"),
                            ("dispute", "dispute"),
                            ("payment_refused", "payment_refused"),
                            ("authorisation_lost", "authorisation_lost"),
                        ],
                        max_length=30,
                    ),
                ),
                ("about_ref", models.CharField(max_length=100)),
                (
                    "facts",
                    models.JSONField(
                        default=dict, help_text="What is known of it, JSON-safe and without personal data."
                    ),
                ),
                ("opened_at", models.DateTimeField()),
                ("settled_at", models.DateTimeField(null=True)),
                (
                    "settled_by",
                    models.CharField(
                        blank=True, help_text="The reference of whoever settled it.", max_length=100
                    ),
                ),
                ("note", models.CharField(blank=True, help_text="What she did about it.", max_length=1000)),
                (
                    "location",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="matters",
                        to="orders.location",
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="matters",
                        to="orders.order",
                    ),
                ),
            ],
            options={
                "ordering": ("pk",),
                "indexes": [
                    models.Index(
                        condition=models.Q(("settled_at__isnull", True)),
                        fields=["location"],
                        name="matter_open",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "withdrawal",
                                    "parcel_returned",
                                    "dispute",
                                    "payment_refused",
                                    "authorisation_lost",
                                ],
                            )
                        ),
                        name="matter_kind",
                    ),
                    models.UniqueConstraint(fields=("kind", "about_ref"), name="matter_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("note", ""), ("settled_at__isnull", True), ("settled_by", "")),
                            models.Q(
                                ("settled_at__isnull", False),
                                models.Q(("settled_by", ""), _negated=True),
                                models.Q(("note", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="matter_settled_by_somebody",
                    ),
                ],
            },
        ),
    ]
