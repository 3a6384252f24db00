"""What of its flight's disruptions the customer of a booking has accepted."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('bookings', '0015_hold_ending'),
    ]

    operations = [
        migrations.AddField(
            model_name='booking',
            name='accepted_disruptions',
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
    ]
