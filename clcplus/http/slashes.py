"""Addresses that lack their last slash: the same request again, with the slash."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponsePermanentRedirect
from django.http.response import HttpResponseBase
from django.middleware.common import CommonMiddleware
from django.utils.http import escape_leading_slashes


def redirect(request: HttpRequest) -> HttpResponsePermanentRedirect:
    """301 for reading; 308 for all other methods, which stay as they are, with their bodies."""
    address = escape_leading_slashes(request.get_full_path(force_append_slash=True))
    keep = request.method not in {"GET", "HEAD"}
    return HttpResponsePermanentRedirect(address, preserve_request=keep)


class Slashes(CommonMiddleware):
    """Django's own sends 301 to forms as well, which browsers follow without the form, and in
    development ends with an error of the server."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Redirect what was not found and would be with a slash."""
        if response.status_code == 404 and self.should_redirect_with_slash(request):
            return redirect(request)
        return super().process_response(request, response)
