"""Arguments without sense are refused in a sentence, whichever command is given them."""

import pytest
from django.core.management import CommandError, call_command

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["check_bookings", "--overdue-seconds=nan"], "'nan' is not a number from 0 to 100000000"),
        (["check_bookings", "--overdue-seconds=1e300"], "'1e300' is not a number"),
        (["check_bookings", "--show=-1"], "'-1' is not a whole number from 0 to 1000000"),
        (["list_stuck", "--show=-5"], "'-5' is not a whole number from 1 to 1000000"),
        (["list_stuck", "--show=9223372036854775807"], "is not a whole number"),
        (["show_booking", "a\udcffb"], r"There is no booking a\\udcffb\.$"),
        (["show_booking", "\x1b[31mA\nB"], r"There is no booking \\x1b\[31mA\\nB\.$"),
        (["show_booking", "x" * 5000], r"There is no booking x{59}…\.$"),
        (["load_layouts", "x" * 5000], r"^x{199}… cannot be read: File name too long\.$"),
        (["load_layouts", "/dev/null"], "^/dev/null cannot be read: Not a directory"),
        (["import_flights", "\x1b[31m.csv"], r"^\\x1b\[31m\.csv cannot be read: No such file"),
    ],
)
def test_arguments_without_sense_are_refused_in_a_sentence(command: list[str], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        call_command(*command)
