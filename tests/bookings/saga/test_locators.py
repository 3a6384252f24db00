"""Record locators that people can read out, and spreadsheets leave alone."""

import re

from bookings.saga.locators import ALPHABET, new_locator


def test_a_locator_begins_and_ends_with_a_letter() -> None:
    for _ in range(2000):
        assert re.fullmatch(f"[A-Z][{ALPHABET}]{{4}}[A-Z]", new_locator())


def test_no_two_are_the_same() -> None:
    assert len({new_locator() for _ in range(2000)}) > 1990
