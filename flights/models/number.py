"""Flight numbers: one spelling of each, however it is typed."""

import re
from typing import Any

from django import forms
from django.core.validators import RegexValidator

from flights.models.text_field import TextField
from flights.plain import plain_code

# Of IATA two characters, one of them a letter; of ICAO three letters.
AIRLINE = "[A-Z]{2,3}|[A-Z][0-9]|[0-9][A-Z]"
# The letter tells two flights of one day apart.
NUMBER = "[1-9][0-9]{0,3}[A-Z]?"
# As Postgres reads it, too.
SPELLING = rf"\A({AIRLINE})({NUMBER})\Z"
TYPED = re.compile(rf"({AIRLINE})-?0*({NUMBER})")
# Not "12A", which is a seat.
IN_TWO_WORDS = re.compile(rf"(?<!\S)({AIRLINE}) (?![1-9][0-9]?[A-Z](?!\S))(0*{NUMBER})(?!\S)")

flight_number = RegexValidator(
    SPELLING, "A flight number is the airline's code and 1 to 9999, like AF1234 or U28A."
)


def read_number(text: str) -> str | None:
    """The number that was typed, as it is written here: "zz 0012" is ZZ12. None if it is none."""
    typed = TYPED.fullmatch(plain_code(text))
    return "".join(typed.groups()) if typed else None


def number_words(text: str) -> list[str]:
    """The words of a search, in capitals; a number typed in two, like ZZ 012, is one."""
    # Word by word: made plain, an accent by itself, as behind an O, has a space before it.
    return IN_TWO_WORDS.sub(r"\1\2", " ".join(map(plain_code, text.split()))).split()


class NumberField(TextField):
    """A flight number: written, and looked for, in its one spelling."""

    default_validators = [flight_number]

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return text if text is None else read_number(text) or text

    def formfield(self, **kwargs: Any) -> Any:
        """With room for what is typed around it."""
        return super().formfield(**{"max_length": 20, "form_class": forms.CharField, **kwargs})
