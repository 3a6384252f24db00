"""What gets installed is what was locked, from wherever this machine gets its packages."""

import re

import django
import pytest

from flightbooking.processes import BASE_DIR

LOCKS = ("requirements.txt", "requirements-dev.txt")


def pins(lock: str) -> dict[str, str]:
    text = (BASE_DIR / lock).read_text()
    return dict(re.findall(r"^([\w.-]+)==(\S+)", text, re.MULTILINE))


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_place_to_download_from(lock: str) -> None:
    assert not re.search(r"://|--(index|extra|find|trusted)", (BASE_DIR / lock).read_text())


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_a_hash(lock: str) -> None:
    text = (BASE_DIR / lock).read_text()
    assert len(re.findall(r"^\S+==.*\\\n    --hash=sha256:", text, re.MULTILINE)) == len(pins(lock))


def test_django_is_6_1_in_both_locks_and_here() -> None:
    """Some packages would quietly bring an older one."""
    assert {pins(lock)["django"] for lock in LOCKS} == {django.get_version()}
    assert django.VERSION[:2] == (6, 1)


def test_the_development_lock_has_what_the_product_has() -> None:
    product, development = map(pins, LOCKS)
    assert product.items() <= development.items()
