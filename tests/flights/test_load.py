"""Loading airports and cabin layouts by command."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from flights.layout_files import FOLDER
from flights.models import Airport, CabinLayout
from tests.flights.places import SMALL, a_flight

pytestmark = pytest.mark.django_db


def run(*args: str) -> str:
    out = StringIO()
    call_command(*args, stdout=out)
    return out.getvalue()


def test_airports_come_with_city_zone_and_position() -> None:
    run("load_airports")
    paris = Airport.objects.get(code="CDG")
    assert (paris.city, paris.country, paris.time_zone) == ("Paris", "FR", "Europe/Paris")
    assert (round(paris.latitude), round(paris.longitude)) == (49, 3)
    assert not Airport.objects.filter(city="").exists()


def test_loading_airports_again_changes_nothing() -> None:
    assert "0 changed, 0 unchanged" in run("load_airports")
    assert run("load_airports").startswith("Airports: 0 new, 0 changed, 7")


def test_loading_airports_mends_what_is_wrong_and_keeps_which_are_served() -> None:
    run("load_airports")
    a_flight(origin="CDG", to="JFK")
    Airport.objects.filter(code="CDG").update(time_zone="Asia/Tokyo")
    assert "0 new, 1 changed" in run("load_airports")
    paris = Airport.objects.get(code="CDG")
    assert (paris.time_zone, paris.served) == ("Europe/Paris", True)


def test_every_layout_that_comes_with_the_project_loads() -> None:
    assert run("load_layouts") == "Cabin layouts: 6 new, 0 changed, 0 unchanged.\n"
    assert run("load_layouts") == "Cabin layouts: 0 new, 0 changed, 6 unchanged.\n"
    assert CabinLayout.objects.count() == len(list(FOLDER.glob("*.txt")))
    assert CabinLayout.objects.get(code="a320").total_seats == 176


def test_a_changed_layout_file_is_loaded_again(tmp_path: Path) -> None:
    file = tmp_path / "small.txt"
    file.write_text(SMALL)
    run("load_layouts", str(tmp_path))
    file.write_text(SMALL.replace("1-3", "1-4"))
    assert run("load_layouts", str(tmp_path)) == "Cabin layouts: 0 new, 1 changed, 0 unchanged.\n"
    assert CabinLayout.objects.get(code="small").total_seats == 16


def test_one_wrong_file_is_told_with_its_line_and_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_text(SMALL)
    (tmp_path / "wrong.txt").write_text(SMALL.replace("AB CD fare", "AB CI fare"))
    with pytest.raises(
        CommandError, match=r"wrong.txt: Line 5 \(cabin economy AB CI fare 1\): `I`"
    ):
        run("load_layouts", str(tmp_path))
    assert not CabinLayout.objects.exists()


def test_a_file_that_takes_seats_from_flights_is_refused(tmp_path: Path) -> None:
    a_flight()
    (tmp_path / "small.txt").write_text(SMALL.replace("1-3", "1-2"))
    with pytest.raises(CommandError, match=r"small.txt: Flights use this layout: it would lose 3A"):
        run("load_layouts", str(tmp_path))


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "small.txt").write_bytes(b"aircraft \xff")
    with pytest.raises(CommandError, match=r"small.txt: byte 10 is not UTF-8"):
        run("load_layouts", str(tmp_path))


def test_a_folder_without_layouts_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="has no layout files"):
        run("load_layouts", str(tmp_path))


def test_a_folder_that_is_not_there_is_named() -> None:
    with pytest.raises(CommandError, match="/nowhere cannot be read: No such file or directory"):
        run("load_layouts", "/nowhere")


def test_a_file_steers_no_terminal(tmp_path: Path) -> None:
    (tmp_path / "a320.txt").write_text("flap\x1b[31m\u202e\r\n")
    with pytest.raises(CommandError) as refused:
        run("load_layouts", str(tmp_path))
    assert str(refused.value).isprintable()
    assert "flap" in str(refused.value)
