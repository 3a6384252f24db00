"""What others read in a PDF and see on its pages: by poppler's tools."""

import shutil
import subprocess
import unicodedata

import pytest

needs_poppler = pytest.mark.skipif(
    not (shutil.which("pdftotext") and shutil.which("pdftoppm")), reason="needs poppler-utils"
)


def read(pdf: bytes, *options: str) -> str:
    """Its text; letters that are joined, and marks of direction, as one types them."""
    text = _by("pdftotext", pdf, *options, "-", "-").decode()
    seen = "".join(each for each in text if unicodedata.category(each) != "Cf")
    return unicodedata.normalize("NFKC", seen)


def pages(pdf: bytes) -> int:
    return pdf.count(b"/Type /Page\n")


def seen(pdf: bytes, dots_per_inch: int) -> list[bytes]:
    """The rows of the first page, a byte for each dot: 0 for black, 255 for white."""
    image = _by("pdftoppm", pdf, "-gray", "-r", str(dots_per_inch), "-f", "1", "-l", "1", "-")
    kind, size, _most, dots = image.split(b"\n", 3)
    assert kind == b"P5"
    width = int(size.split()[0])
    return [dots[first : first + width] for first in range(0, len(dots), width)]


def _by(program: str, pdf: bytes, *options: str) -> bytes:
    done = subprocess.run([program, *options], input=pdf, capture_output=True, check=True)
    if b"Missing language pack" in done.stderr:
        pytest.skip("needs poppler-data, for Chinese, Japanese and Korean")
    return done.stdout
