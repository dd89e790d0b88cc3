from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0009_withdrawals_by_number"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="notice",
            name="notice_kind",
        ),
        migrations.AlterField(
            model_name="notice",
            name="kind",
            field=models.CharField(
                choices=[
                    ("placed", "placed"),
                    ("paid", "paid"),
                    ("payment_failed", "payment_failed"),
                    ("cancelled", "cancelled"),
                    ("shipped", "shipped"),
                    ("out_for_delivery", "out_for_delivery"),
                    ("ready_for_pickup", "ready_for_pickup"),
                    ("delivered", "delivered"),
                    ("delivery_failed", "delivery_failed"),
                    ("estimate_changed", "estimate_changed"),
                    ("return_announced", "return_announced"),
                    ("return_received", "return_received"),
                    ("refunded", "refunded"),
                    ("withdrawal_received", "withdrawal_received"),
                ],
                max_length=30,
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "placed",
                            "paid",
                            "payment_failed",
                            "cancelled",
                            "shipped",
                            "out_for_delivery",
                            "ready_for_pickup",
                            "delivered",
                            "delivery_failed",
                            "estimate_changed",
                            "return_announced",
                            "return_received",
                            "refunded",
                            "withdrawal_received",
                        ],
                    )
                ),
                name="notice_kind",
            ),
        ),
    ]
