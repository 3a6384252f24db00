"""What an import says of flights that leave under two numbers."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("flights", "0003_canonical_flight_numbers")]

    operations = [
        migrations.AddField(
            "scheduleimport", "codeshares", models.PositiveIntegerField(db_default=0, default=0)
        ),
        migrations.AddField(
            "scheduleimport", "codeshare_rows", models.JSONField(db_default=[], default=list)
        ),
    ]
