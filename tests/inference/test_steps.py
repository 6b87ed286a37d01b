"""What a step sees and does: batches, losses, parts, rates; and the weights that it begins with."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from transformers import SegformerConfig, SegformerForImageClassification

from inference.composites.bands import MISSING, SCALE
from inference.errors import CheckpointError, CorruptWeights
from inference.networks.architectures import SEGFORMERS, Architecture, build
from inference.networks.segformer import SegFormer
from inference.training.batches import Batch, Changes, Preparation, draw_changes, draw_order
from inference.training.configuration import Augmentation
from inference.training.examples import IGNORED
from inference.training.initial_weights import load_encoder
from inference.training.optimisation import Stepper, rate, summed_loss, weight_of
from tests.inference.standardised import standardise

CPU = torch.device("cpu")
BANDS = ("B04", "NDVI", "summer.B08")
MEAN, STD = (0.1, 0.4, 0.2), (0.05, 0.3, 0.1)


def preparation() -> Preparation:
    return Preparation(bands=BANDS, mean=MEAN, std=STD, device=CPU)


def windows(count: int, *, side: int = 4) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(5)
    stored = generator.integers(-2000, 9000, (count, 3, side, side)).astype(np.int16)
    stored[:, :, 0, 1] = MISSING
    targets = generator.integers(0, 3, (count, side, side)).astype(np.uint8)
    targets[:, 0, 1] = IGNORED
    return stored, targets


def batch(changes: Changes | None = None, *, count: int = 3) -> Batch:
    stored, targets = windows(count)
    return Batch(torch.from_numpy(stored), torch.from_numpy(targets), changes)


def test_trained_on_what_is_predicted_on() -> None:
    stored, _ = windows(3)
    imagery, targets = preparation()(batch())
    for number in range(3):
        values = stored[number].astype(np.float32) / np.float32(SCALE)
        values[:, stored[number, 0] == MISSING] = np.nan
        expected, _ = standardise(values, mean=MEAN, std=STD)
        np.testing.assert_allclose(imagery[number].numpy(), expected, rtol=1e-6, atol=1e-6)
    assert targets.dtype == torch.int64


def test_imagery_and_labels_are_turned_alike() -> None:
    changes = Changes(
        flips=np.array([False, True, True]),
        turns=np.array([1, 0, 3]),
        factors=np.ones(3, dtype=np.float32),
    )
    plain, labels = preparation()(batch())
    turned, turned_labels = preparation()(batch(changes))
    for number, (flip, turns) in enumerate([(False, 1), (True, 0), (True, 3)]):
        picture, label = plain[number].numpy(), labels[number].numpy()
        if flip:
            picture, label = picture[..., ::-1], label[..., ::-1]
        np.testing.assert_array_equal(turned[number], np.rot90(picture, turns, (1, 2)))
        np.testing.assert_array_equal(turned_labels[number], np.rot90(label, turns))


def test_brightness_changes_reflectance_and_no_index_and_nothing_missing() -> None:
    factors = np.array([1.0, 1.2, 0.8], dtype=np.float32)
    changes = Changes(np.zeros(3, dtype=np.bool_), np.zeros(3, dtype=np.int64), factors)
    plain, _ = preparation()(batch())
    bright, _ = preparation()(batch(changes))
    np.testing.assert_array_equal(bright[:, 1], plain[:, 1])
    np.testing.assert_array_equal(bright[:, :, 0, 1], 0)
    for band in (0, 2):
        reflectance = plain[:, band, 1:] * STD[band] + MEAN[band]
        expected = (reflectance * torch.from_numpy(factors)[:, None, None] - MEAN[band]) / STD[band]
        torch.testing.assert_close(bright[:, band, 1:], expected, rtol=1e-4, atol=1e-5)


def test_changes_are_functions_of_seed_and_epoch() -> None:
    def drawn(**keys: int) -> list[Any]:
        found = draw_changes(Augmentation(), examples=50, **keys)
        return [found.flips.tolist(), found.turns.tolist(), found.factors.tolist()]

    assert drawn(seed=1, epoch=2) == drawn(seed=1, epoch=2)
    assert drawn(seed=1, epoch=2) != drawn(seed=1, epoch=3)
    assert drawn(seed=1, epoch=2) != drawn(seed=2, epoch=2)
    flips, turns, factors = drawn(seed=1, epoch=2)
    assert {*flips} == {False, True}
    assert {*turns} == {0, 1, 2, 3}
    assert 0.9 <= min(factors) < 0.95 < 1.05 < max(factors) <= 1.1
    off = draw_changes(Augmentation(False, False, 0), examples=50, seed=1, epoch=2)
    assert not off.flips.any()
    assert not off.turns.any()
    assert (off.factors == 1).all()


@given(examples=st.integers(1, 200), size=st.integers(1, 40), epoch=st.integers(0, 3))
def test_an_epoch_sees_every_example_once(examples: int, size: int, epoch: int) -> None:
    steps = draw_order(examples=examples, seed=9, epoch=epoch, size=size)
    assert sorted(np.concatenate(steps).tolist()) == list(range(examples))
    assert min(map(len, steps)) >= min(size, examples)
    assert max(map(len, steps)) < 2 * size or len(steps) == 1


def network() -> nn.Module:
    torch.manual_seed(1)
    return nn.Conv2d(3, 3, 1)


def gradients(most_at_once: int, weights: torch.Tensor | None) -> torch.Tensor:
    net = network()
    stepper = Stepper(
        net,
        torch.optim.SGD(net.parameters(), lr=0.0),
        preparation(),
        weights=weights,
        most_at_once=most_at_once,
    )
    stepper.step(batch(count=5), learning_rate=0.0, seed=0)
    found = net.weight.grad
    assert isinstance(found, torch.Tensor)
    return found


@pytest.mark.parametrize("weights", [None, torch.tensor([5.0, 1.0, 0.5])])
def test_gradients_in_parts_are_those_of_the_whole(weights: torch.Tensor | None) -> None:
    net = network()
    imagery, targets = preparation()(batch(count=5))
    # The library's own mean, over labelled cells and by weights.
    loss = nn.functional.cross_entropy(net(imagery), targets, weight=weights, ignore_index=IGNORED)
    loss.backward()
    nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    for most_at_once in (5, 2, 1):
        torch.testing.assert_close(
            gradients(most_at_once, weights), net.weight.grad, rtol=1e-4, atol=1e-6
        )


def test_cells_without_a_label_have_no_loss() -> None:
    logits = torch.randn(2, 3, 4, 4)
    targets = torch.full((2, 4, 4), IGNORED)
    assert float(summed_loss(logits, targets, None)) == 0
    assert weight_of(targets, None) == 0
    targets[0, 0, 0] = 2
    before = float(summed_loss(logits, targets, None))
    logits[1] = 99
    logits[0, :, 1:] = -99
    assert float(summed_loss(logits, targets, None)) == before
    assert weight_of(targets, torch.tensor([1.0, 2.0, 7.0])) == 7


@pytest.mark.parametrize("schedule", ["cosine", "one-cycle"])
def test_rates_rise_to_the_highest_and_fall_to_nothing(schedule: str) -> None:
    rates = [rate(step, steps=200, schedule=schedule) for step in range(200)]
    top = int(np.argmax(rates))
    assert 0.99 < rates[top] <= 1
    assert rates[:top] == sorted(rates[:top])
    assert rates[top:] == sorted(rates[top:], reverse=True)
    assert rates[-1] < 0.001
    assert 0 < rates[0] < 0.2
    assert top == pytest.approx(10 if schedule == "cosine" else 60, abs=1)


def test_a_single_step_has_a_rate() -> None:
    assert math.isfinite(rate(0, steps=1, schedule="cosine"))


def saved_encoder(folder: Path, name: str, *, bands: int = 3) -> SegformerForImageClassification:
    """An encoder with random weights, saved as the hub has those of ImageNet."""
    shape = SEGFORMERS[name]
    config = SegformerConfig(
        num_channels=bands, depths=list(shape.depths), hidden_sizes=list(shape.hidden_sizes)
    )
    torch.manual_seed(4)
    model = SegformerForImageClassification(config)
    model.save_pretrained(folder)
    return model


def test_imagenet_weights_from_a_folder(tmp_path: Path) -> None:
    model = saved_encoder(tmp_path / "mit-b0", "segformer-b0")
    bands = ("B02", "B03", "B04", "B08", "NDVI")
    net = build(Architecture("segformer-b0", bands=5, labels=3))
    assert isinstance(net, SegFormer)
    load_encoder(net, str(tmp_path / "mit-b0"), bands=bands)
    given_weights = model.segformer.state_dict()
    taken = net.net.get_submodule("segformer").state_dict()
    first = "stages.0.patch_embeddings.proj.weight"
    for key, value in given_weights.items():
        if key != first:
            torch.testing.assert_close(taken[key], value)
    colours = given_weights[first]
    torch.testing.assert_close(taken[first][:, 2], colours[:, 0] * 3 / 5)
    torch.testing.assert_close(taken[first][:, 0], colours[:, 2] * 3 / 5)
    torch.testing.assert_close(taken[first][:, 4], colours.mean(dim=1) * 3 / 5)


def test_weights_of_another_encoder_are_refused(tmp_path: Path) -> None:
    saved_encoder(tmp_path / "mit-b0", "segformer-b0")
    net = build(Architecture("segformer-b1", bands=4, labels=3))
    assert isinstance(net, SegFormer)
    with pytest.raises(CorruptWeights, match="missing or of another size"):
        load_encoder(net, str(tmp_path / "mit-b0"), bands=("B02", "B03", "B04", "B08"))


def test_a_folder_without_weights_is_one_line(tmp_path: Path) -> None:
    net = build(Architecture("segformer-b0", bands=4, labels=3))
    assert isinstance(net, SegFormer)
    with pytest.raises(CheckpointError, match="a folder with weights of MiT") as caught:
        load_encoder(net, str(tmp_path), bands=("B02", "B03", "B04", "B08"))
    assert "\n" not in str(caught.value)
