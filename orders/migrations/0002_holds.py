from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="reservation",
            name="held_until",
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name="reservation",
            name="state",
            field=models.CharField(
                choices=[("active", "Active"), ("fulfilled", "Fulfilled"), ("released", "Released")],
                default="active",
                max_length=20,
            ),
        ),
        migrations.AddIndex(
            model_name="reservation",
            index=models.Index(
                condition=models.Q(("held_until__isnull", False), ("state", "active")),
                fields=["held_until"],
                name="reservation_held",
            ),
        ),
        migrations.RemoveConstraint(model_name="reservation", name="reservation_state"),
        migrations.AddConstraint(
            model_name="reservation",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["active", "fulfilled", "released"])),
                name="reservation_state",
            ),
        ),
        migrations.RemoveConstraint(model_name="reservation", name="reservation_fulfilled_when_taken"),
        migrations.AddConstraint(
            model_name="reservation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "active"), ("taken__lt", models.F("quantity"))),
                    models.Q(("state", "fulfilled"), ("taken", models.F("quantity"))),
                    models.Q(("state", "released"), ("taken__lt", models.F("quantity"))),
                    _connector="OR",
                ),
                name="reservation_fulfilled_when_taken",
            ),
        ),
    ]
