"""The Celery application; every setting of it is in settings.py under `CELERY_`."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "flightbooking.settings")

app = Celery("flightbooking")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["bookings"], related_name="saga")
