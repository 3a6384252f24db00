"""Two who edit one thing at once: the second is told, and what the first did stays."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import transaction
from django.test import Client

from flights.models import Flight
from tests.bookings.admin.staff import a_supervisor, edit, opened
from tests.racing import race, transactions_waiting
from tests.running import wait_until

pytestmark = pytest.mark.django_db(transaction=True)

TOLD = "Somebody changed this while you had it open"
PASSWORD = "correct horse battery staple"


def things(flight: Flight) -> dict[str, tuple[str, dict[str, Any], dict[str, Any]]]:
    """Of each kind that is edited: its page, what one changes of it, and what another."""
    kim = User.objects.create_user("kim", is_staff=True)
    agent, supervisor = (Group.objects.get(name=name) for name in ("agent", "supervisor"))
    some = [each.pk for each in agent.permissions.all()[:2]]
    return {
        "login": (
            f"/admin/auth/user/{kim.pk}/change/",
            {"groups": [agent.pk]},
            {"email": "kim@example.org"},
        ),
        "roles of a login": (
            f"/admin/auth/user/{kim.pk}/change/",
            {"groups": [agent.pk]},
            {"groups": [supervisor.pk]},
        ),
        "role": (
            f"/admin/auth/group/{agent.pk}/change/",
            {"permissions": some},
            {"name": "clerk"},
        ),
        "flight": (
            f"/admin/flights/flight/{flight.pk}/change/",
            {"base_fare": "300"},
            {"currency": "USD"},
        ),
        "airport": (
            f"/admin/flights/airport/{flight.origin_id}/change/",
            {"name": "One's"},
            {"city": "Another's"},
        ),
        "layout": (
            f"/admin/flights/cabinlayout/{flight.layout_id}/change/",
            {"source": flight.layout.source.replace("830", "840")},
            {"source": flight.layout.source.replace("6150", "6160")},
        ),
    }


KINDS = ["login", "roles of a login", "role", "flight", "airport", "layout"]


@pytest.mark.parametrize("kind", KINDS)
def test_the_second_to_save_is_told_and_undoes_nothing(flight: Flight, kind: str) -> None:
    olga, theo = a_supervisor("olga"), a_supervisor("theo")
    page, ones, anothers = things(flight)[kind]
    shown = opened(theo, page)
    assert edit(olga, page, **ones).status_code == 302
    saved = opened(olga, page)
    again = theo.post(page, shown | anothers)
    assert TOLD in again.content.decode()
    # Also when it is tried again from the page that told it: that shows what was typed.
    assert TOLD in theo.post(page, shown | anothers).content.decode()
    assert opened(olga, page) == saved
    assert edit(theo, page, **anothers).status_code == 302
    assert opened(olga, page) != saved


def test_a_form_that_does_not_say_what_it_showed_is_not_saved(olga: Client, flight: Flight) -> None:
    data = {"base_fare": "300", "currency": "EUR"}
    for seen in ({}, {"_seen": ""}, {"_seen": "0" * 64}):
        said = olga.post(f"/admin/flights/flight/{flight.pk}/change/", {**data, **seen})
        assert TOLD in said.content.decode()
    assert Flight.objects.get().base_fare_cents != 30000


def test_of_two_who_save_at_the_same_moment_one_is_told(flight: Flight) -> None:
    page = things(flight)["login"][0]
    askers = [a_supervisor(name) for name in ("olga", "theo", "nina")]
    forms = [opened(asker, page) | {"last_name": str(n)} for n, asker in enumerate(askers)]
    answers = race(
        *(partial(asker.post, page, form) for asker, form in zip(askers, forms, strict=True))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 200, 302]


@pytest.mark.parametrize("by", ["another", "kim"])
def test_a_password_that_is_set_meanwhile_switches_nobody_on_again(by: str) -> None:
    kim = User.objects.create_superuser("kim", password=PASSWORD)
    client = Client() if by == "kim" else a_supervisor("theo")
    if by == "kim":
        client.force_login(kim)
        address = "/admin/password_change/"
        new = {"old_password": PASSWORD, "new_password1": PASSWORD[::-1]}
        new["new_password2"] = PASSWORD[::-1]
    else:
        address = f"/admin/auth/user/{kim.pk}/password/"
        new = {"password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}
    client.get("/admin/")  # notes that somebody is there
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            User.objects.filter(pk=kim.pk).update(is_active=False)
            waiting = pool.submit(race, partial(client.post, address, new))
            wait_until(lambda: transactions_waiting() == 1, "the password to wait")
        waiting.result(10)
    kim.refresh_from_db()
    assert not kim.is_active
