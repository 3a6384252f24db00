"""Record locators: six characters that a customer reads over the phone."""

from django.utils.crypto import get_random_string

# Without 0 and O, 1 and I.
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
ALPHABET = "23456789" + LETTERS


def new_locator() -> str:
    """A letter at both ends: 2345E6 would be a number to a spreadsheet, and 22DEC2 a date."""
    ends, middle = get_random_string(2, LETTERS), get_random_string(4, ALPHABET)
    return ends[0] + middle + ends[1]
