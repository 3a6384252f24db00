"""LibreOffice Calc, without a window: what it makes of a CSV file, and how it saves it again."""

import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import pytest

OFFICE = "urn:oasis:names:tc:opendocument:xmlns:{}:1.0"
TABLE, VALUE, TEXT = (f"{{{OFFICE.format(name)}}}" for name in ("table", "office", "text"))
# Commas, double quotes, UTF-8, from the first line on; in a language, by its number, 0 for the
# machine's; dates and the like are looked for, too.
READING = "CSV:44,34,76,1,,{},false,true"

program = shutil.which("soffice")
needs_calc = pytest.mark.skipif(program is None, reason="LibreOffice Calc is not installed")


class Cell(NamedTuple):
    # "string", "float", "date" …; "" where nothing is in it.
    kind: str
    text: str


def opened(content: bytes, folder: Path, *, language: int = 0) -> list[list[Cell]]:
    """The rows of a CSV file as Calc shows them."""
    table = ElementTree.parse(_converted(content, folder, "fods", language))
    return [[*_cells(row)] for row in table.iterfind(f".//{TABLE}table-row")]


def saved_again(content: bytes, folder: Path) -> bytes:
    """A CSV file that was opened, and saved as CSV."""
    return _converted(content, folder, "csv").read_bytes()


def _converted(content: bytes, folder: Path, kind: str, language: int = 0) -> Path:
    file = folder / "opened.csv"
    file.write_bytes(content)
    command = [
        str(program), f"-env:UserInstallation={folder.as_uri()}/profile", "--headless",
        f"--infilter={READING.format(language)}", "--convert-to", kind,
        "--outdir", str(folder / "out"), str(file),
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return folder / "out" / f"opened.{kind}"


def _cells(row: ElementTree.Element) -> list[Cell]:
    cells: list[Cell] = []
    for cell in row.iterfind(f"{TABLE}table-cell"):
        times = int(cell.get(f"{TABLE}number-columns-repeated", "1"))
        text = "\n".join("".join(part.itertext()) for part in cell.iterfind(f"{TEXT}p"))
        cells += [Cell(cell.get(f"{VALUE}value-type", ""), text)] * times
    return cells
