"""Counters and heartbeats may be lost with a crash, and must never be waited for: their tables are not logged."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("kernel", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE kernel_ratecount SET UNLOGGED", "ALTER TABLE kernel_ratecount SET LOGGED"
        ),
        migrations.RunSQL(
            "ALTER TABLE kernel_workerbeat SET UNLOGGED", "ALTER TABLE kernel_workerbeat SET LOGGED"
        ),
    ]
