"""The operators' login: its form."""

from django import forms
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.forms import UsernameField
from django.contrib.auth.models import User


class LoginForm(AdminAuthenticationForm):
    """Refuses a name that nobody can have, which the throttle could not write down."""

    username = UsernameField(
        max_length=User._meta.get_field("username").max_length,
        widget=forms.TextInput({"autofocus": True}),
    )
