"""`/metrics`: what Prometheus reads, for those who watch the site."""

from __future__ import annotations

import hmac
import logging
from ipaddress import ip_network

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

from clcplus.access import clients
from clcplus.http.problems import problem
from clcplus.monitoring import shared_counts
from clcplus.monitoring.job_measures import JobMeasures

logger = logging.getLogger(__name__)

_FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP")


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """The figures as text. Only for who has the token, or asks from here or from the network that
    may."""
    if not (_has_token(request) or _is_near(request)):
        return problem(
            403,
            "metrics: found no right to read them; expected the token of the file "
            "METRICS_TOKEN_FILE, or an address in METRICS_NETWORK",
        )
    registry = shared_counts.registry()
    registry.register(JobMeasures())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def _has_token(request: HttpRequest) -> bool:
    scheme, _, sent = request.headers.get("Authorization", "").partition(" ")
    if settings.METRICS_TOKEN_FILE is None or scheme.lower() != "bearer":
        return False
    try:
        # Read each time: it may be replaced while the site runs.
        token = settings.METRICS_TOKEN_FILE.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        logger.error("METRICS_TOKEN_FILE cannot be read: %s", error)
        return False
    return bool(token) and hmac.compare_digest(sent.strip().encode(), token.encode())


def _is_near(request: HttpRequest) -> bool:
    """Whether the request comes from this machine or the network that may. What a proxy brings that
    is not counted in ``TRUSTED_PROXIES`` comes from anywhere."""
    if not settings.REST_FRAMEWORK["NUM_PROXIES"] and any(map(request.META.get, _FORWARDED)):
        return False
    found = clients.ip(request)
    if found is None:
        return False
    network = settings.METRICS_NETWORK
    return found.is_loopback or bool(network and found in ip_network(network))
