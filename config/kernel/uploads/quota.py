"""Stops reading a file that is sent to us once it is larger than anything we take."""

from typing import Any

from django.core.files.uploadhandler import FileUploadHandler, SkipFile

from config.kernel.uploads import guard

TOO_LARGE = "KAPELL_FILE_TOO_LARGE"


class Quota(FileUploadHandler):
    """Lets a file pass on to the next handler until it is too large; then drops it, unwritten.

    `too_large` tells afterwards whether that happened in a request.
    """

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin to count."""
        super().new_file(*args, **kwargs)
        self.read = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Count and pass on."""
        del start
        self.read += len(raw_data)
        if self.read > guard.MOST_BYTES:
            if self.request is not None:
                self.request.META[TOO_LARGE] = self.file_name
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Leave it to the next handler to make the file."""


def too_large(meta: Any) -> str:
    """Return the name of the file that was too large, empty for none."""
    return str(meta.get(TOO_LARGE) or "")
