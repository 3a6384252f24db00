"""What a login may do, beside the permissions that operations name themselves.

Roles are made by the migrations, and changed by whoever may change users: nobody gives or takes
what they do not have themselves, and only a superuser changes a superuser.
"""

from django.contrib.auth.models import Group, Permission, User
from django.db.models import Q, QuerySet
from django.http import HttpRequest

# Names and takings are in them.
SEE_BOOKINGS = "bookings.view_booking"
RESEAT = "bookings.move_seats"
CORRECT_PASSENGERS = "bookings.correct_passengers"
BLOCK_SEATS = "bookings.block_seat"
OPERATE_FLIGHTS = "flights.operate_flight"


def own(request: HttpRequest) -> QuerySet[Permission]:
    """The permissions of whoever asks, which they may also give."""
    user = request.user
    if user.is_superuser:
        return Permission.objects.all()
    return Permission.objects.filter(Q(user=user.pk) | Q(group__user=user.pk)).distinct()


def changeable_roles(request: HttpRequest) -> QuerySet[Group]:
    """The roles that give nothing beyond what whoever asks may do."""
    return Group.objects.exclude(permissions__in=_beyond(request))


def changeable_logins(request: HttpRequest) -> QuerySet[User]:
    """The logins that may do nothing beyond what whoever asks may do."""
    if request.user.is_superuser:
        return User.objects.all()
    beyond = _beyond(request)
    within = User.objects.filter(is_superuser=False).exclude(user_permissions__in=beyond)
    return within.exclude(groups__permissions__in=beyond)


def _beyond(request: HttpRequest) -> QuerySet[Permission]:
    return Permission.objects.exclude(pk__in=own(request).values("pk"))
