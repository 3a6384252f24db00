"""Nobody gives, takes or takes over what they do not have; a superuser only by superusers."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.test import Client

from flights.models import Flight
from tests.bookings.admin.staff import LIST, a_supervisor, an_onlooker, edit, opened, staff_with
from tests.people import a_payment

pytestmark = pytest.mark.django_db(transaction=True)

USERS = "/admin/auth/user/"
ROLES = "/admin/auth/group/"
PASSWORD = "correct horse battery staple"
NEW_PASSWORD = {"password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}
# Whoever may change logins: by a few permissions, or by the role that has all of ours.
MANAGERS = [
    {"permissions": ("view_user", "change_user", "view_group", "change_group")},
    {"permissions": ("view_user", "change_user", "add_user", "change_group", "delete_group")},
    {"role": "admin"},
]


@pytest.fixture(params=MANAGERS, ids=["few", "some", "admin"])
def mia(request: pytest.FixtureRequest, transactional_db: None) -> Client:
    permissions = request.param.get("permissions", ())
    return staff_with(*permissions, role=request.param.get("role", ""), name="mia")


def login(name: str) -> str:
    return f"{USERS}{User.objects.get(username=name).pk}/change/"


def password(name: str) -> str:
    return f"{USERS}{User.objects.get(username=name).pk}/password/"


def role(name: str) -> str:
    return f"{ROLES}{Group.objects.get(name=name).pk}/change/"


def a_permission(name: str = "sessions.add_session") -> Permission:
    """One that not even the role `admin` has."""
    app, _, codename = name.partition(".")
    return Permission.objects.get(content_type__app_label=app, codename=codename)


def a_role(name: str, *permissions: Permission) -> Group:
    made = Group.objects.create(name=name)
    made.permissions.set(permissions)
    return made


def may(name: str) -> set[str]:
    return User.objects.get(username=name).get_all_permissions()


def rights(name: str) -> tuple[object, ...]:
    user = User.objects.get(username=name)
    groups = sorted(group.name for group in user.groups.all())
    return user.is_superuser, user.is_active, user.is_staff, user.password, groups, may(name)


def a_mightier_login(name: str, way: str) -> User:
    """Somebody who has what no manager of logins has, in one of the ways there are."""
    user = User.objects.create_user(name, is_staff=True, is_superuser=way == "superuser")
    if way == "permission":
        user.user_permissions.add(a_permission())
    if way == "role":
        user.groups.add(a_role("keepers", a_permission()))
    if way == "switched off":
        user.user_permissions.add(a_permission())
        User.objects.filter(pk=user.pk).update(is_active=False)
    return user


@pytest.mark.parametrize("whom", ["mia", "kim"])
def test_nobody_makes_a_superuser_but_a_superuser(mia: Client, whom: str) -> None:
    User.objects.create_user("kim", is_staff=True)
    assert "is_superuser" not in opened(mia, login(whom))
    edit(mia, login(whom), is_superuser="on")
    assert not User.objects.filter(is_superuser=True).exists()
    edit(a_supervisor(), login(whom), is_superuser="on")
    assert User.objects.get(username=whom).is_superuser


@pytest.mark.parametrize("whom", ["mia", "kim"])
def test_nobody_gives_what_they_do_not_have(mia: Client, whom: str) -> None:
    User.objects.create_user("kim", is_staff=True)
    beyond, keepers = a_permission(), a_role("keepers", a_permission())
    before = rights(whom)
    for given in ({"user_permissions": [beyond.pk]}, {"groups": [keepers.pk]}):
        answer = edit(mia, login(whom), **given)
        assert "Select a valid choice" in answer.content.decode()
    assert rights(whom) == before


def test_what_one_has_may_be_given(mia: Client) -> None:
    User.objects.create_user("kim", is_staff=True)
    mine = [a_permission("auth.change_user"), a_permission("auth.view_user")]
    lookers = a_role("lookers", mine[1])
    given = {"user_permissions": [each.pk for each in mine], "groups": [lookers.pk]}
    assert edit(mia, login("kim"), **given).status_code == 302
    assert may("kim") == {"auth.change_user", "auth.view_user"}


@pytest.mark.parametrize("way", ["superuser", "permission", "role", "switched off"])
def test_who_may_more_is_looked_at_and_not_changed(mia: Client, way: str) -> None:
    a_mightier_login("sue", way)
    before = rights("sue")
    assert mia.get(login("sue")).status_code == 200
    assert mia.post(login("sue"), {"username": "sue2"}).status_code == 403
    assert mia.get(password("sue")).status_code == 403
    assert mia.post(password("sue"), NEW_PASSWORD).status_code == 403
    assert rights("sue") == before


def test_a_superuser_changes_another(olga: Client) -> None:
    a_mightier_login("sue", "superuser")
    assert edit(olga, login("sue"), is_active="").status_code == 302
    assert olga.post(password("sue"), NEW_PASSWORD).status_code == 302
    assert not User.objects.get(username="sue").is_active
    assert User.objects.get(username="sue").check_password(PASSWORD)


def test_a_role_is_given_nothing_that_whoever_changes_it_does_not_have(mia: Client) -> None:
    mine = a_role("mine", a_permission("auth.change_group"))
    mine.user_set.add(User.objects.get(username="mia"))
    answer = edit(mia, role("mine"), permissions=[a_permission().pk])
    assert "Select a valid choice" in answer.content.decode()
    assert [each.codename for each in mine.permissions.all()] == ["change_group"]
    made = mia.post(f"{ROLES}add/", {"name": "new", "permissions": [a_permission().pk]})
    assert made.status_code in (200, 403)
    assert not Group.objects.filter(name="new").exists()


def test_a_role_beyond_ones_own_is_neither_changed_nor_deleted(mia: Client) -> None:
    keepers = a_role("keepers", a_permission())
    assert mia.post(role("keepers"), {"name": "kept", "permissions": []}).status_code == 403
    assert mia.post(f"{ROLES}{keepers.pk}/delete/", {"post": "yes"}).status_code == 403
    together = {"action": "delete_selected", "_selected_action": [str(keepers.pk)], "post": "yes"}
    mia.post(ROLES, together)
    assert [each.codename for each in Group.objects.get(name="keepers").permissions.all()] == [
        "add_session"
    ]


def test_a_new_login_has_no_rights_whatever_is_posted() -> None:
    mia = staff_with("add_user", "change_user", name="mia")
    wanted: dict[str, Any] = {"username": "kim", **NEW_PASSWORD, "is_superuser": "on"}
    wanted |= {"is_staff": "on", "user_permissions": [a_permission().pk], "groups": ["1", "2"]}
    for popup in ({}, {"_popup": "1"}, {"_saveasnew": "1"}):
        wanted["username"] += "k"
        assert mia.post(f"{USERS}add/", {**wanted, **popup}).status_code in (200, 302)
        kim = User.objects.get(username=wanted["username"])
        assert (kim.is_superuser, kim.is_staff, kim.get_all_permissions()) == (False, False, set())
        assert not kim.groups.exists()


def test_saving_a_login_as_a_new_one_gives_no_rights_either(mia: Client) -> None:
    a_mightier_login("sue", "superuser")
    asked = {"username": "sue2", "is_superuser": "on", "_saveasnew": "1", **NEW_PASSWORD}
    mia.post(login("sue"), asked)
    assert User.objects.filter(is_superuser=True).count() == 1


@pytest.mark.parametrize(
    "asked",
    [
        f"{USERS}?password__startswith=pbkdf2",
        f"{USERS}?groups__user__password__startswith=pbkdf2",
        f"{ROLES}?user__password__startswith=pbkdf2",
        "/admin/admin/logentry/?user__password__startswith=pbkdf2",
    ],
)
def test_no_list_tells_a_password_letter_by_letter(asked: str) -> None:
    admin = staff_with(role="admin", name="mia")
    assert admin.get(asked).status_code in (302, 400, 403)


@pytest.mark.parametrize(
    "asked",
    ["payment_code__startswith=1", "payment_code=12345", "code_fingerprint__gt=a",
     "browser_id__isnull=1", "contact_words__isnull=0", "name__regex=(a%2B)%2B%24"],
)  # fmt: skip
def test_no_list_is_filtered_by_what_it_does_not_offer(flight: Flight, asked: str) -> None:
    """One could read a payment's code digit by digit, or have a million names compared."""
    a_payment(flight, code="12345")
    assert an_onlooker().get(f"{LIST}?{asked}").status_code == 400


@pytest.mark.parametrize(
    "asked",
    ["bookings/booking/?state=FAILED", "flights/flight/?on_sale__exact=1",
     "admin/logentry/?action_flag__exact=1", "auth/user/?is_active__exact=1",
     "auth/user/?groups__id__exact=1", "bookings/ledgerentry/?status__exact=approved"],
)  # fmt: skip
def test_what_a_list_offers_filters_it(asked: str) -> None:
    assert a_supervisor().get(f"/admin/{asked}").status_code == 200
