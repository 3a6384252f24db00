"""What commands are given at a terminal."""

import os
from argparse import ArgumentTypeError

import pytest

from flights.terminal import by_terminal, day, number, whole


@pytest.mark.parametrize("text", ["", "-4", "0", "101", "1e1", "5.0", "٣", " 5", "nan", "9" * 5000])
def test_a_number_that_may_not_be_is_refused_with_what_may(text: str) -> None:
    with pytest.raises(ArgumentTypeError) as refused:
        whole(1, 100)(text)
    assert str(refused.value) == f"{text[:60]!r} is not a whole number from 1 to 100"


@pytest.mark.parametrize("text", ["nan", "inf", "-1", "1e300", "101", "100.1", "5."])
def test_so_is_one_with_decimals(text: str) -> None:
    with pytest.raises(ArgumentTypeError, match="is not a number from 0 to 100"):
        number(0, 100)(text)


def test_what_is_clear_is_taken() -> None:
    assert (whole(-9, 9)("-7"), number(0, 9)("1.5")) == (-7, 1.5)


@pytest.mark.parametrize("text", ["24.12.2026", "2026-13-01", "２０２６-12-24", "today"])
def test_a_day_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ArgumentTypeError, match="is not a date like 2026-12-24"):
        day(text)


def test_whoever_acts_has_a_name_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "ada\x1b[31m\n" + "x" * 5000)
    assert by_terminal().startswith(r"terminal:ada\x1b[31m\nxxx")
    assert len(by_terminal()) < 160


def test_an_account_without_a_name_acts_by_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a container that was started with any number."""
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 1_234_567)
    assert by_terminal() == "terminal:1234567"
