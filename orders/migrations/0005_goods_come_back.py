import config.kernel.ids
import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0004_pickup_at"),
    ]

    operations = [
        migrations.CreateModel(
            name="Notice",
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
                            ("placed", "placed"),
                            ("paid", "paid"),
                            ("payment_failed", "payment_failed"),
                            ("cancelled", "cancelled"),
                            ("shipped", "shipped"),
                            ("out_for_delivery", "out_for_delivery"),
                            ("ready_for_pickup", "ready_for_pickup"),
                            ("delivered", "delivered"),
                            ("delivery_failed", "delivery_failed"),
                            ("return_announced", "return_announced"),
                            ("return_received", "return_received"),
                            ("refunded", "refunded"),
                            ("withdrawal_received", "withdrawal_received"),
                        ],
                        max_length=30,
                    ),
                ),
                ("about_ref", models.UUIDField()),
                ("data", models.JSONField(default=dict)),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "Waiting"), ("sent", "Sent")], default="waiting", max_length=20
                    ),
                ),
                ("occurred_at", models.DateTimeField()),
                ("tried_at", models.DateTimeField(null=True)),
                ("sent_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ("pk",),
            },
        ),
        migrations.CreateModel(
            name="Withdrawal",
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
                    "order_number",
                    models.CharField(help_text="As she wrote it, or the order's own.", max_length=40),
                ),
                ("name", models.CharField(max_length=200)),
                ("email", models.EmailField(max_length=254)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("drafted", "Drafted"),
                            ("confirmed", "Confirmed"),
                            ("carried_out", "Carried Out"),
                        ],
                        default="drafted",
                        max_length=20,
                    ),
                ),
                (
                    "effect",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("cancelled", "Cancelled"),
                            ("goods_return", "Goods Return"),
                            ("both", "Both"),
                            ("nothing", "Nothing"),
                            ("by_hand", "By Hand"),
                        ],
                        max_length=20,
                    ),
                ),
                ("drafted_at", models.DateTimeField()),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("carried_out_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ("pk",),
            },
        ),
        migrations.CreateModel(
            name="WithdrawalReceipt",
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
                ("content", models.TextField()),
                ("covers", models.JSONField()),
                ("locale", models.CharField(max_length=20)),
                ("stated_at", models.DateTimeField()),
                ("actor_kind", models.CharField(max_length=20)),
                ("actor_ref", models.CharField(max_length=100)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.RemoveConstraint(
            model_name="stockmovement",
            name="stockmovement_kind",
        ),
        migrations.RemoveConstraint(
            model_name="stockmovement",
            name="stockmovement_sign",
        ),
        migrations.AddField(
            model_name="orderdelivery",
            name="standard_gross_minor",
            field=models.BigIntegerField(
                default=0,
                help_text="What the least expensive delivery to the buyer would have cost: all that a withdrawal gives back.",
            ),
        ),
        migrations.AddField(
            model_name="orderline",
            name="withdrawal_excluded",
            field=models.CharField(
                blank=True,
                help_text="Why it cannot be sent back, as a code (custom_made); empty: it can.",
                max_length=64,
            ),
        ),
        migrations.AddField(
            model_name="return",
            name="by_right",
            field=models.CharField(
                choices=[("withdrawal", "withdrawal"), ("policy", "policy")],
                default="withdrawal",
                max_length=20,
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="return",
            name="deducted_minor",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="return",
            name="deduction_reason",
            field=models.CharField(blank=True, max_length=1000),
        ),
        migrations.AddField(
            model_name="return",
            name="label_code",
            field=models.CharField(default="", max_length=20),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="return",
            name="refunded_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="returnline",
            name="comment",
            field=models.CharField(blank=True, help_text="The buyer's own words.", max_length=1000),
        ),
        migrations.AddField(
            model_name="returnline",
            name="damaged",
            field=models.IntegerField(null=True),
        ),
        migrations.AddField(
            model_name="returnline",
            name="note",
            field=models.CharField(blank=True, help_text="What the clerk saw.", max_length=1000),
        ),
        migrations.AddField(
            model_name="returnline",
            name="reason",
            field=models.CharField(
                blank=True,
                choices=[
                    ("changed_mind", "changed_mind"),
                    ("does_not_suit", "does_not_suit"),
                    ("wrong_size", "wrong_size"),
                    ("not_as_described", "not_as_described"),
                    ("damaged", "damaged"),
                    ("wrong_item", "wrong_item"),
                    ("too_late", "too_late"),
                    ("other", "other"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="returnline",
            name="sellable",
            field=models.IntegerField(null=True),
        ),
        migrations.AlterField(
            model_name="stockmovement",
            name="kind",
            field=models.CharField(
                choices=[
                    ("received", "Received"),
                    ("counted", "Counted"),
                    ("dispatched", "Dispatched"),
                    ("returned", "Returned"),
                    ("written_off", "Written Off"),
                ],
                max_length=20,
            ),
        ),
        migrations.RunSQL(
            """
            UPDATE orders_return SET label_code = 'PR-' || id;
            UPDATE orders_returnline AS line SET sellable = line.quantity, damaged = 0
              FROM orders_return AS coming
             WHERE coming.id = line.goods_return_id AND coming.state IN ('received', 'credited');
            """,
            migrations.RunSQL.noop,
        ),
        migrations.AddConstraint(
            model_name="return",
            constraint=models.UniqueConstraint(fields=("label_code",), name="return_label_unique"),
        ),
        migrations.AddConstraint(
            model_name="return",
            constraint=models.CheckConstraint(
                condition=models.Q(("by_right__in", ["withdrawal", "policy"])), name="return_right"
            ),
        ),
        migrations.AddConstraint(
            model_name="return",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("deducted_minor", 0),
                    models.Q(("deducted_minor__gt", 0), models.Q(("deduction_reason", ""), _negated=True)),
                    _connector="OR",
                ),
                name="return_deduction_has_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="return",
            constraint=models.CheckConstraint(
                condition=models.Q(("refunded_at__isnull", True), ("state", "credited"), _connector="OR"),
                name="return_refunded_when_credited",
            ),
        ),
        migrations.AddConstraint(
            model_name="returnline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("damaged__isnull", True), ("sellable__isnull", True)),
                    models.Q(
                        ("damaged__gte", 0),
                        (
                            "quantity__gte",
                            django.db.models.expressions.CombinedExpression(
                                models.F("sellable"), "+", models.F("damaged")
                            ),
                        ),
                        ("sellable__gte", 0),
                    ),
                    _connector="OR",
                ),
                name="returnline_found_within_announced",
            ),
        ),
        migrations.AddConstraint(
            model_name="stockmovement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind__in", ["received", "counted", "dispatched", "returned", "written_off"])
                ),
                name="stockmovement_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="stockmovement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("delta__gt", 0), ("kind__in", ("received", "returned"))),
                    models.Q(("delta__lt", 0), ("kind__in", ("dispatched", "written_off"))),
                    models.Q(("kind", "counted"), models.Q(("delta", 0), _negated=True)),
                    _connector="OR",
                ),
                name="stockmovement_sign",
            ),
        ),
        migrations.AddField(
            model_name="notice",
            name="order",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="notices", to="orders.order"
            ),
        ),
        migrations.AddField(
            model_name="withdrawal",
            name="goods_return",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="withdrawals",
                to="orders.return",
            ),
        ),
        migrations.AddField(
            model_name="withdrawal",
            name="order",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="withdrawals",
                to="orders.order",
            ),
        ),
        migrations.AddField(
            model_name="withdrawalreceipt",
            name="withdrawal",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="receipt", to="orders.withdrawal"
            ),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(
                condition=models.Q(("state", "waiting")), fields=["occurred_at"], name="notice_waiting"
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["sent", "waiting"])), name="notice_state"
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.UniqueConstraint(fields=("order", "kind", "about_ref"), name="notice_once"),
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
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "sent"), _negated=True), ("sent_at__isnull", False), _connector="OR"
                ),
                name="notice_sent_has_moment",
            ),
        ),
        migrations.AddIndex(
            model_name="withdrawal",
            index=models.Index(
                condition=models.Q(("state", "confirmed")), fields=["confirmed_at"], name="withdrawal_waiting"
            ),
        ),
        migrations.AddConstraint(
            model_name="withdrawal",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["carried_out", "confirmed", "drafted"])),
                name="withdrawal_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="withdrawal",
            constraint=models.CheckConstraint(
                condition=models.Q(("state", "drafted"), ("confirmed_at__isnull", False), _connector="OR"),
                name="withdrawal_confirmed_has_moment",
            ),
        ),
        migrations.AddConstraint(
            model_name="withdrawal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "carried_out"), _negated=True),
                    models.Q(("carried_out_at__isnull", False), models.Q(("effect", ""), _negated=True)),
                    _connector="OR",
                ),
                name="withdrawal_carried_out_has_effect",
            ),
        ),
    ]
