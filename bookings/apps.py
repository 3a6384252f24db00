from importlib import import_module

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class BookingsConfig(AppConfig):
    name = "bookings"
    default = True

    def ready(self) -> None:
        """A payment provider that is not there stops the start, and not the first payment."""
        import_module("bookings.payments").gateway()


class BackOfficeConfig(admin_apps.AdminConfig):
    """In INSTALLED_APPS in place of django.contrib.admin."""

    default_site = "bookings.admin.site.BackOffice"
    default = False

    def ready(self) -> None:
        """Our pages come last: they take the place of some of the others."""
        super().ready()
        import_module("bookings.admin.pages")
