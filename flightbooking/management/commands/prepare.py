"""`manage.py prepare`: make a database and a machine ready to serve; again and again is fine."""

import hashlib
import secrets
from importlib.metadata import version
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser

from bookings.views.shown_booking import SIMULATED
from flightbooking import environment
from flightbooking.local.embedded import kept_secret
from flightbooking.local.supervisor import OPERATOR, operator_password_file
from flights.models import Airport, CabinLayout


class Command(BaseCommand):
    help = (
        "Migrate, collect static files, load airports, cabin layouts and a month of flights, "
        "and make the first operator's login. Does only what is not done yet."
    )

    # They ask the database, which an image is built without.
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--static", action="store_true", help="only collect static files, without a database"
        )

    def handle(self, *args: Any, static: bool, **options: Any) -> None:
        collect_static()
        if not static:
            call_command("migrate", interactive=False, verbosity=0)
            call_command("clearsessions")
            load()
            make_operator()


def load() -> None:
    """Airports and cabin layouts once; flights, which depart and are gone, at every start."""
    if not Airport.objects.exists():
        call_command("load_airports")
    if not CabinLayout.objects.exists():
        call_command("load_layouts")
    # A made-up schedule goes with made-up money; an airline imports its own.
    if settings.PAYMENT_GATEWAY == SIMULATED:
        call_command("seed_flights", days=30, per_day=60, seed=1)


def collect_static() -> None:
    """Collect and compress the static files, unless none has changed since the last time."""
    if settings.STATIC_FROM_SOURCE:
        return
    stamp = settings.STATIC_ROOT / ".collected"
    known = stamp.read_text() if stamp.exists() else None
    if known == (state := static_state()):
        return
    # What an interrupted run left may be half a file: without a stamp nothing is kept.
    stamp.unlink(missing_ok=True)
    call_command("collectstatic", interactive=False, clear=known is None, verbosity=0)
    stamp.write_text(state)


def static_state() -> str:
    """A fingerprint of every static file and of what they are compressed with."""
    files = [
        (name, storage.get_modified_time(name).timestamp(), storage.size(name))
        for finder in get_finders()
        for name, storage in finder.list([])
    ]
    known = (sorted(files), settings.STORAGES["staticfiles"], version("whitenoise"))
    return hashlib.sha256(repr(known).encode()).hexdigest()


def make_operator() -> None:
    """Make the first operator, with a password of our own that only this account can read."""
    file = operator_password_file(settings.VAR_DIR)
    password = kept_secret(file, environment.text("OPERATOR_PASSWORD") or secrets.token_urlsafe(9))
    user = get_user_model().objects.filter(username=OPERATOR).first()
    if user is None:
        get_user_model().objects.create_superuser(OPERATOR, password=password)
    elif not user.check_password(password):
        # It was changed since, and a password that does not work would only mislead.
        file.unlink()
