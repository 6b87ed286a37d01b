"""Pages of samples: who sees them, what they do, and that the page of labels is blind."""

from __future__ import annotations

import re
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.utils import override_settings

from clcplus.actions.samples import publication, sample_rows
from clcplus.models import AreaEstimate, PointLabel, ReferenceSample, Run
from tests.region import Region
from tests.samples.world import (
    account,
    as_mapped,
    draw,
    drawn,
    exported,
    filled,
    label_all,
    requested,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quiet_broker")]


@pytest.fixture(autouse=True)
def _loaded(loaded: Region) -> None:
    """Every test has the region."""
    cache.clear()


def signed_in(name: str = "anne", **rights: Any) -> Client:
    client = Client()
    client.force_login(account(name, **rights))
    return client


def text_of(response: Any) -> str:
    return str(response.content.decode())


def label(client: Client, sample: ReferenceSample, **fields: Any) -> Any:
    return client.post(f"/samples/{sample.pk}/label/", fields)


ADDRESSES = (
    "/samples/",
    "/samples/new/",
    "/samples/new/plan/?later=clcplus-2021&points=100&design=stratified",
    "/samples/{id}/",
    "/samples/{id}/progress/",
    "/samples/{id}/label/",
    "/samples/{id}/points.csv",
    "/samples/{id}/labels.csv",
    "/samples/{id}/points/1/later.png",
)
FORMS = tuple(
    f"/samples/{{id}}/{action}/"
    for action in ("label", "import", "publish", "withdraw", "edit", "delete", "resume")
)


@pytest.mark.parametrize("address", ADDRESSES)
def test_readers_and_other_accounts_see_nothing(address: str) -> None:
    sample = drawn(points=60)
    address = address.format(id=sample.pk)
    assert Client().get(address).status_code == 403
    other = Client()
    other.force_login(User.objects.create_user("reader"))
    found = other.get(address)
    assert found.status_code == (404 if str(sample.pk) in address else 403)
    assert "Valmont" not in text_of(found)


@pytest.mark.parametrize("address", FORMS)
def test_other_accounts_change_nothing(address: str) -> None:
    sample = drawn(points=60)
    address = address.format(id=sample.pk)
    data = {"sure": "1", "point": "1", "earlier": "1", "later": "1", "confidence": "high"}
    assert Client().post(address, data).status_code == 403
    other = Client()
    other.force_login(User.objects.create_user("reader"))
    assert other.post(address, data).status_code == 404
    assert Client(enforce_csrf_checks=True).post(address, data).status_code == 403
    sample.refresh_from_db()
    assert (sample.name, sample.stage) == ("Valmont", "labelling")
    assert not PointLabel.objects.exists()


def test_a_form_draws_a_sample() -> None:
    client = signed_in()
    assert "No sample was drawn yet" in text_of(client.get("/samples/"))
    form = {
        "name": "Ouest",
        "earlier": "clcplus-2018",
        "later": "clcplus-2021",
        "territory": "departement:0V",
        "design": "stratified",
        "points": "80",
        "minimum": "5",
        "buffer_m": "10",
        "seed": "5",
        "second_opinion": "25",
    }
    response = client.post("/samples/new/", form)
    sample = ReferenceSample.objects.get()
    assert (response.status_code, response["Location"]) == (302, sample.get_absolute_url())
    assert (sample.territory.code, sample.second_opinion, sample.seed) == ("0V", 0.25, 5)
    page = text_of(client.get(response["Location"]))
    assert "being drawn" in page
    assert "data-moving" in page
    draw(sample)
    assert "data-arrived" in text_of(client.get(f"{sample.get_absolute_url()}progress/"))
    page = text_of(client.get(sample.get_absolute_url()))
    assert "0 of 100 labels" in page
    assert "newly sealed" in page
    assert "Ouest" in text_of(client.get("/samples/"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"later": "clcplus-1999"}, "Choose one of the editions."),
        ({"territory": "region:99"}, "There is no territory “region:99”"),
        ({"territory": "<b>"}, "&lt;b&gt;"),
        ({"points": "1"}, "greater than or equal to 2"),
        ({"points": "1e9"}, "Enter a whole number"),
        ({"points": "9" * 40}, "less than or equal to"),
        ({"buffer_m": "nan"}, "Enter a number"),
        ({"buffer_m": "1e308"}, "buffer"),
        ({"earlier": "clcplus-2021"}, "the edition of an earlier year first"),
        ({"name": "\u200b"}, "expected a name"),
        ({"design": "two-stage"}, "primary units"),
        ({"second_opinion": "inf"}, "Enter a number"),
    ],
)
def test_a_wrong_form_is_explained(change: dict[str, str], message: str) -> None:
    form = {"name": "x", "later": "clcplus-2021", "design": "stratified", "points": "80", **change}
    response = signed_in().post("/samples/new/", form)
    assert response.status_code == 422
    assert message in text_of(response)
    assert not ReferenceSample.objects.exists()


def test_the_plan_follows_the_form() -> None:
    client = signed_in()
    address = "/samples/new/plan/?later=clcplus-2021&earlier=clcplus-2018&design=stratified&points="
    few, many = text_of(client.get(f"{address}220")), text_of(client.get(f"{address}1500"))
    assert few != many
    assert "published from 1\u202f500 labelled points" in few
    row = re.compile(r"<th scope=\"row\">([\d\u202f,]+)</th><td>±&nbsp;([\d.]+)")
    widths = [float(width) for _, width in row.findall(many)]
    assert len(widths) > 3
    assert widths == sorted(widths, reverse=True)
    assert "No plan for these choices" in text_of(client.get(f"{address}x"))
    assert "No plan" not in text_of(
        client.get("/samples/new/plan/?later=clcplus-2021&design=simple&points=100")
    )


def test_labelling_leads_from_point_to_point_and_back() -> None:
    sample, client = drawn(points=60), signed_in()
    page = text_of(client.get(f"/samples/{sample.pk}/label/"))
    assert 'name="point" value="1"' in page
    fields = {"confidence": "low", "note": "=1+1", "earlier": "2", "later": "11"}
    response = label(client, sample, point="1", **fields)
    assert response["Location"] == f"/samples/{sample.pk}/label/?after=1"
    page = text_of(client.get(response["Location"]))
    assert 'name="point" value="2"' in page
    assert f"/samples/{sample.pk}/label/?point=1" in page
    again = text_of(client.get(f"/samples/{sample.pk}/label/?point=1"))
    assert again.count(" checked") == 3
    assert 'value="=1+1"' in again
    stored = PointLabel.objects.get()
    assert (stored.interpreter, stored.reference_later, stored.origin) == ("anne", 11, "page")
    assert "1 of 60 labels" in page


@pytest.mark.parametrize(
    ("fields", "status", "message"),
    [
        ({"later": "1"}, 400, "Choose a class for each date first."),
        ({"earlier": "0", "later": "1"}, 400, "Choose a class for each date first."),
        ({"earlier": "12", "later": "1"}, 422, "found the class 12"),
        ({"earlier": "1", "later": "253"}, 422, "found the class 253"),
        ({"earlier": "1", "later": "1", "confidence": "<b>"}, 422, "&lt;b&gt;"),
        ({"earlier": "1", "later": "1", "note": "x" * 301}, 422, "a note of 301 characters"),
        ({"earlier": "1", "later": "1", "point": "61"}, 404, ""),
        ({"earlier": "1", "later": "1", "point": "one"}, 404, ""),
    ],
)
def test_a_wrong_label_is_explained(fields: dict[str, str], status: int, message: str) -> None:
    sample = drawn(points=60)
    said = {"point": "1", "confidence": "high", "note": "", **fields}
    response = label(signed_in(), sample, **said)
    assert response.status_code == status
    assert message in text_of(response)
    assert not PointLabel.objects.exists()


def test_the_page_of_labels_is_blind() -> None:
    """Whatever the map shows at a point, the page is the same."""
    sample, client = drawn(points=60), signed_in()

    def page() -> str:
        text = text_of(client.get(f"/samples/{sample.pk}/label/?point=7"))
        return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", text)

    seen = set()
    for earlier, later, stratum in ((1, 1, 0), (6, 1, 1), (1, 7, 2), (7, 7, 4)):
        sample.points.filter(number=7).update(
            map_earlier=earlier,
            map_later=later,
            stratum=sample.strata.get(place=stratum),
            probability=0.001 * later,
        )
        seen.add(page())
    assert len(seen) == 1
    found = seen.pop()
    for name in ("stable_sealed", "gain", "buffer", "map_", "probability", "stratum"):
        assert not re.search(rf"\b{name}", found)
    # And blind files say no more.
    csv = text_of(client.get(f"/samples/{sample.pk}/points.csv"))
    assert csv.splitlines()[0] == (
        "id,x,y,lon,lat,reference_earlier,reference_later,confidence,interpreter,note"
    )
    assert "map_later" in text_of(client.get(f"/samples/{sample.pk}/points.csv?full=1"))


def test_a_second_opinion_is_of_another_interpreter_who_does_not_see_the_first() -> None:
    sample = drawn(points=60, second_opinion=0.1)
    twice = list(sample.points.filter(opinions=2).values_list("number", flat=True))
    assert len(twice) == 6
    label_all(sample, interpreter="anne")
    PointLabel.objects.update(note="seen by anne")
    first = signed_in("anne")
    assert "Nothing left to label" in text_of(first.get(f"/samples/{sample.pk}/label/"))
    second, offered = signed_in("ben"), []
    for _ in range(6):
        page = text_of(second.get(f"/samples/{sample.pk}/label/"))
        assert "seen by anne" not in page
        assert page.count(" checked") == 1  # how sure, as it begins
        number = re.search(r'name="point" value="(\d+)"', page)
        assert number
        offered.append(int(number[1]))
        fields = {"earlier": "1", "later": "1", "confidence": "high", "note": ""}
        label(second, sample, point=number[1], **fields)
    assert offered == twice
    assert "Nothing left to label" in text_of(second.get(f"/samples/{sample.pk}/label/"))
    page = text_of(first.get(sample.get_absolute_url()))
    assert "66 of 66 labels" in page
    assert text_of(first.get(f"/samples/{sample.pk}/labels.csv")).count("\n") == 67
    assert "of 6 points alike" in page


def test_two_who_work_at_once_are_offered_different_points() -> None:
    sample = drawn(points=60)
    pages = [
        text_of(signed_in(name).get(f"/samples/{sample.pk}/label/")) for name in ("anne", "ben")
    ]
    numbers = [re.findall(r'name="point" value="(\d+)"', page)[0] for page in pages]
    assert numbers == ["1", "2"]


def test_imagery_of_a_server_is_shown_round_the_cell() -> None:
    sample, client = drawn(points=60), signed_in()
    page = text_of(client.get(f"/samples/{sample.pk}/label/"))
    assert page.count("No imagery of") == 2
    tiles = {"tiles": "https://img.example/{z}/{x}/{y}.jpg", "attribution": "© <Makers>"}
    with override_settings(SAMPLE_IMAGERY={"earlier": tiles, "later": None}):
        page = text_of(client.get(f"/samples/{sample.pk}/label/"))
    assert page.count("No imagery of") == 1
    assert "© &lt;Makers&gt;" in page
    assert len(re.findall(r'<image href="https://img.example/18/\d+/\d+.jpg"', page)) >= 4
    assert 'style="' not in page
    assert "<script>" not in page


def test_the_composite_of_the_year_is_shown(tmp_path: Path) -> None:
    from tests.predictions.conftest import write_composite

    sample, client = drawn(points=60), signed_in()
    write_composite(tmp_path / "composite-2021.tif")
    point = sample.points.get(number=1)
    address = f"/samples/{sample.pk}/points/{point.number}/later.png"
    with override_settings(CLCPLUS_IMAGERY=tmp_path):
        page = text_of(client.get(f"/samples/{sample.pk}/label/"))
        assert address in page
        found = client.get(address)
        assert (found.status_code, found.content[:4]) == (200, b"\x89PNG")
        assert client.get(address.replace("later", "earlier")).status_code == 404
        assert client.get(address.replace("later", "else")).status_code == 404
    assert client.get(address).status_code == 404


def test_labels_are_imported_or_the_file_is_explained(tmp_path: Path) -> None:
    sample, client = drawn(points=60), signed_in()
    path = filled(exported(sample, tmp_path / "p.csv"), as_mapped)
    address = f"/samples/{sample.pk}/import/"

    def send(content: bytes, name: str = "labels.csv") -> Any:
        return client.post(address, {"file": SimpleUploadedFile(name, content)})

    for content, message in (
        (
            path.read_bytes().replace(b"\r\n1,", b"\r\n999,", 1).replace(b"\n1,", b"\n999,", 1),
            "ids",
        ),
        (b"\x89PNG\r\n", "expected a"),
        (b"", "expected"),
        (b"a,b\n1,2\n", "expected a column"),
    ):
        response = send(content)
        assert response.status_code == 422, content
        assert message in text_of(response)
        assert not PointLabel.objects.exists()
    assert client.post(address, {}).status_code == 400
    response = send(path.read_bytes())
    assert response["Location"].endswith("?imported=60")
    assert "60 labels were imported" in text_of(client.get(response["Location"]))
    assert set(PointLabel.objects.values_list("interpreter", "account__username")) == {
        ("anne", "anne")
    }


def test_a_sample_is_published_withdrawn_renamed_and_deleted() -> None:
    sample, client = drawn(territory="region:07", points=120), signed_in("ben")
    address = sample.get_absolute_url()
    response = client.post(f"{address}publish/")
    assert response.status_code == 422
    assert "found no label" in text_of(response)
    assert client.post(f"{address}withdraw/").status_code == 409
    label_all(sample)
    assert client.post(f"{address}publish/").status_code == 302
    assert AreaEstimate.objects.filter(sample=sample).exists()
    page = text_of(client.get(address))
    assert "Withdraw" in page
    assert "Import labels" not in page
    assert client.get(f"{address}label/").status_code == 302
    assert client.post(f"{address}edit/", {"name": "<i>Val"}).status_code == 302
    assert "&lt;i&gt;Val" in text_of(client.get(address))
    assert client.post(f"{address}edit/", {"name": " "}).status_code == 409
    assert client.post(f"{address}delete/").status_code == 409
    assert client.post(f"{address}explode/").status_code == 404
    assert client.post(f"{address}delete/", {"sure": "1"})["Location"] == "/samples/?deleted=1"
    assert client.get(address).status_code == 404
    assert client.get(f"/samples/{uuid.uuid4()}/").status_code == 404


def test_the_page_goes_on_to_move_when_the_draw_ends_while_it_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sample = requested(points=50)

    def newest_run(of: ReferenceSample) -> Run | None:
        draw(sample)
        return sample_rows.newest_run(of)

    address = f"{sample.get_absolute_url()}progress/"
    with monkeypatch.context() as patch:
        patch.setattr("clcplus.views.samples.page.newest_run", newest_run)
        assert "data-moving" in text_of(signed_in().get(address))
    assert "data-arrived" in text_of(signed_in().get(address))


def test_a_draw_that_failed_is_explained_and_tried_again() -> None:
    sample = draw(requested(points=50, options={"minimum": 40}))
    client = signed_in()
    page = text_of(client.get(sample.get_absolute_url()))
    assert "expected at least" in page
    ReferenceSample.objects.update(options={"allocation": "change", "minimum": 5})
    assert client.post(f"{sample.get_absolute_url()}resume/").status_code == 302
    assert draw(sample).stage == "labelling"


def test_readers_are_led_nowhere() -> None:
    assert "/samples/" not in text_of(Client().get("/zones/"))
    assert "/samples/" in text_of(signed_in().get("/zones/"))
    sample = drawn(territory="region:07")
    label_all(sample)
    publication.publish(sample=sample)
    assert Client().get(sample.get_absolute_url()).status_code == 403
