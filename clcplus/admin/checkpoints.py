"""Trained networks in the admin: their quality, their predictions, and a form to predict."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.html import format_html

from clcplus.actions.predictions.imagery import composites
from clcplus.actions.predictions.prediction_requests import request_prediction
from clcplus.actions.territories.named_zone import territory_named
from clcplus.admin.base import ReadOnly, request_run
from clcplus.errors import UnknownLevel
from clcplus.models import Checkpoint, Prediction, Zone
from clcplus.presentation.model_quality import areas, quality, training_quality
from clcplus.presentation.numbers import count, decimal, hectares

_PREDICTIONS = 20


class PredictForm(forms.Form):
    """What an administrator says to have an edition predicted."""

    year = forms.IntegerField(label="Year of the imagery", min_value=2015, max_value=2100)
    territory = forms.CharField(
        required=False,
        max_length=90,
        help_text="Level and code, such as departement:07N. Empty: all of the imagery.",
    )
    composite = forms.ChoiceField(
        required=False, help_text="Files of the folder that CLCPLUS_IMAGERY names."
    )
    publish = forms.BooleanField(
        required=False, help_text="Show it to readers, as modelled, as soon as it is counted."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.files_known = {path.name: path for path in composites()}
        choices = self.fields["composite"]
        assert isinstance(choices, forms.ChoiceField)
        names = [(name, name) for name in self.files_known]
        choices.choices = [("", "the one of the year"), *names]

    def clean_territory(self) -> Zone | None:
        """The territory that is named."""
        text = self.cleaned_data["territory"].strip()
        try:
            return territory_named(text) if text else None
        except UnknownLevel as error:
            raise forms.ValidationError(str(error)) from None

    def clean_composite(self) -> Path | None:
        """The file that is named."""
        return self.files_known.get(self.cleaned_data["composite"])


@admin.register(Checkpoint)
class CheckpointAdmin(ReadOnly):
    """Checkpoints, each with a page of its metrics and a form to predict with it."""

    list_display = (
        "page",
        "architecture",
        "trained_in",
        "trained_on",
        "iou_of_sealed",
        "f1_of_sealed",
        "made",
        "registered_at",
    )
    list_display_links = None
    search_fields = ("name", "identity")

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.registry_page)
        return [path("<int:id>/page/", view, name="clcplus_checkpoint_page"), *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Checkpoint]:
        """With the number of predictions."""
        return super().get_queryset(request).annotate(made=Count("predictions"))

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> Any:
        """Its own page instead of a form."""
        if self.get_object(request, unquote(object_id)) is None:
            raise Http404
        return redirect("admin:clcplus_checkpoint_page", object_id)

    @admin.display(description="checkpoint")
    def page(self, checkpoint: Checkpoint) -> str:
        """The way to its page."""
        return format_html(
            '<a href="{}"><b>{}</b></a><br><code title="{}">{}…</code>',
            reverse("admin:clcplus_checkpoint_page", args=(checkpoint.pk,)),
            checkpoint.name,
            checkpoint.identity,
            checkpoint.identity[:12],
        )

    @admin.display(description="trained in")
    def trained_in(self, checkpoint: Checkpoint) -> str:
        areas_known = len(checkpoint.training_areas)
        return f"{count(areas_known)} territories" if areas_known else "–"

    @admin.display(description="imagery of")
    def trained_on(self, checkpoint: Checkpoint) -> str:
        return ", ".join(map(str, checkpoint.training_years)) or "–"

    @admin.display(description="IoU of sealed")
    def iou_of_sealed(self, checkpoint: Checkpoint) -> str:
        return _of_sealed(checkpoint, "iou")

    @admin.display(description="F1 of sealed")
    def f1_of_sealed(self, checkpoint: Checkpoint) -> str:
        return _of_sealed(checkpoint, "f1")

    @admin.display(description="predictions")
    def made(self, checkpoint: Any) -> str:
        return count(checkpoint.made)

    def registry_page(self, request: HttpRequest, id: int) -> HttpResponse:
        """The quality of a checkpoint, its predictions, and the form to predict with it."""
        checkpoint = get_object_or_404(Checkpoint, pk=id)
        if not self.has_view_permission(request, checkpoint):
            raise PermissionDenied
        if request.method == "POST" and not request.user.is_superuser:
            messages.error(request, "Only a superuser may predict editions.")
            return redirect("admin:clcplus_checkpoint_page", id)
        form = PredictForm(request.POST or None)
        started = request_run(request, form, request_prediction, checkpoint=checkpoint)
        if started is not None:
            return started
        predictions = checkpoint.predictions.select_related("run", "edition")
        if not request.user.has_perm("clcplus.view_prediction"):
            predictions = predictions.none()
        return self.page_response(
            request,
            "checkpoint/page.html",
            title=checkpoint.name,
            checkpoint=checkpoint,
            quality=training_quality(checkpoint.metrics),
            predictions=[Shown(prediction) for prediction in predictions[:_PREDICTIONS]],
            form=form,
        )


def _of_sealed(checkpoint: Checkpoint, measure: str) -> str:
    found = training_quality(checkpoint.metrics)
    value = getattr(found.sealed, measure) if found and found.sealed else None
    return "–" if value is None else f"{decimal(value, 2)} ({found.part if found else ''})"


class Shown:
    """A prediction with its figures for a list."""

    def __init__(self, prediction: Prediction) -> None:
        self.prediction = prediction
        self.area = areas(prediction.areas)
        nearest = quality(prediction.evaluation.get("metrics", {}))
        self.sealed = nearest.sealed if nearest else None


@admin.register(Prediction)
class PredictionAdmin(ReadOnly):
    """Predictions, with what they were found to be."""

    list_display = (
        "page",
        "checkpoint",
        "where",
        "state",
        "against",
        "iou_of_sealed",
        "by_probability",
        "by_class",
        "edition",
    )
    list_display_links = None
    list_filter = ("year", "run__state")
    list_select_related = ("run", "checkpoint", "edition")

    @admin.display(description="job")
    def page(self, prediction: Prediction) -> str:
        """The job's own page."""
        return format_html(
            '<a href="{}">{}</a>', reverse("job", args=(prediction.run_id,)), prediction.year
        )

    @admin.display(description="area")
    def where(self, prediction: Prediction) -> str:
        return prediction.territory_name or "all of the imagery"

    @admin.display(description="state")
    def state(self, prediction: Prediction) -> str:
        run = prediction.run
        said = str(run.get_state_display())
        return f"{said}, {run.percent} %" if run.state == run.State.RUNNING else said

    @admin.display(description="evaluated against")
    def against(self, prediction: Prediction) -> str:
        return str(prediction.evaluation.get("edition_name", "–"))

    @admin.display(description="IoU of sealed there")
    def iou_of_sealed(self, prediction: Prediction) -> str:
        found = Shown(prediction).sealed
        return "–" if found is None or found.iou is None else decimal(found.iou, 2)

    @admin.display(description="sealed, Σ p")
    def by_probability(self, prediction: Prediction) -> str:
        found = Shown(prediction).area
        return hectares(found.by_probability.mapped) if found else "–"

    @admin.display(description="sealed, Σ argmax")
    def by_class(self, prediction: Prediction) -> str:
        found = Shown(prediction).area
        return hectares(found.by_class.mapped) if found else "–"
