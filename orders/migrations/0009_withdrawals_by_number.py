from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0008_one_inbox"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="withdrawal",
            name="withdrawal_waiting",
        ),
        migrations.RemoveField(
            model_name="withdrawalreceipt",
            name="locale",
        ),
        migrations.AddField(
            model_name="withdrawal",
            name="by_number",
            field=models.BooleanField(
                default=False,
                help_text="She came with the order's number and her address, not with its secret.",
            ),
        ),
        migrations.AddField(
            model_name="withdrawal",
            name="locale",
            field=models.CharField(default="en", max_length=20),
            preserve_default=False,
        ),
    ]
