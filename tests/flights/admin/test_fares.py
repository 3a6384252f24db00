"""The operators' pages of fares: what is sold stays, and what they save is sold from then on."""

from functools import partial

import pytest
from django.test import Client

from flights.models import STANDARD, Fare
from tests.bookings.admin.staff import edit, staff_with

pytestmark = pytest.mark.django_db

FARES = "/admin/flights/fare/"


def sold(code: str) -> Fare:
    return Fare.objects.get(code=code, on_sale=True)


def page(fare: Fare) -> str:
    return f"{FARES}{fare.pk}/change/"


def test_an_edit_is_another_fare_and_the_one_that_was_sold_stays(admin_client: Client) -> None:
    before = sold("light")
    answer = edit(admin_client, page(before), percent="90", refund_hours="6")
    assert answer.status_code == 302
    after = sold("light")
    assert after.pk != before.pk
    assert (after.percent, after.refund_hours, after.change_fee_percent) == (90, 6, 30)
    was = Fare.objects.get(pk=before.pk)
    assert (was.percent, was.refund_hours, was.on_sale) == (85, 0, False)
    assert after.since >= was.since


def test_saving_without_a_change_makes_no_other_fare(admin_client: Client) -> None:
    edit(admin_client, page(sold("flex")))
    assert Fare.objects.count() == 3


def test_a_fare_is_taken_off_sale_and_sold_again(admin_client: Client) -> None:
    light = sold("light")
    edit(admin_client, page(light), on_sale="")
    assert not Fare.objects.filter(code="light", on_sale=True).exists()
    edit(admin_client, page(light), on_sale="on")
    assert sold("light").percent == 85


@pytest.mark.parametrize(
    ("code", "column", "typed"),
    [
        ("light", "percent", "0"),
        ("light", "percent", "-5"),
        ("light", "percent", "1001"),
        ("light", "percent", "85.5"),
        ("light", "refund_percent", "101"),
        ("light", "refund_percent", "-1"),
        ("light", "refund_hours", "-1"),
        ("light", "refund_hours", "8761"),
        ("light", "change_fee_percent", "-1"),
        ("light", "change_fee_percent", "101"),
        ("light", "name", ""),
        (STANDARD, "percent", "99"),
        (STANDARD, "on_sale", ""),
    ],
)
def test_what_no_fare_can_be_is_refused(
    admin_client: Client, code: str, column: str, typed: str
) -> None:
    answer = edit(admin_client, page(sold(code)), **{column: typed})
    assert answer.status_code == 200
    assert answer.context["adminform"].form.errors
    assert Fare.objects.count() == 3


def test_of_two_who_edit_a_fare_the_second_is_told(admin_client: Client) -> None:
    light = sold("light")
    edit(admin_client, page(light), percent="90")
    stale = {"name": "Light", "percent": "80", "on_sale": "on", "_seen": "what was shown before"}
    answer = admin_client.post(page(light), stale)
    assert "nothing was saved" in answer.content.decode()
    assert sold("light").percent == 90


def test_a_fare_more_is_sold_beside_the_others(admin_client: Client) -> None:
    gold = {"code": "gold", "name": "Gold", "percent": "200", "refund_percent": "100"}
    terms = {"refund_hours": "0", "change_fee_percent": "0", "on_sale": "on"}
    assert admin_client.post(f"{FARES}add/", gold | terms).status_code == 302
    assert sold("gold").percent == 200
    again = admin_client.post(f"{FARES}add/", gold | terms | {"code": "light"})
    assert "a fare with this code already" in again.content.decode()


@pytest.mark.parametrize(
    ("role", "looks", "edits"),
    [("agent", 200, 403), ("supervisor", 200, 403), ("admin", 200, 302), ("", 403, 403)],
)
def test_every_role_sees_fares_and_admins_change_them(role: str, looks: int, edits: int) -> None:
    somebody, light = staff_with(role=role, name="sam"), sold("light")
    assert somebody.get(FARES).status_code == looks
    change = partial(edit, somebody) if edits == 302 else somebody.post
    assert change(page(light)).status_code == edits
    assert somebody.post(f"{FARES}{light.pk}/delete/").status_code == 403
