"""The table of permissions: addresses, and the status that each kind of client gets.

    anonymous   nobody                        superuser   may do everything
    reader      an account without rights     owner       of the set and of the sample, no staff
    staff       staff without permissions     other       owner of another set, no staff
    viewer      staff who may view all        token       the owner's, with the scope `read` alone

Unpublished: the set ``{set}`` with its level and zone, the upload ``{checked}``, the sample. 302 is
the way to the page of sign-in for whoever may not, or back to a page after something was done; 404
hides what there is. 400, 409 and 422 are answers to whoever may, about what was sent.

A row with one status is the same for everybody; it is asked for by the clients ``ALIKE``.
"""

from __future__ import annotations

from dataclasses import dataclass

CLIENTS = ("anonymous", "reader", "staff", "viewer", "superuser", "owner", "other", "token")
ALIKE = ("anonymous", "superuser", "token")


@dataclass(frozen=True, slots=True)
class Row:
    """An address, and the status for each client that asks."""

    method: str
    address: str
    expected: dict[str, int]

    def __str__(self) -> str:
        return f"{self.method} {self.address}"


def _rows(table: str) -> list[Row]:
    found = []
    for line in table.strip().splitlines():
        method, address, *statuses = line.split()
        clients = CLIENTS if len(statuses) > 1 else ALIKE
        numbers = list(map(int, statuses)) * (len(clients) // len(statuses))
        found.append(Row(method, address, dict(zip(clients, numbers, strict=True))))
    return found


# anonymous, reader, staff, viewer, superuser, owner, other, token
ROWS = _rows("""
GET    /healthz                                                      200
GET    /readyz                                                       200
GET    /metrics                                                      403
GET    /.well-known/security.txt                                     200
GET    /                                                             200
GET    /territories/                                                 200
GET    /territories/commune/                                         200
GET    /territories/commune/07001/                                   200
GET    /territories/commune/07001/charts/share.svg                   200
GET    /territories/commune/07001/report/                            200
GET    /territories/commune/07001/tables/statistics.csv              200
GET    /territories/commune/07001/transitions.csv                    200
GET    /territories/commune/07001/cells.png                          404
GET    /territories/commune/07001/shape.geojson                      200
GET    /territories/{level}/{zone}/                                  404 404 200 200 200 200 404 200
GET    /territories/{level}/{zone}/tables/statistics.csv             404 404 200 200 200 200 404 200
GET    /territories/{level}/{zone}/shape.geojson                     404 404 200 200 200 200 404 200
GET    /embed/territories/commune/07001/                             200
GET    /ranking/                                                     302
GET    /ranking/commune/                                             200
GET    /ranking/commune/table.csv                                    200
GET    /area/                                                        200
GET    /compare/                                                     200
GET    /compare/table.csv?t=commune:07001                            200
GET    /editions/                                                    200
GET    /editions/clcplus-2021/checks/                                302 302 403 200 200 302 302 302
POST   /editions/clcplus-2021/checks/again/                          302 302 403 403 302 302 302 302
POST   /editions/clcplus-2023/checks/reject/                         302 302 403 403 409 302 302 302
GET    /method/                                                      200
GET    /search/?q=saint                                              200
GET    /search/suggestions/?q=saint                                  200
GET    /reports/{report}/                                            200
GET    /reports/{report}/progress/                                   200
GET    /reports/{report}.pdf                                         404
GET    /zones/                                                       200
GET    /zones/new/                                                   403 403 200 200 200 403 403 403
POST   /zones/new/                                                   403 403 400 400 400 403 403 403
GET    /zones/{checked}/                                             404 404 200 200 200 200 404 200
GET    /zones/{checked}/outlines/                                    404
POST   /zones/{checked}/answer/                                      404 404 302 302 302 302 404 404
POST   /zones/{checked}/accept/                                      404 404 409 409 409 409 404 404
POST   /zones/{checked}/discard/                                     404 404 302 302 302 302 404 404
GET    /zones/shared/{share}/                                        302
GET    /zones/{set}/                                                 404 404 200 200 200 200 404 200
GET    /zones/{set}/progress/                                        404 404 200 200 200 200 404 200
POST   /zones/{set}/publish/                                         404 404 409 409 409 409 404 404
POST   /zones/{set}/share/                                           404 404 302 302 302 302 404 404
POST   /zones/{set}/revoke/                                          404 404 302 302 302 302 404 404
POST   /zones/{set}/rename/                                          404 404 302 302 302 302 404 404
POST   /zones/{set}/delete/                                          404 404 302 302 302 302 404 404
POST   /zones/{set}/cancel/                                          404 404 302 302 302 302 404 404
GET    /zones/{set}/tables/statistics.csv                            404 404 200 200 200 200 404 200
GET    /zones/{set}/shapes.geojson                                   404 404 200 200 200 200 404 200
GET    /samples/                                                     403 403 200 200 200 403 403 403
GET    /samples/new/                                                 403 403 200 200 200 403 403 403
POST   /samples/new/                                                 403 403 422 422 422 403 403 403
GET    /samples/new/plan/                                            403 403 200 200 200 403 403 403
GET    /samples/{sample}/                                            403 404 200 200 200 200 404 200
GET    /samples/{sample}/progress/                                   403 404 200 200 200 200 404 200
GET    /samples/{sample}/label/                                      403 404 302 302 302 302 404 302
POST   /samples/{sample}/label/                                      403 404 404 404 404 404 404 403
POST   /samples/{sample}/import/                                     403 404 400 400 400 400 404 403
POST   /samples/{sample}/publish/                                    403 404 409 409 409 409 404 403
POST   /samples/{sample}/delete/                                     403 404 302 302 302 302 404 403
GET    /samples/{sample}/labels.csv                                  403 404 409 409 409 409 404 409
GET    /samples/{sample}/points.csv                                  403 404 409 409 409 409 404 409
GET    /samples/{sample}/points/1/later.png                          403 404 404 404 404 404 404 404
POST   /sign-out/                                                    302
GET    /jobs/                                                        302 302 403 200 200 302 302 302
GET    /jobs/{run}/                                                  302 302 403 200 200 302 302 302
GET    /jobs/{run}/progress/                                         302 302 403 200 200 302 302 302
POST   /jobs/{run}/cancel/                                           302 302 403 403 302 302 302 302
POST   /jobs/{ingest}/cancel/                                        302 302 403 403 302 302 302 302
POST   /jobs/{run}/resume/                                           302 302 403 403 302 302 302 302
GET    /api/v1/                                                      200
GET    /api/v1/editions/                                             200
GET    /api/v1/levels/                                               200
GET    /api/v1/search/?q=saint                                       200
GET    /api/v1/territories/                                          200
GET    /api/v1/territories/commune/07001/                            200
GET    /api/v1/territories/commune/07001/statistics/                 200
GET    /api/v1/territories/commune/07001/change/                     200
GET    /api/v1/territories/{level}/{zone}/                           404 404 200 200 200 200 404 200
GET    /api/v1/territories/{level}/{zone}/statistics/                404 404 200 200 200 200 404 200
GET    /api/v1/statistics/?level=commune                             200
GET    /api/v1/statistics/?level={level}                             400 400 200 200 200 200 400 200
POST   /api/v1/statistics/                                           422 422 422 422 422 422 422 403
GET    /api/v1/change/?level=commune                                 200
GET    /api/v1/shapes/?level=commune                                 200
GET    /api/v1/shapes/?level={level}                                 400 400 200 200 200 200 400 200
GET    /api/v1/zones/                                                200
POST   /api/v1/zones/                                                401 403 202 202 202 403 403 403
GET    /api/v1/zones/{set}/                                          404 404 200 200 200 200 404 200
PATCH  /api/v1/zones/{set}/                                          401 404 400 400 400 400 404 403
DELETE /api/v1/zones/{set}/                                          401 404 204 204 204 204 404 403
GET    /api/v1/zones/{checked}/report/                               401 404 404 404 404 404 404 404
GET    /api/v1/samples/                                              401 403 200 200 200 403 403 403
GET    /api/v1/samples/{sample}/                                     401 404 200 200 200 200 404 200
GET    /api/v1/samples/{sample}/points/                              401 404 409 409 409 409 404 409
GET    /api/v1/samples/{sample}/labels/                              401 404 200 200 200 200 404 200
POST   /api/v1/samples/{sample}/labels/                              401 404 400 400 400 400 404 403
GET    /api/v1/jobs/{set}/                                           401 404 200 200 200 200 404 200
POST   /api/v1/jobs/{set}/                                           401 404 202 202 202 202 404 403
DELETE /api/v1/jobs/{set}/                                           401 404 202 202 202 202 404 403
GET    /api/v1/jobs/{ingest}/                                        401 404 404 200 200 404 404 404
POST   /api/v1/jobs/{ingest}/                                        401 404 404 409 409 404 404 403
DELETE /api/v1/jobs/{ingest}/                                        401 404 404 409 202 404 404 403
GET    /api/v1/schema/                                               200
GET    /api/v1/docs/                                                 200
GET    /api/v1/nothing/                                              404
GET    /tiles/territories/commune.json                               200
GET    /tiles/territories/commune/12/2112/1400.mvt                   200
GET    /tiles/territories/{level}.json                               404 404 200 200 200 200 404 200
GET    /tiles/territories/{level}/12/2112/1400.mvt                   404 404 200 200 200 200 404 200
GET    /tiles/editions/clcplus-2021.json                             200
GET    /tiles/editions/clcplus-2021/12/2112/1400.png                 200
GET    /tiles/editions/clcplus-2021/12/2112/1400@2x.png              200
GET    /tiles/editions/clcplus-2023.json                             404
GET    /tiles/editions/clcplus-2023/12/2112/1400.png                 404
GET    /tiles/change/clcplus-2018/clcplus-2021.json                  200
GET    /tiles/change/clcplus-2018/clcplus-2021/12/2112/1400.png      200
GET    /tiles/change/clcplus-2018/clcplus-2021/12/2112/1400@2x.png   200
GET    /tiles/patches/clcplus-2018/clcplus-2021.json                 404
GET    /tiles/patches/clcplus-2018/clcplus-2021/12/2112/1400.mvt     404
GET    /tiles/nothing/                                               404
GET    /admin/                                                       302 302 200 200 200 302 302 302
GET    /admin/login/                                                 200 200 302 302 302 200 200 200
POST   /admin/logout/                                                302 302 200 200 200 302 302 302
GET    /admin/password_change/                                       302 302 200 200 200 302 302 302
GET    /admin/password_change/done/                                  302 302 200 200 200 302 302 302
GET    /admin/autocomplete/                                          302 302 403 403 403 302 302 302
GET    /admin/jsi18n/                                                302 302 200 200 200 302 302 302
GET    /admin/r/1/1/                                                 302 302 404 404 404 302 302 302
GET    /admin/auth/user/{account}/password/                          302 302 403 403 200 302 302 302
GET    /admin/clcplus/checkpoint/{checkpoint}/page/                  302 302 403 200 200 302 302 302
POST   /admin/clcplus/checkpoint/{checkpoint}/page/                  302 302 403 302 200 302 302 302
GET    /admin/clcplus/edition/ingest/                                302 302 302 302 200 302 302 302
POST   /admin/clcplus/edition/ingest/                                302 302 302 302 200 302 302 302
GET    /admin/auth/                                                  302 302 404 200 200 302 302 302
GET    /admin/nothing                                                302 302 404 404 404 302 302 302
""")

# What staff, a viewer and a superuser get: the list, and the forms to add one, to change and to
# delete one that there is not; these lead back (302). Nobody does what is 403 for a superuser.
_MODELS = """
auth/group               403/200/200 403/403/200 403/302/302 403/403/302
auth/user                403/200/200 403/403/200 403/302/302 403/403/302
clcplus/checkpoint       403/200/200 403/403/403 404/404/404 403/403/403
clcplus/prediction       403/200/200 403/403/403 403/302/302 403/403/403
clcplus/edition          403/200/200 403/403/403 403/302/302 403/403/403
clcplus/run              403/200/200 403/403/403 403/302/302 403/403/403
clcplus/level            403/200/200 403/403/403 403/302/302 403/403/403
clcplus/zoneset          403/200/200 403/403/403 403/302/302 403/403/403
clcplus/unit             403/200/200 403/403/403 403/302/302 403/403/403
clcplus/layer            403/200/200 403/403/403 403/302/302 403/403/403
clcplus/zone             403/200/200 403/403/403 403/302/302 403/403/403
clcplus/population       403/200/200 403/403/403 403/302/302 403/403/403
clcplus/watchedfile      403/200/200 403/403/403 403/302/302 403/403/403
clcplus/publication      403/200/200 403/403/403 403/302/302 403/403/403
clcplus/report           403/200/200 403/403/403 403/302/302 403/403/403
clcplus/zonebatch        403/200/200 403/403/403 403/302/302 403/403/403
clcplus/auditentry       403/200/200 403/403/403 403/302/302 403/403/403
clcplus/filteredpair     403/200/200 403/403/403 403/302/302 403/403/403
clcplus/referencesample  403/200/200 403/403/403 403/302/302 403/403/403
clcplus/editioncheck     403/200/200 403/403/403 403/302/302 403/403/403
clcplus/notice           403/200/200 403/403/403 403/302/302 403/403/403
clcplus/apitoken         403/200/200 403/403/200 403/302/302 403/403/302
"""
_IN_ADMIN = ("anonymous", "staff", "viewer", "superuser")


def _of_admin() -> dict[str, list[Row]]:
    found = {}
    for line in _MODELS.strip().splitlines():
        model, *pages = line.split()
        page = f"/admin/{model}/"
        rows = []
        for name, statuses in zip(("", "add/", "0/change/", "0/delete/"), pages, strict=True):
            numbers = (302, *map(int, statuses.split("/")))
            rows.append(Row("GET", page + name, dict(zip(_IN_ADMIN, numbers, strict=True))))
        # The framework's own, which show nothing of what there is not.
        for name in ("0/", "0/history/"):
            rows.append(Row("GET", page + name, dict.fromkeys(("anonymous", "staff"), 302)))
        found[model] = rows
    return found


ADMIN = _of_admin()
"""Rows by model."""
