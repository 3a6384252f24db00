"""Who may do what, for how long they stay signed in, and what happens to those who guess."""

from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group, User
from django.contrib.sessions.models import Session
from django.test import Client, RequestFactory
from django.utils import timezone
from pytest_django import Settings

from bookings.admin.bookings.operations import OPERATIONS
from bookings.models import Booking, State
from flights.client_address import client_address
from flights.models import Flight
from tests.bookings.admin.staff import LIST, a_supervisor, act, move, page, refund_due
from tests.bookings.saga.test_correcting_names import leave
from tests.people import a_confirmed_booking, a_hold, a_payment, standing

pytestmark = pytest.mark.django_db(transaction=True)

PASSWORD = "correct horse battery staple"
LOGIN = "/admin/login/"

# Everything an operator does to bookings, and from which role on.
ACTS = {
    "resend_confirmation": {"agent", "supervisor", "admin"},
    "move": {"agent", "supervisor", "admin"},
    "terminate": {"supervisor", "admin"},
    "retry_now": {"supervisor", "admin"},
    "cancel_and_refund": {"supervisor", "admin"},
    "give_refund": {"supervisor", "admin"},
    "forget_passengers": {"supervisor", "admin"},
}
PAGES = {
    "/admin/": {"agent", "supervisor", "admin"},
    LIST: {"agent", "supervisor", "admin"},
    "/admin/now/now/": {"agent", "supervisor", "admin"},
    "/admin/flights/flight/": {"agent", "supervisor", "admin"},
    "/admin/bookings/ledgerentry/": {"supervisor", "admin"},
    "/admin/admin/logentry/": {"supervisor", "admin"},
    "/admin/auth/user/": {"admin"},
    "/admin/auth/group/": {"admin"},
    "/admin/axes/accessattempt/": {"admin"},
    "/admin/flights/airport/add/": {"admin"},
}

# The migration that makes the roles.
RULES = "bookings.migrations.0002_rules"


def somebody(role: str, name: str = "sam") -> Client:
    """The browser of an operator who has this role and nothing else."""
    user = User.objects.create_user(name, password=PASSWORD, is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(user)
    return client


def try_to(client: Client, name: str, booking: Booking) -> Any:
    if name == "move":
        return move(client, booking, "20F")
    answers = {"amount": "1.00"} if name == "give_refund" else {}
    return act(client, name, booking, **answers)


def a_booking_for(name: str, flight: Flight) -> Booking:
    if name == "terminate":
        return a_hold(flight)
    if name == "retry_now":
        return a_payment(flight)
    booking = a_confirmed_booking(flight)
    Booking.objects.filter(pk=booking.pk).update(email="alice@example.org")
    if name == "forget_passengers":
        leave(flight)
    return booking


def test_every_operation_is_somebodys() -> None:
    assert ACTS.keys() == OPERATIONS.keys() | {"move"}


@pytest.mark.parametrize("role", ["agent", "supervisor", "admin"])
@pytest.mark.parametrize("name", ACTS)
def test_each_role_does_what_it_may_and_is_refused_the_rest(
    flight: Flight, role: str, name: str
) -> None:
    sam, booking = somebody(role), a_booking_for(name, flight)
    before = booking.version
    offered = f"/{name}/" in sam.get(page(booking)).content.decode()
    answer = try_to(sam, name, booking)
    booking.refresh_from_db()
    if role in ACTS[name]:
        said = OPERATIONS[name].said if name in OPERATIONS else "done for"
        assert said in answer.content.decode()
        assert booking.events.get(number=before + 1).by == "operator:sam"
    else:
        assert answer.status_code == 403
        assert booking.version == before
    assert offered == (role in ACTS[name])


@pytest.mark.parametrize("role", ["agent", "supervisor", "admin"])
def test_each_role_sees_its_pages_and_no_others(flight: Flight, role: str) -> None:
    sam = somebody(role)
    seen = {path for path in PAGES if sam.get(path).status_code == 200}
    assert seen == {path for path, roles in PAGES.items() if role in roles}


@pytest.mark.parametrize("role", ["agent", "supervisor", "admin"])
def test_the_list_offers_only_what_a_role_may_do(flight: Flight, role: str) -> None:
    sam = somebody(role)
    a_hold(flight)
    menu = sam.get(LIST).content.decode()
    offered = {name for name in OPERATIONS if f'value="{name}"' in menu}
    assert offered == {name for name in OPERATIONS if role in ACTS[name]}


def test_a_payment_leads_to_the_ledger_for_those_who_may_see_it(flight: Flight) -> None:
    booking = a_confirmed_booking(flight)
    key = booking.payment_attempts.get().key
    link = f'href="/admin/bookings/ledgerentry/?q={key}"'
    for role, may in (("agent", False), ("supervisor", True)):
        said = somebody(role, role).get(page(booking)).content.decode()
        assert key in said
        assert (link in said) is may


def test_a_role_that_was_changed_stays_as_it_was_changed() -> None:
    agent = Group.objects.get(name="agent")
    agent.permissions.clear()
    import_module(RULES).make_roles(apps)
    assert agent.permissions.count() == 0


@pytest.mark.parametrize("superuser", [True, False])
def test_nobody_edits_or_deletes_a_booking_or_the_trail_not_even_a_superuser(
    flight: Flight, superuser: bool
) -> None:
    client = a_supervisor("sam") if superuser else somebody("admin")
    alice = a_hold(flight)
    act(client, "terminate", alice)
    entry = LogEntry.objects.get()
    for path in (
        page(alice),
        f"{LIST}add/",
        f"{LIST}{alice.pk}/delete/",
        f"/admin/admin/logentry/{entry.pk}/delete/",
        f"/admin/admin/logentry/{entry.pk}/change/",
        f"/admin/auth/user/{entry.user_id}/delete/",
    ):
        assert client.post(path, {"post": "yes", "state": "CONFIRMED"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": [str(alice.pk)], "post": "yes"}
    client.post(LIST, chosen)
    assert standing(alice)[0] == State.CANCELLED
    assert LogEntry.objects.count() == 1
    assert "Terminate: The customer rang" in client.get("/admin/admin/logentry/").content.decode()


def test_a_change_to_anything_is_in_the_trail(flight: Flight) -> None:
    olga = a_supervisor()
    User.objects.filter(username="olga").update(password=make_password(PASSWORD))
    olga.force_login(User.objects.get(username="olga"))
    kim = User.objects.create_user("kim", is_staff=True)
    refund_due(flight)
    olga.post(f"/admin/auth/user/{kim.pk}/password/", {
        "password1": PASSWORD, "password2": PASSWORD, "usable_password": "true",
    })  # fmt: skip
    olga.post("/admin/auth/group/add/", {"name": "night shift"})
    mine = {"old_password": PASSWORD, "new_password1": PASSWORD[::-1]}
    olga.post("/admin/password_change/", {**mine, "new_password2": "something else"})
    assert LogEntry.objects.count() == 2
    olga.post("/admin/password_change/", {**mine, "new_password2": PASSWORD[::-1]})
    told = list(LogEntry.objects.order_by("pk").values_list("object_repr", "change_message"))
    assert [name for name, _ in told] == ["kim", "night shift", "olga"]
    assert told[2][1] == "Changed password."


def sign_in(password: str, *, name: str = "sam", address: str = "192.0.2.1") -> Any:
    answers = {"username": name, "password": password}
    return Client().post(LOGIN, answers, REMOTE_ADDR=address)


def test_who_guesses_a_password_waits_and_nobody_else_does() -> None:
    somebody("agent")
    somebody("agent", "kim")
    for _ in range(4):
        assert sign_in("guess").status_code == 200
    locked = sign_in("guess")
    assert locked.status_code == 429
    assert "Too many wrong passwords" in locked.content.decode()
    assert "15 minutes" in locked.content.decode()
    assert sign_in(PASSWORD).status_code == 429
    assert sign_in(PASSWORD, name="kim").status_code == 302
    assert sign_in(PASSWORD, address="192.0.2.2").status_code == 302


@pytest.mark.parametrize(
    "evil",
    ["//evil.example", "/\\evil.example", "https:evil.example", "javascript:alert(1)", "\t//evil",
     "//testserver@evil.example", "http:///evil.example", "///evil.example"],
)  # fmt: skip
def test_a_login_leads_to_no_other_site_but_to_the_first_page(evil: str) -> None:
    somebody("agent")
    answers = {"username": "sam", "password": PASSWORD, "next": evil}
    answer = Client().post(LOGIN, answers, query_params={"next": evil})
    assert (answer.status_code, answer["Location"]) == (302, "/admin/")


def test_a_name_that_nobody_can_have_is_refused_like_a_wrong_one() -> None:
    page = {"username": "a" * 300, "password": "guess"}
    answer = Client().post("/admin/login/", page, HTTP_HOST="localhost")
    assert answer.status_code == 200
    assert b"at most 150 characters" in answer.content


def test_a_wrong_password_now_and_then_locks_nobody_out() -> None:
    somebody("agent")
    for _ in range(3):
        for _ in range(4):
            assert sign_in("guess").status_code == 200
        assert sign_in(PASSWORD).status_code == 302


def test_the_wait_is_over_after_fifteen_minutes(settings: Settings) -> None:
    somebody("agent")
    for _ in range(5):
        sign_in("guess")
    settings.AXES_COOLOFF_TIME = timedelta(microseconds=1)
    assert sign_in(PASSWORD).status_code == 302


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "203.0.113.7", "10.0.0.9"),
        (1, "203.0.113.7", "203.0.113.7"),
        (1, "1.2.3.4, 203.0.113.7", "203.0.113.7"),
        (2, "203.0.113.7, 10.0.0.8", "203.0.113.7"),
        (2, "203.0.113.7", "10.0.0.9"),
        (1, "", "10.0.0.9"),
        (1, "nonsense", "10.0.0.9"),
        (1, "1.2.3.4, 203.0.113.7:4711", "203.0.113.7"),
        (1, "[2001:db8:1:2::7]:4711", "2001:db8:1:2::"),
        (1, "[2001:DB8:1:2::9]", "2001:db8:1:2::"),
        (1, "::ffff:203.0.113.7", "203.0.113.7"),
        (1, "2001:db8:1:2:0::7%eth0", "2001:db8:1:2::"),
        (1, "203.0.113.7,", "10.0.0.9"),
        (1, "0xcb.0.113.7", "10.0.0.9"),
    ],
)
def test_behind_our_proxies_the_address_is_what_they_say(
    settings: Settings, proxies: int, forwarded: str, address: str
) -> None:
    settings.TRUSTED_PROXIES = proxies
    request = RequestFactory().get(
        "/", REMOTE_ADDR="10.0.0.9", headers={"X-Forwarded-For": forwarded}
    )
    assert client_address(request) == address


def the_session_ends_in() -> timedelta:
    return Session.objects.get().expire_date - timezone.now()


def test_a_login_ends_eight_hours_after_the_last_page(flight: Flight) -> None:
    sam = somebody("agent")
    an_hour = timedelta(hours=1)
    Session.objects.update(expire_date=timezone.now() + an_hour)
    for part in ("/admin/now/now/", "/admin/now/today/"):
        assert sam.get(part, headers={"HX-Request": "true"}).status_code == 200
    assert the_session_ends_in() < an_hour
    assert sam.get("/admin/").status_code == 200
    assert the_session_ends_in() > 7.9 * an_hour
    Session.objects.update(expire_date=timezone.now() - an_hour)
    assert sam.get("/admin/").status_code == 302


def test_the_admin_has_a_policy_of_its_own_that_allows_nothing_inline(flight: Flight) -> None:
    sam = somebody("admin")
    policies = {
        (sam if signed_in else Client()).get(path).headers["Content-Security-Policy"]
        for path, signed_in in ((LIST, True), ("/admin/", True), (LOGIN, False))
    }
    for policy in policies:
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "data:" not in policy
    assert "default-src 'self'" in Client().get("/").headers["Content-Security-Policy"]
