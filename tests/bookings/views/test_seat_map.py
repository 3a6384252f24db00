"""The seat map's page, as browsers with and without scripts ask for it."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from bookings import saga
from bookings.models import OPEN, Booking, State
from flights.models import Flight
from tests.alice import ALICE
from tests.bookings.views.maps import HTMX, click, my_booking, state_of, the_map
from tests.people import a_flight, a_hold, owned, run_out

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_map_shows_every_seat_with_its_price_and_what_it_is(client: Client) -> None:
    flight = a_flight(base_fare_cents=14_500)
    html = the_map(client, flight)
    assert html.count('name="seats"') == 180
    assert "<b>Seat 12A</b>, window, <b>€145</b>, <i>available</i>" in html
    assert "\x00" not in html


def test_each_row_is_a_group_with_a_name(client: Client) -> None:
    html = the_map(client, a_flight())
    assert html.count('<fieldset class="line row') == 30
    assert '<legend class="vh">Row 12, economy</legend>' in html


def test_two_fares_on_one_layout_keep_their_own_prices(client: Client) -> None:
    cheap, dear = a_flight("AF1", base_fare_cents=5_000), a_flight("AF2", base_fare_cents=90_000)
    assert "€50</b>" in the_map(client, cheap)
    assert "€900</b>" in the_map(client, dear)
    assert "€900</b>" not in the_map(client, cheap)


def test_a_click_holds_the_seat_and_starts_the_clock(client: Client) -> None:
    flight = a_flight()
    response = click(client, flight, "12A")
    assert response.status_code == 200
    assert b"data-due=" in response.content
    assert owned(my_booking(client, flight)) == ["12A"]
    assert state_of(the_map(client, flight), "12A") == "mine"


def test_the_answer_to_a_click_tells_every_seat_that_is_not_available(client: Client) -> None:
    flight = a_flight()
    a_hold(flight, "1A")
    html = click(client, flight, "12A").content.decode()
    states = re.search(r'<script id="states"[^>]*>(.*?)</script>', html)
    assert states
    assert json.loads(states[1]) == {"1A": "held", "12A": "mine"}


def test_further_clicks_change_the_same_hold(client: Client) -> None:
    flight = a_flight()
    click(client, flight, "12A")
    click(client, flight, "12B")
    click(client, flight, "12A", "false")
    assert owned(my_booking(client, flight)) == ["12B"]
    assert Booking.objects.count() == 1


def test_the_same_click_twice_changes_nothing(client: Client) -> None:
    flight = a_flight()
    click(client, flight, "12A")
    version = my_booking(client, flight).version
    assert click(client, flight, "12A").status_code == 200
    assert my_booking(client, flight).version == version


def test_giving_a_seat_back_without_a_hold_changes_nothing(client: Client) -> None:
    assert click(client, a_flight(), "12A", "false").status_code == 200
    assert not Booking.objects.exists()


def test_a_click_in_a_stale_tab_keeps_what_another_tab_chose(client: Client) -> None:
    flight = a_flight()
    click(client, flight, "12A")
    # This page was drawn before 12A was chosen elsewhere: a click speaks of its seat only.
    click(client, flight, "20F")
    assert owned(my_booking(client, flight)) == ["12A", "20F"]


def test_clicks_in_two_tabs_at_the_same_moment_all_count(client: Client) -> None:
    flight = a_flight()
    the_map(client, flight)
    cookie = client.cookies["browser"].value

    def click_in_a_tab(seat: str) -> int:
        tab = Client()
        tab.cookies["browser"] = cookie
        try:
            return int(click(tab, flight, seat).status_code)
        finally:
            connection.close()

    seats = ["1A", "1B", "1C", "1D"]
    with ThreadPoolExecutor(len(seats)) as tabs:
        assert list(tabs.map(click_in_a_tab, seats)) == [200] * len(seats)
    assert owned(my_booking(client, flight)) == seats


def test_after_all_seats_were_given_back_a_late_click_starts_anew(client: Client) -> None:
    flight = a_flight()
    click(client, flight, "12A")
    click(client, flight, "12A", "false")
    empty = my_booking(client, flight)
    run_out(empty)
    assert click(client, flight, "12B").status_code == 200
    assert owned(my_booking(client, flight)) == ["12B"]


def test_a_conflict_names_the_seat_keeps_the_others_and_offers_the_nearest(client: Client) -> None:
    flight = a_flight()
    click(client, flight, "12B")
    a_hold(flight, "12A")
    response = click(client, flight, "12A")
    html = response.content.decode()
    assert response.status_code == 409
    assert "Seat 12A has just been taken. Your other seats are still held." in html
    assert re.findall(r'value="(\w+)">Hold', html) == ["11A", "13A", "12C"]
    assert owned(my_booking(client, flight)) == ["12B"]


def test_more_than_nine_seats_are_refused_in_words(client: Client) -> None:
    flight = a_flight()
    for letter in "ABCDEF":
        click(client, flight, f"1{letter}")
    for letter in "ABC":
        click(client, flight, f"2{letter}")
    response = click(client, flight, "3A")
    assert response.status_code == 400
    assert b"At most 9 seats" in response.content
    assert len(owned(my_booking(client, flight))) == 9


def test_a_seat_that_the_aircraft_lacks_is_refused(client: Client) -> None:
    response = click(client, a_flight(), "99Z")
    assert response.status_code == 400
    assert b"no seat 99Z" in response.content


def test_a_click_without_a_seat_is_refused(client: Client) -> None:
    assert click(client, a_flight(), "").status_code == 400


def test_a_flight_that_is_off_sale_is_shown_but_cannot_be_chosen(client: Client) -> None:
    flight = a_flight(on_sale=False)
    assert "no longer sold" in the_map(client, flight)
    assert click(client, flight, "12A").status_code == 409


def test_an_unknown_flight_is_a_page_that_says_so(client: Client) -> None:
    response = client.get("/flights/999999/")
    assert response.status_code == 404
    assert b"There is no such flight" in response.content


def test_a_change_after_the_hold_ran_out_says_so_and_offers_the_same_seats(client: Client) -> None:
    flight = a_flight()
    click(client, flight, "12A")
    booking = my_booking(client, flight)
    run_out(booking)
    html = click(client, flight, "12B").content.decode()
    assert "ran out" in html
    assert f"/bookings/{booking.pk}/again/" in html
    booking.refresh_from_db()
    assert booking.state == State.EXPIRED


def test_at_zero_the_panel_expires_the_hold_and_says_so(client: Client) -> None:
    flight = a_flight()
    click(client, flight, "12A")
    booking = my_booking(client, flight)
    run_out(booking)
    url = f"/flights/{flight.pk}/panel/?booking={booking.pk}"
    for _ in range(2):  # The second time somebody else has expired it.
        assert "ran out" in client.get(url, headers=HTMX).content.decode()
    booking.refresh_from_db()
    assert booking.state == State.EXPIRED


def test_lost_seats_that_others_have_are_named_with_the_nearest_free_ones(client: Client) -> None:
    flight = a_flight()
    click(client, flight, "12A")
    click(client, flight, "12B")
    booking = my_booking(client, flight)
    run_out(booking)
    a_hold(flight, "12A")
    url = f"/flights/{flight.pk}/panel/?booking={booking.pk}"
    html = client.get(url, headers=HTMX).content.decode()
    assert "Seats 12A, 12B are no longer yours." in html
    assert re.findall(r'value="(\w+)">Hold', html) == ["12B", "11A", "13A"]
    # 12B can be had again.
    assert f"/bookings/{booking.pk}/again/" in html


def test_while_payment_runs_the_map_is_frozen(client: Client) -> None:
    flight = a_flight()
    click(client, flight, "12A")
    booking = my_booking(client, flight)
    saga.start_payment(booking_id=booking.pk, code="00000", browser_id=ALICE)
    html = the_map(client, flight)
    assert "Payment is running" in html
    assert html.count(" disabled") >= 180
    assert click(client, flight, "12B").status_code == 409


def test_the_last_hour_of_a_hold_is_said(client: Client, settings: Any) -> None:
    settings.HOLD_LIMIT_SECONDS = settings.SEAT_HOLD_SECONDS
    assert b"15 minutes is the longest" in click(client, a_flight(), "12A").content


# --- Without scripts -----------------------------------------------------------------------


def submit(client: Client, flight: Flight, *seats: str, version: int = 0) -> Any:
    """What the whole form sends."""
    return client.post(f"/flights/{flight.pk}/", {"seats": list(seats), "version": version})


def test_the_whole_form_holds_what_is_ticked(client: Client) -> None:
    flight = a_flight()
    response = submit(client, flight, "12A", "12B")
    assert response.status_code == 302
    assert owned(my_booking(client, flight)) == ["12A", "12B"]
    version = my_booking(client, flight).version
    submit(client, flight, "12B", version=version)
    assert owned(my_booking(client, flight)) == ["12B"]


def test_a_stale_form_drops_nothing(client: Client) -> None:
    flight = a_flight()
    submit(client, flight, "12A")
    response = submit(client, flight, "20F")
    assert response.status_code == 409
    assert b"another tab" in response.content
    assert owned(my_booking(client, flight)) == ["12A"]


def test_the_whole_form_keeps_what_it_can_and_names_what_went(client: Client) -> None:
    flight = a_flight()
    a_hold(flight, "12A")
    response = submit(client, flight, "12A", "12B")
    assert response.status_code == 409
    assert b"Seat 12A has just been taken" in response.content
    assert owned(my_booking(client, flight)) == ["12B"]


def test_a_form_with_nothing_ticked_changes_nothing(client: Client) -> None:
    assert submit(client, a_flight()).status_code == 302
    assert not Booking.objects.exists()


def test_a_button_of_the_panel_works_without_scripts(client: Client) -> None:
    flight = a_flight()
    url = f"/flights/{flight.pk}/seat/"
    assert client.post(url, {"seat": "12A", "wanted": "true"}).status_code == 302
    a_hold(flight, "12B")
    response = client.post(url, {"seat": "12B", "wanted": "true"})
    assert response.status_code == 409
    assert b"</html>" in response.content


def test_only_one_open_booking_is_ever_made(client: Client) -> None:
    flight = a_flight()
    for seat in ("1A", "1B", "1C"):
        click(client, flight, seat)
    assert Booking.objects.filter(state__in=OPEN).count() == 1
    assert settings.MAX_SEATS_PER_BOOKING == 9


def test_the_legend_says_what_each_cabins_seats_cost(client: Client, flight: Flight) -> None:
    html = client.get(f"/flights/{flight.pk}/").content.decode()
    legend = html.partition('<ul class="bands">')[2].partition("</ul>")[0]
    assert " ".join(re.sub("<[^>]+>", " ", legend).split()) == (
        "Economy €200, front of the cabin €216"
    )
