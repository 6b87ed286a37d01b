"""Commands that show how addresses with an account are used: the schema and the page of the API
have them."""

from __future__ import annotations

from django.conf import settings

_API = f"{settings.SITE_OF_EXAMPLES}/api/v1"
_TOKEN = '-H "Authorization: Bearer $TOKEN"'

SAMPLES_MEMBER = "x-codeSamples"
SAMPLES: dict[str, tuple[str, ...]] = {
    "posted_zone_statistics": (
        f"""\
curl -H "Content-Type: application/geo+json" --data-binary @area.geojson \\
  "{_API}/statistics/?format=csv\"""",
    ),
    "zone_sets": (f"curl {_TOKEN} {_API}/zones/",),
    "zone_set_upload": (
        f"""\
curl {_TOKEN} \\
  -F file=@catchments.zip -F crs=EPSG:2154 -F code_field=ID -F name_field=LABEL \\
  {_API}/zones/""",
        f"""\
curl {_TOKEN} \\
  -H "Content-Type: application/geo+json" --data-binary @catchments.geojson \\
  "{_API}/zones/?name=Catchments&skip_bad=true\"""",
    ),
    "zone_set": (
        f"""\
# level is that of the set, such as zones-0123456789abcdef
curl {_TOKEN} -o sealing.csv \\
  "{_API}/statistics/?level=$LEVEL&format=csv\"""",
    ),
    "zone_set_change": (
        f"""\
curl -X PATCH {_TOKEN} -H "Content-Type: application/json" \\
  -d '{{"name": "Catchments 2024", "published": true}}' \\
  {_API}/zones/$ID/""",
        f"""\
# where the job asks for the reference system
curl -X PATCH {_TOKEN} -H "Content-Type: application/json" \\
  -d '{{"crs": "EPSG:2154"}}' {_API}/zones/$ID/""",
    ),
    "zone_set_delete": (f"curl -X DELETE {_TOKEN} {_API}/zones/$ID/",),
    "zone_set_report": (f"""curl {_TOKEN} "{_API}/zones/$ID/report/?page_size=500\"""",),
    "job": (f"curl {_TOKEN} {_API}/jobs/$ID/",),
    "job_resume": (f"curl -X POST {_TOKEN} {_API}/jobs/$ID/",),
    "job_cancel": (f"curl -X DELETE {_TOKEN} {_API}/jobs/$ID/",),
}
"""Of each operation that has some."""
