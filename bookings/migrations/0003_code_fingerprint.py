from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("bookings", "0002_rules")]

    operations = [
        migrations.AddField(
            model_name="booking",
            name="code_fingerprint",
            field=models.CharField(blank=True, db_default="", default="", max_length=32),
        ),
    ]
