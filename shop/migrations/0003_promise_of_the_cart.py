from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("shop", "0002_stale_by_depth"),
    ]

    operations = [
        migrations.AddField(
            model_name="cart",
            name="delivery_store",
            field=models.CharField(
                blank=True,
                default="",
                help_text="Where the goods are fetched, if they are.",
                max_length=50,
            ),
            preserve_default=False,
        ),
        migrations.AddField(model_name="cart", name="promised_from_on", field=models.DateField(null=True)),
        migrations.AddField(model_name="cart", name="promised_until_on", field=models.DateField(null=True)),
    ]
