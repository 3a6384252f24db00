"""EMAIL_URL: one address says who carries the mail."""

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMessage, mailers
from pytest_django import Settings

from flightbooking.mail import TIMEOUT_SECONDS, mailer


def test_a_mail_server_is_asked_with_its_password_and_not_for_ever() -> None:
    options = mailer("smtp+tls://ada:s%40fe@mail.example.org:587")["OPTIONS"]
    assert (options["host"], options["port"]) == ("mail.example.org", 587)
    assert (options["username"], options["password"]) == ("ada", "s@fe")
    assert (options["use_tls"], options["use_ssl"]) == (True, False)
    assert options["timeout"] == TIMEOUT_SECONDS


def test_mail_can_be_files(settings: Settings, tmp_path: Path) -> None:
    settings.MAILERS = {"default": mailer(f"filemail:///{tmp_path}/mail")}
    EmailMessage("Hello", to=["ada@example.org"]).send()
    [written] = (tmp_path / "mail").iterdir()
    assert "ada@example.org" in written.read_text()


@pytest.mark.parametrize("url", ["consolemail://", "smtp://localhost", "smtp+ssl://u:p@host:465"])
def test_django_takes_what_is_made_of_it(settings: Settings, url: str) -> None:
    settings.MAILERS = {"default": mailer(url)}
    assert mailers["default"]


def test_an_address_of_another_kind_is_refused() -> None:
    with pytest.raises(ImproperlyConfigured):
        mailer("pigeon://loft")
