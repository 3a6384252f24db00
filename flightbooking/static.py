"""Static files, each named by its content and compressed once."""

from collections.abc import Iterable, Iterator
from typing import Any

import brotli
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFiles(CompressedManifestStaticFilesStorage):
    """Compresses only what is new: a name with the content's hash in it never changes."""

    keep_only_hashed_files = True

    def create_compressor(self, **options: Any) -> Compressor:
        return QuickCompressor(**options)

    def compress_files(self, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
        yield from super().compress_files([p for p in paths if not self.exists(f"{p}.gz")])


class QuickCompressor(Compressor):
    """Brotli a step below its best: a tenth of the time for 9 % more bytes."""

    @staticmethod
    def compress_brotli(data: bytes) -> bytes:
        return brotli.compress(data, quality=9)
