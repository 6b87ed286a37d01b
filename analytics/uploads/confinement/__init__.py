"""The confined process that reads an upload, and what it has left.

``process`` asks ``fork_client``, which has ``fork_server`` fork a ``reader``; that enters its
``sandbox`` (``landlock``, ``system_calls``) and opens the file. ``answers`` takes what it leaves.
"""

from analytics.uploads.confinement.answers import Upload
from analytics.uploads.confinement.fork_client import start
from analytics.uploads.confinement.process import read_points, read_upload
from analytics.uploads.confinement.sandbox import NEEDED, Sandbox, lacking

__all__ = ["NEEDED", "Sandbox", "Upload", "lacking", "read_points", "read_upload", "start"]
