"""load_forward: from imagery of the demonstration region to a modelled edition of 2024."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from analytics.grid import CELL_AREA
from clcplus.actions.predictions.checkpoints import register_checkpoint
from clcplus.actions.predictions.prediction_requests import request_prediction
from clcplus.management.terminal import ExplainedCommand
from clcplus.models import Checkpoint, Edition, Prediction, Run
from demonstration import forward
from demonstration.forward import PREDICTED_YEAR, STEPS, TRAINING_YEAR, Judgement
from demonstration.imagery.composites import composite_path, make_imagery, truth_of_2024
from inference import checkpoint as checkpoints

NAME = "Demonstration, small SegFormer"


class Command(ExplainedCommand):
    help = (
        "Make imagery of the demonstration region, train a small network on it, test it on "
        "communes that it has not seen, and publish its map of 2024 as a modelled edition. "
        "A second call finds what is there; one that was ended goes on. Needs the packages of "
        "requirements/model.txt, and a worker of the queue `inference`."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--folder", type=Path, default=settings.CLCPLUS_DATA)
        parser.add_argument("--steps", type=int, default=STEPS, help="of the training")

    def handle(self, *, folder: Path, steps: int, **_: Any) -> None:
        folder = folder.absolute()
        with self._timed(f"imagery of {TRAINING_YEAR} and {PREDICTED_YEAR}"):
            make_imagery(
                folder=folder,
                years=(TRAINING_YEAR, PREDICTED_YEAR),
                progress=lambda step, share: self.progress.show(f"{step}, {share:.0%}"),
            )
        with self._timed("training on two thirds of the communes"):
            forward.train_network(
                folder=folder, steps=steps, progress=self._shown("training, step")
            )
        with self._timed("test on communes held out"):
            judgement = forward.judge(folder=folder, progress=self._shown("test, cell"))
        self._write_scores(judgement)
        checkpoint = self._register(folder, judgement)
        with self._timed(f"prediction of {PREDICTED_YEAR}"):
            prediction = self._predict(folder, checkpoint)
        self._write_areas(folder, prediction)
        self.stdout.write(f"{prediction.edition} is published")

    def _register(self, folder: Path, judgement: Judgement) -> Checkpoint:
        """Register the checkpoint, with its scores on the communes held out."""
        place = forward.checkpoint_folder(folder)
        found = checkpoints.read(place)
        summary = {
            key: judgement.against_edition[key]
            for key in ("cells", "accuracy", "mean_iou", "iou_sealed", "classes", "ece_sealed")
        }
        checkpoints.write_description(
            place, replace(found, metrics={**found.metrics, "test": summary})
        )
        return register_checkpoint(folder=place, name=NAME)

    def _predict(self, folder: Path, checkpoint: Checkpoint) -> Prediction:
        """The published prediction of the whole region: the former one, if there is one."""
        made = Prediction.objects.filter(checkpoint=checkpoint, year=PREDICTED_YEAR, level="")
        prediction = made.filter(edition__status=Edition.Status.PUBLISHED).first()
        if prediction is not None:
            return prediction
        waiting = made.exclude(run__state__in=(Run.State.FAILED, Run.State.CANCELLED)).first()
        run = waiting.run if waiting is not None else None
        if run is None:
            composite = composite_path(folder, PREDICTED_YEAR)
            run = request_prediction(
                checkpoint=checkpoint, year=PREDICTED_YEAR, composite=composite, publish=True
            )
        self.follow(run, name=f"prediction of {PREDICTED_YEAR}")
        ingest = Run.objects.get(pk=run.parameters["ingest"])
        self.follow(ingest, name=f"modelled edition {PREDICTED_YEAR}")
        return Prediction.objects.select_related("edition").get(run=run)

    def _write_scores(self, judgement: Judgement) -> None:
        edition, truth = judgement.against_edition, judgement.against_truth
        ndvi = edition["baselines"]["ndvi"]
        majority = edition["baselines"]["majority"]
        lines = [
            f"on {judgement.communes} communes held out, {TRAINING_YEAR}:",
            f"  IoU of sealed {_two(edition['iou_sealed'])} against the edition, "
            f"{_two(truth['iou_sealed'])} against the truth",
            f"  baselines: NDVI threshold {_two(ndvi['iou_sealed'] if ndvi else None)}, "
            f"majority class {_two(majority['iou_sealed'])}",
            f"  area of sealed, model / edition: {_two(edition['area_bias_sealed'])} by class, "
            f"{_two(edition['probability_bias_sealed'])} by probability",
        ]
        self.stdout.write("\n".join(lines))

    def _write_areas(self, folder: Path, prediction: Prediction) -> None:
        truth = truth_of_2024(folder)["sealed_cells"] * CELL_AREA / 1e6
        lines = [f"sealed in {PREDICTED_YEAR}: {truth:.1f} km² in truth"]
        for name, key in (("class", "by_class"), ("probability", "by_probability")):
            estimate = prediction.areas.get(key, {})
            if not estimate:
                continue
            line = f"  by {name}: {estimate['mapped_m2'] / 1e6:.1f} km²"
            if estimate["corrected_m2"] is not None:
                line += (
                    f", corrected {estimate['corrected_m2'] / 1e6:.1f} km² "
                    f"({estimate['low_m2'] / 1e6:.1f} to {estimate['high_m2'] / 1e6:.1f})"
                )
            lines.append(line)
        self.stdout.write("\n".join(lines))

    def _shown(self, what: str) -> Callable[[int, int], None]:
        def show(done: int, total: int) -> None:
            self.progress.show(f"{what} {done} of {total}, {done * 100 // max(total, 1)} %")

        return show

    @contextmanager
    def _timed(self, step: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        self.progress.end(f"{step}: {time.monotonic() - began:.0f} s")


def _two(value: float | None) -> str:
    return "none" if value is None else f"{value:.2f}"
