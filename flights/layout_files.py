"""Cabin layouts as files: one `<code>.txt` for each version of an aircraft."""

from pathlib import Path

from django.core.exceptions import ValidationError
from django.db import transaction

from flights.airports import Loaded
from flights.models import CabinLayout
from flights.one_line import one_line

FOLDER = Path(__file__).parent / "layouts"


class LayoutRefused(Exception):
    """A layout file has a mistake: which file, which line, what is wrong. Nothing was written."""


@transaction.atomic
def load_layouts(folder: Path = FOLDER) -> Loaded:
    """Write every layout file of the folder, or none. Raises LayoutRefused."""
    paths = _files(folder)
    new = changed = 0
    for path in paths:
        stored = CabinLayout.objects.select_for_update().filter(pk=path.stem).first()
        source = _read(path)
        if stored and stored.source == source:
            continue
        layout = stored or CabinLayout(code=path.stem)
        layout.source = source
        _save(layout, path)
        new, changed = new + (stored is None), changed + (stored is not None)
    return Loaded(new, changed, len(paths) - new - changed)


def _files(folder: Path) -> list[Path]:
    name = one_line(str(folder), 200)
    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix == ".txt")
    except OSError as error:
        raise LayoutRefused(f"{name} cannot be read: {error.strerror}.") from error
    if not paths:
        raise LayoutRefused(f"{name} has no layout files (*.txt).")
    return paths


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise LayoutRefused(f"{path.name}: byte {error.start + 1} is not UTF-8.") from error
    except OSError as error:
        raise LayoutRefused(f"{path.name} cannot be read: {error.strerror}.") from error


def _save(layout: CabinLayout, path: Path) -> None:
    try:
        layout.full_clean()
    except ValidationError as error:
        raise LayoutRefused(f"{path.name}: {' '.join(error.messages)}") from error
    layout.save()
