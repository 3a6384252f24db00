"""Staff find a customer by a name or an address, however either of them was typed."""

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bookings.models import Booking, indexes
from bookings.models.contact import contact_words, looked_for
from flights.models import Flight
from tests.bookings.admin.staff import LIST
from tests.people import a_confirmed_booking, a_hold, a_payment

pytestmark = pytest.mark.django_db(transaction=True)


def shown(client: Client, typed: str) -> set[Booking]:
    answer = client.get(LIST, {"q": typed})
    assert answer.status_code == 200
    return set(answer.context["cl"].result_list)


def test_bookings_are_found_by_beginnings_of_a_name_and_an_address(
    olga: Client, flight: Flight
) -> None:
    alice = a_payment(flight, "1A", name="María de la Cruz", email="Maria@Example.org")
    bob = a_payment(flight, "1B", name="Mark Twain", email="mark@example.org")
    carol = a_hold(flight, "1C")
    assert shown(olga, "mar") == {alice, bob}
    assert shown(olga, "MARÍA") == shown(olga, "cruz") == {alice}
    assert shown(olga, "María de la") == shown(olga, "maría cruz") == {alice}
    assert shown(olga, "twa") == shown(olga, "Twain Mark") == {bob}
    assert shown(olga, "maria@exa") == shown(olga, "MARIA@EXAMPLE.ORG af1234") == {alice}
    assert shown(olga, "example.org") == shown(olga, "%") == shown(olga, "m_r") == set()
    assert shown(olga, "'; --") == shown(olga, "\\") == shown(olga, "maria:*|x") == set()
    assert shown(olga, "1C AF1234") == {carol}


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Heinrich Weiß", "Weiß"),
        ("Heinrich Weiß", "WEISS"),
        ("Heinrich Weiss", "weiß"),
        ("Ayşe Yıldız", "Yıldız"),
        ("Ayşe Yıldız", "YILDIZ AYSE"),
        ("İnan Kıraç", "inan kirac"),
        ("Jose\u0301 Nún\u0303ez", "José"),
        ("José Núñez", "Jose\u0301"),
        ("José Núñez", "nunez"),
        ("Flann O\u2019Brien", "O'Brien"),
        ("Flann O'Brien", "O\u2019Brien"),
        ("Flann O\u02bcBrien", "o\u00b4brien"),
        ("Flann O'Brien", "obrien"),
        ("Anna Maria Schmidt", "Schmidt"),
        ("Anna Maria Schmidt", "Maria Schmidt"),
        ("Anna Maria Schmidt", "schmi ann"),
        ("Anne-Marie d\u2019Arc", "Marie"),
        ("Anne-Marie d\u2019Arc", "anne marie darc"),
        ("Tom & Jerry", "Tom & Jerry"),
        ("Łukasz Øvergård", "lukasz overgard"),
        ("Ægir Þórsson", "aegir thorsson"),
        ("Joe Ruﬃn", "Ruffin"),
        ("Joe Ruffin", "Ruﬃn"),
        ("Σωκράτης", "ΣΩΚΡΑΤΗΣ"),
        ("Артём Королёв", "королев"),
        ("山田\u3000太郎", "山田太郎"),
        ("山田 太郎", "太郎"),
        ("ﾔﾏﾀﾞ", "ヤマダ"),
        ("علی\u200cرضا", "علیرضا"),
        ("علي", "علی"),
        ("ශ\u0dca\u200dරී", "ශ\u0dcaරී"),
        ("김철수", "김철"),
        ("דָּוִד", "דוד"),
    ],
)
def test_a_name_is_found_however_it_is_typed(
    olga: Client, flight: Flight, name: str, typed: str
) -> None:
    bob = a_payment(flight, "1A", name="Bob Builder")
    alice = a_payment(flight, "1B", name=name)
    assert shown(olga, typed) == {alice}
    assert shown(olga, f"AF1234 {typed}") == {alice} != {bob}


@pytest.mark.parametrize(
    "typed",
    ["ada@faßbender.de", "ADA@FASSBENDER.DE", "ada@fa", "Ada@Faßbender.de af1234", "ada"],
)
def test_an_address_is_found_in_its_own_letters(olga: Client, flight: Flight, typed: str) -> None:
    a_payment(flight, "1A", email="bob@example.org")
    ada = a_payment(flight, "1B", email="ada@faßbender.de")
    assert shown(olga, typed) == {ada}


def wide(text: str) -> str:
    """As a keyboard for Japanese types it."""
    return "".join(chr(ord(letter) + 0xFEE0) if letter > " " else letter for letter in text)


def test_codes_are_found_with_what_was_copied_along_and_in_wide_letters(
    olga: Client, flight: Flight
) -> None:
    alice, bob = a_confirmed_booking(flight, "12A"), a_hold(flight, "12B")
    locator, day = str(alice.record_locator), str(flight.departure_date)
    for typed in (f"\u200e{locator}\ufeff", wide(locator), wide("AF1234 12A"), f"12A\u200e {day}"):
        assert shown(olga, typed) == {alice}
    dashes = f"AF1234\u00a0{day.replace('-', chr(0x2011))}"
    assert shown(olga, dashes) == shown(olga, "\u200fAF1234\u200f") == {alice, bob}
    assert shown(olga, f"\u2068{bob.pk}\u2069") == shown(olga, wide("held")) == {bob}


def test_a_day_narrows_names_too(olga: Client, flight: Flight) -> None:
    alice = a_payment(flight, "1A", name="Anna Schmidt")
    assert shown(olga, f"Schmidt {flight.departure_date}") == {alice}
    assert shown(olga, "Schmidt 2001-01-01") == set()


def test_bookings_of_before_are_found_by_the_migrations_copy_of_the_folding(
    olga: Client, flight: Flight
) -> None:
    name, email = "Jose\u0301 O\u2019Brien-Weiß علي \N{KATAKANA LETTER GA}", "ada@faßbender.de"
    alice = a_payment(flight, name=name, email=email)
    Booking.objects.update(contact_words=None)
    migration = import_module("bookings.migrations.0005_contact_words")
    with connection.schema_editor() as editor:
        migration.fill(apps, editor)
    assert shown(olga, "jose obrien weiss") == shown(olga, "ada@fass") == {alice}
    assert migration.words_of(name, email) == contact_words([name], email)


@pytest.fixture
def hold(flight: Flight) -> Booking:
    return a_hold(flight)


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.text(max_size=80), st.text(max_size=120))
@example("\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}" * 80, "a@" + "\ufdfa" * 118)
@example("'\\ & | ! :* <-> 12A", "'@'")
def test_whatever_a_name_is_it_is_found_by_its_words(hold: Booking, name: str, email: str) -> None:
    words = contact_words([name], email)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE bookings_booking SET contact_words = array_to_tsvector(%s::text[])",
            [words or None],
        )
    for word in name.split():
        if looked_for(word):
            assert Booking.objects.filter(indexes.begins(looked_for(word))).get() == hold
