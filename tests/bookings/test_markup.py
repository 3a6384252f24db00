"""Whatever a text says, no page takes it for its own markup: what people wrote, and what other
companies answered, files and browsers too.

Each column has a text of its own, behind the back of every form, and every page that can be
reached by a link is opened. A new column must be put into one of the two lists.
"""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group, User
from django.contrib.contenttypes.models import ContentType
from django.db import connection, models, transaction
from django.db.models.functions import Now
from django.test import Client
from django.utils.html import escape

from bookings import saga
from bookings.models import Booking, Kind, Message, SavedSearch
from bookings.notifications.mail import mail_of
from flights import known_fares
from flights.models import Flight, ScheduleImport
from tests.alice import ALICE, a_confirmed_booking, a_hold, a_payment, browser_of
from tests.bookings.admin.staff import a_supervisor
from tests.people import a_flight, settle

pytestmark = pytest.mark.django_db(transaction=True)

MOST_PAGES = 600
# In these anybody may have written anything.
FREE = [
    *("bookings_booking.name", "bookings_booking.email", "bookings_booking.last_error"),
    "bookings_message.error",
    *("bookings_bookingevent.by", "bookings_bookingevent.detail"),
    *("bookings_ledgerentry.reason", "bookings_ledgerentry.reference"),
    *("bookings_paymentattempt.reason", "bookings_paymentattempt.reference"),
    "bookings_savedsearch.name",
    "bookings_savedsearch.query",
    "bookings_seatclaim.block_reason",
    *("flights_airport.name", "flights_airport.city"),
    *("flights_cabinlayout.aircraft", "flights_fare.name"),
    *("flights_flightevent.by", "flights_flightevent.reason"),
    *("flights_scheduleimport.by", "flights_scheduleimport.file_name"),
    "flights_scheduleimport.refusal",
    *("auth_group.name", "auth_user.username", "auth_user.first_name", "auth_user.last_name"),
    "auth_user.email",
    *("django_admin_log.object_repr", "django_admin_log.change_message"),
    *("axes_accessattempt.username", "axes_accessattempt.user_agent"),
    *("axes_accessattempt.path_info", "axes_accessattempt.http_accept"),
    *("axes_accessattempt.get_data", "axes_accessattempt.post_data"),
]
# Words of our own, codes that a constraint or a format holds, and what pages never show.
OURS = [
    r"bookings_.*\.(state|payment_status|currency|payment_code|code_fingerprint|key|charge|status)",
    r"bookings_.*\.(record_locator|outcome|seat|kind)",
    r"(bookings_booking|flights_flight)event\.name",
    r"bookings_bookingevent\.name",
    r"flights_airport\.(code|country|time_zone|keywords)",
    r"flights_cabinlayout\.(code|source)",
    r"bookings_change\.layout",
    r"flights_fare\.code",
    r"flights_flight\.(number|currency)",
    r"flights_scheduleimport\.stage",
    r"auth_user\.password",
    r"auth_permission\..*",
    r"django_(content_type|session)\..*",
    r"django_admin_log\.object_id",
    r"axes_access(log|failurelog)\..*",
]


def columns() -> dict[str, Any]:
    """Every column with text, by table and name."""
    return {
        f"{model._meta.db_table}.{field.column}": field
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, models.CharField | models.TextField) and not field.remote_field
    }


def mark(place: int) -> str:
    """An element, and the end of an attribute and of a script; short, for some are short."""
    return f"<m{place}>\"'</script>"


@pytest.fixture
def olga(transactional_db: None) -> Client:
    """The browser of somebody who may see everything."""
    return a_supervisor()


@pytest.fixture
def marked(olga: Client) -> dict[str, str]:
    """A world in which every free text is its mark; the marks by column."""
    flight = a_flight()
    a_confirmed_booking(flight, "1A")
    told = settle(a_payment(flight, "1D", name="x", email="x@example.org"))
    saga.reseat(booking_id=told.pk, seats=["1E"], by="operator:max")
    saga.delay_flight(flight_id=flight.pk, minutes=5, by="operator:max", reason="fog")
    told.messages.update(failing_since=Now())
    settle(a_payment(flight, "1B", code="11111"))
    a_hold(flight, "1C")
    saga.block_seats(flight_id=flight.pk, seats=["2A"], by="operator:max", reason="crew")
    ended = a_flight("AF99")
    a_confirmed_booking(ended, "1A")
    saga.cancel_flight(flight_id=ended.pk, by="operator:max", reason="fog")
    rows: dict[str, list[object]] = {
        "bad_rows": [[2, "<m99>"]],
        "codeshare_rows": [[3, "<m99>"]],
        "changes": [[4, "AF1", [["<m99>", "<m99>", "<m99>"]]]],
    }
    for stage in ("refused", "checked"):
        ScheduleImport.objects.create(
            stage=stage, by="x", file_name=stage, content=b"", lines=3, done=3, bad=1,
            codeshares=1, updated=1, **rows,
        )  # fmt: skip
    max = User.objects.create_user("max", is_staff=True)
    max.groups.set(Group.objects.all()[:1])
    for operator in (max, User.objects.get(username="olga")):
        SavedSearch.objects.create(owner=operator, name="x", query="q=x")
    for thing in (Booking.objects.all()[0], flight, max):
        LogEntry.objects.create(
            user=max, content_type=ContentType.objects.get_for_model(thing),
            action_flag=CHANGE, object_id=str(thing.pk), object_repr="x", change_message="x",
        )  # fmt: skip
    guess = {"username": "eve", "password": "x"}
    Client(headers={"user-agent": "x"}).post("/admin/login/?next=/admin/", guess)
    marks = {column: mark(place) for place, column in enumerate(FREE)}
    for column, text in marks.items():
        _write(column, text)
    known_fares.forget()
    return marks


def _write(column: str, text: str) -> None:
    """Into every row, behind every form and trigger; into the last one where it is unique."""
    table, name = column.split(".")
    field = columns()[column]
    where = f"WHERE id = (SELECT max(id) FROM {table})" if field.unique else ""
    where = "WHERE block_reason <> ''" if name == "block_reason" else where
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(f"UPDATE {table} SET {name} = %s {where}", [text[: field.max_length]])
        assert cursor.rowcount, f"no row has a {column}"


class Links(HTMLParser):
    """Where a page leads to."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag == "a" and (link := said.get("href")):
            self.found.append(link)


def pages(client: Client, *starts: str) -> Iterator[tuple[str, str]]:
    """Every page that links lead to, one of each address and kind of query."""
    waiting, seen = list(starts), set[str]()
    while waiting:
        link = waiting.pop()
        parts = urlsplit(link)
        asked = set(re.findall(r"([^&=]+)=", parts.query)) - {"_changelist_filters"}
        kind = f"{parts.path}?{sorted(asked)}"
        if kind in seen or parts.netloc or "logout" in kind:
            continue
        seen.add(kind)
        assert len(seen) < MOST_PAGES, "links without an end"
        response = client.get(link, follow=True)
        assert response.status_code == 200, link
        if "html" in response["Content-Type"]:
            html = response.content.decode()
            yield link, html
            links = Links()
            links.feed(html)
            waiting += [urljoin(link, found) for found in links.found]


def test_no_page_takes_a_text_for_markup(olga: Client, marked: dict[str, str]) -> None:
    shown = set[str]()
    bookings = [f"/bookings/{booking.pk}/" for booking in Booking.objects.all()]
    flights = [f"/flights/{flight.pk}/" for flight in Flight.objects.all()]
    for client, starts in ((browser_of(ALICE), ["/", *bookings, *flights]), (olga, ["/admin/"])):
        for address, html in pages(client, *starts):
            assert not re.search(r"<m\d", html), address
            shown |= {column for column, text in marked.items() if escape(text[:4]) in html}
    assert set(marked) - shown == set()


def test_every_text_is_in_one_of_the_lists() -> None:
    ours = re.compile("|".join(OURS))
    assert [
        column for column in columns() if bool(ours.fullmatch(column)) == (column in FREE)
    ] == []


@pytest.mark.parametrize("kind", Kind)
def test_no_mail_takes_a_text_for_markup(marked: dict[str, str], kind: Kind) -> None:
    booking = Booking.objects.filter(messages__isnull=False)[0]
    booking.email = "ada@example.org"  # Who has no such address gets no mail.
    booking.due_at = booking.created_at  # As a hold has.
    (html, _), *_ = mail_of(Message(kind=kind, number=booking.version), booking).alternatives
    assert not re.search(r"<m\d", str(html))
    assert escape(marked["flights_airport.city"][:4]) in str(html)
