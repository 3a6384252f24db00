"""`manage.py load_layouts FOLDER`: cabin layouts from files."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from flights.layout_files import FOLDER, LayoutRefused, load_layouts
from flights.one_line import one_line


class Command(BaseCommand):
    help = (
        "Write every cabin layout of a folder, one <code>.txt each (the format is told in "
        "flights/cabin/text.py). Safe to repeat. A mistake is told with its line, and then nothing "
        "is written."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", nargs="?", type=Path, default=FOLDER)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self.stdout.write(f"Cabin layouts: {load_layouts(options['folder'])}.")
        except LayoutRefused as refused:
            raise CommandError(one_line(str(refused))) from refused
