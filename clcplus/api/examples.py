"""Commands that show how addresses with an account are used; the API's page and its schema have
them, and name the site that is asked."""

from __future__ import annotations

from typing import Any

from django.conf import settings

_SITE = settings.SITE_OF_EXAMPLES
_TOKEN = '-H "Authorization: Bearer $TOKEN"'


def samples(*commands: str) -> dict[str, Any]:
    """Commands as the extension of a schema that documentation tools know."""
    return {"x-codeSamples": [{"lang": "Shell", "source": command} for command in commands]}


UPLOAD = f"""\
curl {_TOKEN} \\
  -F file=@catchments.zip -F crs=EPSG:2154 -F code_field=ID -F name_field=LABEL \\
  {_SITE}/api/v1/zones/"""
UPLOAD_GEOJSON = f"""\
curl {_TOKEN} \\
  -H "Content-Type: application/geo+json" --data-binary @catchments.geojson \\
  "{_SITE}/api/v1/zones/?name=Catchments&skip_bad=true\""""
WAIT = f"""\
curl {_TOKEN} {_SITE}/api/v1/jobs/$ID/"""
CANCEL = f"""\
curl -X DELETE {_TOKEN} {_SITE}/api/v1/jobs/$ID/"""
RESUME = f"""\
curl -X POST {_TOKEN} {_SITE}/api/v1/jobs/$ID/"""
LIST = f"""\
curl {_TOKEN} {_SITE}/api/v1/zones/"""
FIGURES = f"""\
# level is that of the set, such as zones-0123456789abcdef
curl {_TOKEN} -o sealing.csv \\
  "{_SITE}/api/v1/statistics/?level=$LEVEL&format=csv\""""
PUBLISH = f"""\
curl -X PATCH {_TOKEN} -H "Content-Type: application/json" \\
  -d '{{"name": "Catchments 2024", "published": true}}' \\
  {_SITE}/api/v1/zones/$ID/"""
ANSWER = f"""\
# where the job asks for the reference system
curl -X PATCH {_TOKEN} -H "Content-Type: application/json" \\
  -d '{{"crs": "EPSG:2154"}}' {_SITE}/api/v1/zones/$ID/"""
REMOVE = f"""\
curl -X DELETE {_TOKEN} {_SITE}/api/v1/zones/$ID/"""
REPORT = f"""\
curl {_TOKEN} "{_SITE}/api/v1/zones/$ID/report/?page_size=500\""""
COUNT_AREA = f"""\
curl -H "Content-Type: application/geo+json" --data-binary @area.geojson \\
  "{_SITE}/api/v1/statistics/?format=csv\""""
