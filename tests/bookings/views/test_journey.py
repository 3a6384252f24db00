"""What was searched for, and what is held, is known on every page that follows."""

import re

import pytest
from django.test import Client

from bookings import saga
from bookings.models import Booking
from tests.alice import ALICE, a_payment
from tests.people import a_flight, a_hold, run_out, settle

pytestmark = pytest.mark.django_db(transaction=True)

SEARCH = "origin=CDG&destination=JFK&party=2"


def html(client: Client, path: str, **headers: str) -> str:
    return client.get(path, headers=headers).content.decode()


def click(client: Client, path: str, query: str, **data: object) -> str:
    """What htmx is answered on a page with this query."""
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{path}{query}"}
    return client.post(f"{path}seat/", data, headers=headers).content.decode()


def test_with_fewer_seats_than_travellers_one_is_asked_before_going_on(client: Client) -> None:
    path = f"/flights/{a_flight().pk}/"
    assert "Choose 2 seats" in html(client, f"{path}?party=2")
    one = click(client, path, "?party=2", seat="12A", wanted="true")
    assert "1 of 2 chosen" in one
    assert '<summary class="button wide" id="go">' in one
    assert "Go on with 1 seat<" in one.replace("</a>", "<")
    both = click(client, path, "?party=2", seat="12B", wanted="true")
    assert "2 of 2 chosen" in both
    assert "<summary" not in both
    more = click(client, path, "?party=2", seat="12C", wanted="true")
    assert "3 for 2 chosen" in more
    # One who said nothing is asked nothing.
    assert "chosen" not in click(client, path, "", seat="12C", wanted="false")
    assert "chosen" not in html(client, f"{path}?party=0")


def test_without_scripts_the_party_and_the_search_are_kept(client: Client) -> None:
    path = f"/flights/{a_flight().pk}/"
    page = html(client, f"{path}?{SEARCH}")
    (action,) = re.findall('id="seats" class="cabin" method="post" action="([^"]*)"', page)
    assert '<input type="hidden" name="origin" value="CDG">' in page
    seats = {"version": 0, "seats": ["12A"]}
    answer = client.post(action.replace("&amp;", "&"), seats, follow=True)
    shown = answer.content.decode()
    assert "1 of 2 chosen" in shown
    (go_on,) = set(re.findall(r'href="(/bookings/[^"]*\?[^"]*)"', shown))
    booking = html(client, go_on.replace("&amp;", "&"))
    assert f'id="change" href="{path}?origin=CDG&amp;destination=JFK&amp;party=2"' in booking


@pytest.mark.parametrize(
    ("query", "results"),
    [
        (f"?{SEARCH}", "/?origin=CDG&amp;destination=JFK&amp;party=2"),
        ("?party=3", "/?origin=CDG&amp;destination=JFK&amp;date={day}&amp;party=3"),
        ("?origin=<b>&date=x&party=-1", "/?origin=CDG&amp;destination=JFK&amp;date={day}"),
    ],
)
def test_from_the_map_a_link_leads_back_to_the_results(
    client: Client, query: str, results: str
) -> None:
    flight = a_flight()
    page = html(client, f"/flights/{flight.pk}/{query}")
    assert f'href="{results.format(day=flight.departure_date)}"' in page


def test_the_results_lead_to_the_map_with_their_search(client: Client) -> None:
    flight = a_flight()
    page = html(client, "/?origin=Paris&party=2")
    assert f'href="/flights/{flight.pk}/?origin=CDG&amp;party=2"' in page
    assert f'href="/flights/{flight.pk}/"' in html(client, "/")


def test_every_page_leads_to_the_held_seats_while_they_are_held(client: Client) -> None:
    flight, other = a_flight(), a_flight("AF99")
    path = f"/flights/{flight.pk}/"
    # The page itself learns of it too.
    assert 'id="held" hx-swap-oob="true"><a href="/bookings/' in click(
        client, path, "", seat="12A", wanted="true"
    )
    booking = Booking.objects.get(flight=flight)
    link = f'<a href="/bookings/{booking.pk}/">Your held seats</a>'
    pages = ["/", path, f"/flights/{other.pk}/", f"/bookings/{booking.pk}/", "/nowhere/"]
    for page in pages:
        assert link in html(client, page), page
        assert "Your held seats" not in html(Client(), page)
    click(client, f"/flights/{other.pk}/", "", seat="1A", wanted="true")
    assert "Your held seats on AF1234" in html(client, "/")
    assert "Your held seats on AF99" in html(client, "/")
    client.post(f"/bookings/{booking.pk}/cancel/", follow=True)
    assert "Your held seats</a>" in html(client, "/")
    # Somebody else's link, opened here, is no hold of this browser.
    theirs = a_hold(a_flight("AF77"), "1A")
    assert str(theirs.pk) not in html(client, f"/bookings/{theirs.pk}/").split("<main")[0]


def test_the_link_to_the_held_seats_knows_with_what_search_they_were_found(client: Client) -> None:
    flight, other = a_flight(), a_flight("AF99")
    click(client, f"/flights/{flight.pk}/", f"?{SEARCH}", seat="12A", wanted="true")
    click(client, f"/flights/{other.pk}/", "?party=3", seat="1A", wanted="true")
    booking = Booking.objects.get(flight=flight)
    link = f'<a href="/bookings/{booking.pk}/?origin=CDG&amp;destination=JFK&amp;party=2">'
    # A page that was opened without a search, or with another one, does not change it.
    for page in ("/", "/?origin=LHR&party=5", f"/bookings/{booking.pk}/"):
        assert link in html(client, page), page
    assert f"/bookings/{Booking.objects.get(flight=other).pk}/?party=3" in html(client, "/")
    # A later search that leads to the same seats does.
    html(client, f"/flights/{flight.pk}/?party=4")
    assert f"/bookings/{booking.pk}/?party=4" in html(client, "/")


def test_a_hold_that_is_over_is_not_led_to(client: Client) -> None:
    flight = a_flight()
    click(client, f"/flights/{flight.pk}/", "", seat="12A", wanted="true")
    booking = Booking.objects.get(flight=flight)
    saga.start_payment(booking_id=booking.pk, code="00000", browser_id=ALICE)
    assert "Your held seats" in html(client, f"/bookings/{booking.pk}/")
    settle(booking)
    page = html(client, f"/bookings/{booking.pk}/progress/?seen=0", HX_Request="true")
    assert "Have a good flight" in page
    assert "Your held seats" not in html(client, "/")
    click(client, f"/flights/{flight.pk}/", "", seat="12B", wanted="true")
    run_out(Booking.objects.exclude(pk=booking.pk).get())
    html(client, f"/flights/{flight.pk}/")
    assert "Your held seats" not in html(client, "/")


ENTRY = f"1.AF1.{'0' * 32}.9999999999"


@pytest.mark.parametrize(
    "cookie", ["x", "1.AF1.zz.9.", "_" * 5000, ENTRY, f"{ENTRY}.<", f"{ENTRY}9."]
)
def test_nonsense_in_the_cookie_counts_as_nothing_held(client: Client, cookie: str) -> None:
    client.cookies["held"] = cookie
    assert "Your held seats" not in html(client, "/")


def test_giving_all_seats_back_is_asked_for_first(client: Client) -> None:
    booking = a_hold(a_flight(), "12A", "12B", browser_id=ALICE)
    page = html(client, f"/bookings/{booking.pk}/")
    asked = re.search('<details class="ask".*?</details>', page, re.DOTALL)
    assert asked
    assert "Give 12A, 12B back?" in asked[0]
    assert f'action="/bookings/{booking.pk}/cancel/"' in asked[0]
    assert page.count("/cancel/") == 1


def test_the_head_of_an_open_page_forgets_what_is_paid(client: Client) -> None:
    booking = a_payment(a_flight())
    paying = client.get(f"/bookings/{booking.pk}/progress/", headers={"HX-Request": "true"})
    head = '<span id="held" hx-swap-oob="true">'
    assert f'{head}<a href="/bookings/{booking.pk}/">Your held seats</a>' in paying.content.decode()
    settle(booking)
    paid = client.get(f"/bookings/{booking.pk}/progress/", headers={"HX-Request": "true"})
    assert f"{head}</span>" in paid.content.decode()
    # Whoever loads the page has it in its head already.
    assert head not in client.get(f"/bookings/{booking.pk}/").content.decode()
