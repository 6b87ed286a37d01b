"""A running demonstration: requests, its limits of rate, and signing in."""

from __future__ import annotations

import re
import threading
import time
from urllib.parse import urljoin

import requests

from tests.golden.export_request import Asked

TIMEOUT = 120
MOST_WAITS = 40
"""Answers of 429 or 503 to one request before the export gives up."""


class Unreachable(Exception):
    """The demonstration does not answer as one does."""


class Site:
    """The demonstration; each thread has its own connections."""

    def __init__(self, origin: str) -> None:
        self.origin = origin.rstrip("/")
        self._cookies: dict[str, str] = {}
        self._threads = threading.local()

    def ask(self, asked: Asked) -> requests.Response:
        """The answer; redirects are not followed. Raises Unreachable."""
        for _ in range(MOST_WAITS):
            answer = self.send(asked)
            if answer.status_code not in {429, 503}:
                return answer
            time.sleep(float(answer.headers.get("Retry-After", "1")))
        raise Unreachable(f"{asked.address}: still {answer.status_code}; {answer.text[:200]}")

    def send(self, asked: Asked) -> requests.Response:
        """One request. Raises Unreachable."""
        try:
            return self._session().request(
                asked.method,
                urljoin(self.origin, asked.address),
                data=asked.body,
                headers=asked.headers,
                cookies=self._cookies if asked.folder.startswith("staff") else {},
                allow_redirects=False,
                timeout=TIMEOUT,
            )
        except requests.RequestException as error:
            raise Unreachable(f"{asked.address}: {error}") from None

    def sign_in(self, name: str, password: str) -> None:
        """Sign in for the requests of staff. Raises Unreachable."""
        with requests.Session() as session:
            page = session.get(f"{self.origin}/admin/login/", timeout=TIMEOUT)
            token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
            if token is None:
                raise Unreachable("the page to sign in has no form")
            session.post(
                f"{self.origin}/admin/login/?next=/admin/",
                data={"csrfmiddlewaretoken": token[1], "username": name, "password": password},
                headers={"Referer": f"{self.origin}/admin/login/"},
                allow_redirects=False,
                timeout=TIMEOUT,
            )
            self._cookies = {name: value or "" for name, value in session.cookies.items()}
        if "sessionid" not in self._cookies:
            raise Unreachable(f"{name} cannot sign in with this password")

    def _session(self) -> requests.Session:
        if not hasattr(self._threads, "session"):
            self._threads.session = requests.Session()
            self._threads.session.headers["Accept-Language"] = "en"
        found: requests.Session = self._threads.session
        return found
