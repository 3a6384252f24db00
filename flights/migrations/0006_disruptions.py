"""How often a flight was delayed or got another aircraft since there are questions about it."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('flights', '0005_fares'),
    ]

    operations = [
        migrations.AddField(
            model_name='flight',
            name='disruptions',
            field=models.PositiveSmallIntegerField(db_default=0, default=0, editable=False),
        ),
    ]
