"""What is read of a body with files before any view has seen the request."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import StopUpload, TemporaryFileUploadHandler

_MEGABYTE = 1_000_000


class BoundedUploadHandler(TemporaryFileUploadHandler):
    """Files go to the disk, and no further than the largest upload that is allowed.

    The framework reads the whole body to find the token against forged requests: without a bound
    anybody could fill the disk. What is over it ends the connection; one byte more than allowed is
    taken, so that the view can say in words that a file was too large.
    """

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.taken = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.taken += len(raw_data)
        if self.taken > settings.UPLOAD_MEGABYTES * _MEGABYTE + self.chunk_size:
            raise StopUpload(connection_reset=True)
        super().receive_data_chunk(raw_data, start)
