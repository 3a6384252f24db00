"""The Celery application; every setting of it is in settings.py under `CELERY_`."""

import os
from typing import Any

from celery import Celery
from celery.app.utils import Settings
from celery.signals import celeryd_init, task_postrun, task_prerun, worker_shutdown
from django.db import close_old_connections

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "flightbooking.settings")

app = Celery("flightbooking")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["bookings"], related_name="saga")
app.autodiscover_tasks(["bookings.notifications"], related_name="outbox")
app.autodiscover_tasks(["flights.schedule"], related_name="import_job")

# How many countdowns the timers' worker keeps in its memory (8 MB per thousand); the others
# wait in Redis. It takes them first in, first out, which is right for timers of one length.
HELD_TIMERS = 5000


@celeryd_init.connect
def limit_held_timers(sender: str, conf: Settings, **kwargs: Any) -> None:
    """On the timers' worker only: on the other, full of timers, no payment would start."""
    if sender.startswith("timers@"):
        conf.worker_eta_task_limit = HELD_TIMERS


@task_prerun.connect
@task_postrun.connect
def close_broken_connections(**kwargs: Any) -> None:
    """A worker's thread keeps its database connection, but not one that is broken."""
    close_old_connections()


@worker_shutdown.connect
def finish_payments(**kwargs: Any) -> None:
    """Payments under way are written down, as far as the gateway answers by its deadline."""
    from bookings.saga.workers import payments

    payments.stop()
