"""Wiring: settings, the web server's entry, Celery, logs, mail, static files, health."""

from flightbooking.celery import app as celery_app

__all__ = ["celery_app"]
