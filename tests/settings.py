"""The product's settings, where nothing has to be guessed and nothing is looked up twice."""

from django.contrib.auth.hashers import PBKDF2PasswordHasher

from flightbooking.settings import *  # noqa: F403


class QuickHasher(PBKDF2PasswordHasher):
    """The product's own, without the third of a second that it takes on purpose."""

    iterations = 1


PASSWORD_HASHERS = ["tests.settings.QuickHasher"]

# Every client of a test is a server of its own, and WhiteNoise would look through all static
# files as each of them starts. The tests of `make run` have them as the product does.
WHITENOISE_AUTOREFRESH = True
