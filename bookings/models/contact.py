"""What a name and an e-mail address may be: one definition, for columns and for forms."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import models


def printable(text: str) -> None:
    """Half a character, or one that steers a terminal, is in nobody's name."""
    if not text.isprintable():
        raise ValidationError("Please use letters that can be printed.")


def nobodys_address(text: str) -> None:
    """A name is written into e-mails to an address that nobody has confirmed."""
    if any(part in text for part in ("://", "<", ">", "www.")):
        raise ValidationError("Please give a name, without addresses.")


class _ContactField(models.CharField):  # type: ignore[type-arg]
    """To the database a text like any other: a migration names nothing of this project."""

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs


class NameField(_ContactField):
    """Who travels, in their own words."""

    default_validators = [printable, nobodys_address]


class AddressField(_ContactField):
    """Where mail can be sent to."""

    default_validators = [printable, validate_email]
