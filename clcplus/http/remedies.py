"""What to do about a failure, by its status, where the failure does not say so itself."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

_OF_STATUS: Mapping[int, str] = {
    400: "Correct the request as the detail says; /api/v1/docs/ describes each address.",
    401: "Send the token of an account as Authorization: Bearer TOKEN; administrators make tokens.",
    403: "Ask with an account that has this right; a session also has to send its CSRF token.",
    404: "Check the address: /api/v1/ leads to all others, /api/v1/search/ finds territories.",
    405: "Use one of the methods that the header Allow names.",
    406: "Accept one of the formats of the address, or leave the header Accept out.",
    409: "Look at the present state, change it as the detail says, and send the request again.",
    411: "Send the length of the body in the header Content-Length.",
    413: "Send less: simplify outlines, round coordinates, or split the file.",
    414: "Shorten the address.",
    415: "Send one of the media types that the address takes, in UTF-8 and not compressed.",
    422: "Correct what the detail names, and send the request again.",
    429: "Wait as many seconds as the header Retry-After says, then send the request again.",
    431: "Send fewer or shorter headers.",
    500: "Try again later; where it goes on, tell whoever operates the site.",
    503: "Wait as many seconds as the header Retry-After says, then send the request again.",
}


def action_of(status: int) -> str:
    """What to do about a problem of a status, in one sentence."""
    usual = _OF_STATUS[400] if status < HTTPStatus.INTERNAL_SERVER_ERROR else _OF_STATUS[500]
    return _OF_STATUS.get(status, usual)
