"""A setting that cannot be is refused by its name, with what was given and what may be."""

import os
import runpy
import subprocess
import sys

import pytest
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from flightbooking import environment, processes

HOSTS = "words between commas, each such as booking.example.org"


def settings_with(monkeypatch: pytest.MonkeyPatch, name: str, given: str) -> dict[str, object]:
    monkeypatch.setenv(name, given)
    return runpy.run_path(str(processes.BASE_DIR / "flightbooking" / "settings.py"))


@pytest.mark.parametrize(
    ("name", "given", "said"),
    [
        ("SEAT_HOLD_SECONDS", "a quarter", "a whole number from 1 to 604800"),
        ("HOLD_LIMIT_SECONDS", "0", "a whole number from 1 to 604800"),
        ("MAX_SEATS_PER_BOOKING", "9" * 5000, "a whole number from 1 to 99"),
        ("PAYMENT_MAX_ATTEMPTS", "4", "a whole number from 1 to 3"),
        ("PAYMENT_TIMEOUT_SECONDS", "0", "a number from 0.01 to 600"),
        ("PAYMENT_RETRY_SECONDS", "nan", "a number from 0 to 600"),
        ("PAYMENT_RETRY_SECONDS", "-1", "a number from 0 to 600"),
        ("PAYMENT_FAILURE_RATE", "15%", "a number from 0 to 1"),
        ("PAYMENT_FAILURE_RATE", "inf", "a number from 0 to 1"),
        ("SWEEP_SECONDS", "٥", "a number from 0.1 to 3600"),
        ("PAYMENT_LATENCY_SECONDS", "1-2-3", "a number from 0 to 600, or two such as 1-4"),
        ("PAYMENT_LATENCY_SECONDS", "4-1", "a number from 0 to 600, or two such as 1-4"),
        ("PAYMENT_LATENCY_SECONDS", "-", "a number from 0 to 600, or two such as 1-4"),
        ("TRUSTED_PROXIES", "1.5", "a whole number from 0 to 20"),
        ("COOKIES_SECURE", "ture", "true or false"),
        (
            "ALLOWED_HOSTS",
            "https://a.example",
            HOSTS,
        ),
        ("ALLOWED_HOSTS", "a.example:80", HOSTS),
        ("ALLOWED_HOSTS", "münchen.de", HOSTS),
        ("ALLOWED_HOSTS", ", ,", HOSTS),
        (
            "CSRF_TRUSTED_ORIGINS",
            "a.example",
            "words between commas, each such as https://booking.example.org",
        ),
        ("EMAIL_FROM", "Petrel", "one address such as Petrel <bookings@localhost>"),
        ("EMAIL_FROM", "a@b.c, d@e.f", "one address such as Petrel <bookings@localhost>"),
        ("EMAIL_FROM", "Petrel, Inc <a@b.c>", "one address such as Petrel <bookings@localhost>"),
        ("EMAIL_FROM", "a@b..c", "one address such as Petrel <bookings@localhost>"),
        ("EMAIL_FROM", "a@" + "b" * 64, "one address such as Petrel <bookings@localhost>"),
        ("EMAIL_FROM", "a@-b.c", "one address such as Petrel <bookings@localhost>"),
        ("EMAIL_FROM", "a@b!.c", "one address such as Petrel <bookings@localhost>"),
        ("EMAIL_FROM", "a@", "one address such as Petrel <bookings@localhost>"),
        ("LOG_FORMAT", "xml", "one of text, json"),
        ("LOG_LEVEL", "loud", "one of INFO, DEBUG, WARNING, ERROR, CRITICAL"),
        ("PORT", "80O0", "a whole number from 1 to 65535"),
    ],
)
def test_a_refusal_says_the_setting_what_was_given_and_what_may_be(
    monkeypatch: pytest.MonkeyPatch, name: str, given: str, said: str
) -> None:
    if name == "PORT":  # Only the default of where links lead.
        monkeypatch.delenv("SITE_URL", raising=False)
    with pytest.raises(ImproperlyConfigured) as refused:
        settings_with(monkeypatch, name, given)
    assert str(refused.value) == f"The setting {name} is {given[:60]!r}. It must be {said}."


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("DATABASE_URL", "mysql://ada:secret@db/flights"),
        ("DATABASE_URL", "postgres://ada:secret@db:54x2/flights"),
        ("REDIS_URL", "localhost:6379/secret"),
        ("REDIS_URL", "redis://[secret"),
        ("DATABASE_URL", "postgres://ada:secret@db"),
        ("DATABASE_URL", "postgres://ada:secret@db/flights?colour=red"),
        ("REDIS_URL", "redis://:secret@h/two"),
        ("REDIS_URL", "redis://:secret@h/0?colour=red"),
        ("REDIS_URL", "redis://:secret@h/0?socket_timeout=long"),
        ("REDIS_URL", "unix://"),
        ("REDIS_URL", "REDIS://:secret@h/0"),
        ("EMAIL_URL", "pigeon://ada:secret@loft"),
        ("EMAIL_URL", "smtp://ada:secret@"),
        ("EMAIL_URL", "smtp+tls://ada:secret@h:0"),
        ("EMAIL_URL", "filemail://secret/folder"),
        ("SITE_URL", "secret.example.org"),
        ("SITE_URL", "https:"),
        ("SITE_URL", "https://"),
        ("SITE_URL", "https://a b"),
        ("SITE_URL", "https://ada:secret@a.example"),
        ("SITE_URL", "https://a.example/base"),
        ("SITE_URL", "https://a.example?x=1#y"),
        ("SITE_URL", "https://a.example:99999"),
        ("SITE_URL", "https://secret..example"),
        ("SITE_URL", "https://.secret.example"),
        ("SITE_URL", "https://secret-.example"),
        ("SITE_URL", "https://se'cret.example"),
        ("SITE_URL", "https://[::secret]"),
        ("SITE_URL", "https://" + "secret" * 11),
        ("SITE_URL", "https://" + "secret." * 37 + "example"),
        ("SITE_URL", "https://" + "ü" * 60 + ".example"),
    ],
)
def test_an_address_that_cannot_be_read_is_refused_and_its_password_not_said(
    monkeypatch: pytest.MonkeyPatch, name: str, given: str
) -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        settings_with(monkeypatch, name, given)
    assert str(refused.value).startswith(f"The setting {name} cannot be read. It must be an")
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("DEBUG", "\x1b[31mno"),
        ("SECRET_KEY", "half \udced"),
        ("EMAIL_FROM", "a@b.c\nBcc: d@e.f"),
        ("SITE_URL", "https://a.exa\nmple"),
        ("VAR_DIR", "/tmp/\x07"),
    ],
)
def test_what_cannot_be_printed_is_refused_and_not_said(
    monkeypatch: pytest.MonkeyPatch, name: str, given: str
) -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        settings_with(monkeypatch, name, given)
    assert str(refused.value) == (
        f"The setting {name} cannot be read. It must be text that can be printed, in UTF-8."
    )


@pytest.mark.parametrize(
    ("name", "given", "value"),
    [
        ("PAYMENT_LATENCY_SECONDS", "0", (0.0, 0.0)),
        ("PAYMENT_LATENCY_SECONDS", "2.5", (2.5, 2.5)),
        ("PAYMENT_LATENCY_SECONDS", "0-0.05", (0.0, 0.05)),
        ("PAYMENT_TIMEOUT_SECONDS", "0.01", 0.01),
        ("PAYMENT_FAILURE_RATE", "1", 1.0),
        ("SEAT_HOLD_SECONDS", "", 900),
        ("SEAT_HOLD_SECONDS", "  ", 900),
        ("SEAT_HOLD_SECONDS", " 5 ", 5),
        ("SECRET_KEY", "x" * 50 + "\n", "x" * 50),
        ("EMAIL_FROM", '"Petrel, Inc" <a@b.c>', '"Petrel, Inc" <a@b.c>'),
        ("CSRF_TRUSTED_ORIGINS", "https://*.a.example", ["https://*.a.example"]),
        ("COOKIES_SECURE", "Yes", True),
        ("DEBUG", "off", False),
        ("ALLOWED_HOSTS", "a.example, b.example,", ["a.example", "b.example"]),
        ("SITE_URL", "https://booking.example.org/", "https://booking.example.org"),
        ("SITE_URL", "https://☃.example", "https://☃.example"),
        ("SITE_URL", "http://[::1]:8000", "http://[::1]:8000"),
        ("SITE_URL", "http://my_machine.", "http://my_machine."),
        ("EMAIL_FROM", "a@flüge.example", "a@flüge.example"),
        ("EMAIL_FROM", "a@[127.0.0.1]", "a@[127.0.0.1]"),
    ],
)
def test_what_is_clear_is_taken(
    monkeypatch: pytest.MonkeyPatch, name: str, given: str, value: object
) -> None:
    named = {"COOKIES_SECURE": "SESSION_COOKIE_SECURE", "EMAIL_FROM": "DEFAULT_FROM_EMAIL"}
    setting = named.get(name, name)
    assert settings_with(monkeypatch, name, given)[setting] == value


def test_the_web_servers_own_settings_are_refused_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEB_PROCESSES", "many")
    with pytest.raises(ImproperlyConfigured, match="WEB_PROCESSES is 'many'"):
        processes.commands()
    monkeypatch.setenv("PORT", "0")
    with pytest.raises(ImproperlyConfigured, match="PORT is '0'"):
        environment.port()


@pytest.mark.parametrize(
    ("name", "given", "said"),
    [
        ("PAYMENT_MAX_ATTEMPTS", "many", "It must be a whole number from 1 to 3."),
        ("PAYMENT_GATEWAY", "acme.Gateway", "that is made of nothing."),
        ("VAR_DIR", "/dev/null", "in a folder that can be written."),
        ("VAR_DIR", "/proc/var", "in a folder that can be written."),
    ],
)
def test_a_command_says_it_in_one_line(name: str, given: str, said: str) -> None:
    told = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=processes.BASE_DIR,
        env=os.environ | {name: given},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 1
    (line,) = told.stderr.splitlines()
    assert line.startswith(f"The setting {name} is {given!r}. It must be ")
    assert line.endswith(said)


@pytest.mark.parametrize(
    "given",
    [
        "acme.Gateway",
        "..Gateway",
        "Gateway",
        "bookings.payments.Answer",
        "bookings.payments.Gateway",
    ],
)
def test_a_gateway_that_is_none_stops_the_start(settings: Settings, given: str) -> None:
    settings.PAYMENT_GATEWAY = given
    with pytest.raises(ImproperlyConfigured, match=r"that is made of nothing\.$") as refused:
        apps.get_app_config("bookings").ready()
    assert str(refused.value).startswith(f"The setting PAYMENT_GATEWAY is {given!r}. It must be ")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"PORT": "eighty"}, "PORT is 'eighty'. It must be a whole number from 1 to 65535."),
        ({"HOST": b"\xff"}, "HOST cannot be read. It must be text that can be printed, in UTF-8."),
        (
            {"VAR_DIR": "/dev/null"},
            "VAR_DIR is '/dev/null/locks'. It must be in a folder that can be written.",
        ),
    ],
)
def test_make_run_says_it_in_one_line(
    tmp_path: object, given: dict[str, str | bytes], said: str
) -> None:
    told = subprocess.run(
        [sys.executable, "-m", "flightbooking.local.supervisor"],
        cwd=processes.BASE_DIR,
        env={**os.environ, "VAR_DIR": str(tmp_path), **given},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 1
    assert told.stderr == f"The setting {said}\n"


def test_a_command_says_that_the_database_is_away() -> None:
    told = subprocess.run(
        [sys.executable, "manage.py", "list_stuck"],
        cwd=processes.BASE_DIR,
        env=os.environ | {"DATABASE_URL": "postgres://127.0.0.1:1/flights"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 1
    (line,) = told.stderr.splitlines()
    assert line.startswith("The database is away: connection failed")
