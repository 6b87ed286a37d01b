"""Notices as mail."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage

from analytics.files import printable
from clcplus.models import Notice


def send(notice: Notice) -> None:
    """Send a notice to all addresses. Raises SMTPException or OSError."""
    content = notice.content
    about = f": {notice.edition}" if notice.edition is not None else ""
    subject = f"[{_site()}] {notice.get_event_display()}{about}"
    lines = [content["message"], content["page"], f"Event {notice.event_id}, {content['at']}"]
    EmailMessage(
        # A line break in a name of an edition would begin a header.
        subject=printable(subject)[:200],
        body="\n\n".join(line for line in lines if line) + "\n",
        to=list(settings.NOTIFY_MAIL),
        headers={
            "Message-ID": f"<{notice.event_id}@{_site()}>",
            "Auto-Submitted": "auto-generated",
        },
    ).send()


def _site() -> str:
    return urlsplit(settings.SITE_URL).hostname or "clcplus"
