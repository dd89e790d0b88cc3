from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0007_payments_by_provider"),
    ]

    operations = [
        migrations.AddField(
            model_name="providermessage",
            name="provider",
            field=models.CharField(default="stripe", max_length=50),
        ),
        migrations.AlterField(
            model_name="providermessage",
            name="event_ref",
            field=models.CharField(max_length=100),
        ),
        migrations.AddConstraint(
            model_name="providermessage",
            constraint=models.UniqueConstraint(fields=("provider", "event_ref"), name="providermessage_once"),
        ),
    ]
