"""A column of text with a meaning of its own."""

from typing import Any

from django.db import models


class TextField(models.CharField):  # type: ignore[type-arg]
    """To the database a text like any other: a migration names nothing of this project."""

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs
