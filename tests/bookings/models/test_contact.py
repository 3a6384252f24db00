"""Names and addresses as people type them, whatever their keyboard or clipboard adds."""

import unicodedata

import pytest
from django.core.exceptions import ValidationError
from hypothesis import example, given
from hypothesis import strategies as st

from bookings.models import Booking
from bookings.models.contact import normalised


def taken(column: str, typed: str) -> str:
    """What the column keeps of it. Raises ValidationError."""
    kept: str = Booking._meta.get_field(column).clean(typed, None)  # type: ignore[union-attr]
    return kept


def reasons(column: str, typed: str) -> list[str]:
    """Why the column refuses it."""
    with pytest.raises(ValidationError) as refused:
        taken(column, typed)
    return refused.value.messages


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("山田\u3000太郎", "山田 太郎"),
        ("Ada\u00a0Lovelace", "Ada Lovelace"),
        ("\u2003Anne-Marie \u202f d\u2019Arc\u2028", "Anne-Marie d\u2019Arc"),
        ("\ufeffJo\u00adsé", "José"),
        ("Jose\u0301 Nguye\u0302\u0303n", "José Nguyễn"),
        ("각", "각"),
        ("\u200fمحمد\u200e \u061cعلي", "محمد علي"),
        ("\u202aДмитрий\u202c", "Дмитрий"),
        ("\u2068שרה\u2069", "שרה"),
        ("Bob\u200b Ross\u2060", "Bob Ross"),
    ],
)
def test_spaces_marks_and_accents_are_kept_in_one_spelling(typed: str, kept: str) -> None:
    assert taken("name", typed) == kept


@pytest.mark.parametrize(
    "name",
    [
        "علی\u200cرضا",
        "ශ\u0dca\u200dරී",
        "രാജന\u0d4d\u200d",
        "क\u094d\u200dष",
        "葛\U000e0100城",
        "𠮷野家",
        "O\u2019Brien",
        "Sjón",
        "D\u02bcAngelo",
        "Ng",
        "St. John",
    ],
)
def test_names_stay_as_they_are_written(name: str) -> None:
    assert taken("name", name) == name


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Ada\u200d", "Ada"),
        ("\u200cAda \u200d Lovelace", "Ada Lovelace"),
        ("Ada\u200d\u200dBob", "AdaBob"),
    ],
)
def test_a_joiner_that_joins_nothing_is_left_out(typed: str, kept: str) -> None:
    assert taken("name", typed) == kept


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("www.evil.example", "Please give a name, without addresses."),
        ("WWW\u200b.evil.example", "Please give a name, without addresses."),
        ("Ada <b>", "Please give a name, without addresses."),
        ("A" * 81, "Please shorten the name to 80 characters."),
        ("Ada\x1b[31m", "Please use letters that can be printed."),
        ("Ada\u202ecod.exe", "Please use letters that can be printed."),
        ("\ud800", "Please use letters that can be printed."),
        ("\ue000", "Please use letters that can be printed."),
    ],
)
def test_the_reason_that_is_given_is_the_reason(typed: str, reason: str) -> None:
    assert reasons("name", typed) == [reason]


def test_eighty_letters_are_eighty_however_they_were_typed() -> None:
    assert taken("name", "e\u0301" * 80) == "é" * 80
    assert taken("name", "علی\u200cرضا" * 10)


def test_an_address_is_freed_of_what_was_copied_along() -> None:
    assert taken("email", "\u00a0ada@example\u200b.org\u3000") == "ada@example.org"


@pytest.mark.parametrize("typed", ["ada", "ada lovelace@example.org", "ada@", "a@b@c", "ada@exa_"])
def test_what_is_no_address_is_told_what_one_looks_like(typed: str) -> None:
    [reason] = reasons("email", typed)
    assert "one looks like ada@example.org" in reason


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("ada@☃.net", "There can be no domain “☃.net”."),
        ("ada@" + "ü" * 60 + ".de", "There can be no domain"),
        ("josé@example.org", "Before the @ we can only send to letters a to z"),
        ("a@" + "b" * 130 + ".org", "Please give an address of at most 120 characters."),
        ("=?utf-8?q?eve?=@example.org", "A mail program would read another address there."),
        ("=?utf-8?B?ZXZl?=@example.org", "A mail program would read another address there."),
        ("=?x?q?eve?=@example.org", "A mail program would read another address there."),
        ('"=?utf-8?q?eve?="@example.org', "A mail program would read another address there."),
    ],
)
def test_where_no_mail_can_be_sent_is_no_address(typed: str, reason: str) -> None:
    assert any(each.startswith(reason) for each in reasons("email", typed))


@pytest.mark.parametrize(
    "typed",
    ["o'brien+x=1@example.org", '"ada.lovelace"@example.org', '"a\\"b"@example.org', "=?=@x.org"],
)
def test_odd_addresses_that_mail_can_be_sent_to_are_taken(typed: str) -> None:
    assert taken("email", typed) == typed


@given(st.text())
@example("a\u200d\u200f\u200db")
@example("<\u0338")
@example("\u0d4d\u0301\u200d")
def test_what_is_normalised_stays_as_it_is(text: str) -> None:
    once = normalised(text)
    assert normalised(once) == once
    assert unicodedata.is_normalized("NFC", once)
    assert once == once.strip()
