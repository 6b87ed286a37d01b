"""Networks have the sizes of their papers, and give a logit for each label and cell."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from inference.errors import ConfigurationError
from inference.networks.architectures import NAMES, Architecture, build
from inference.networks.segformer import SegFormer, adapt_first_layer


def on_meta(name: str, *, bands: int, labels: int) -> SegFormer:
    """A network without memory for its weights."""
    with torch.device("meta"):
        network = build(Architecture(name, bands=bands, labels=labels))
    assert isinstance(network, SegFormer)
    return network


def parameters(network: nn.Module) -> int:
    return sum(p.numel() for p in network.parameters())


@pytest.mark.parametrize(
    ("name", "encoder"),
    [
        ("segformer-b0", 3_319_392),
        ("segformer-b1", 13_151_424),
        ("segformer-b2", 24_196_288),
        ("segformer-b3", 44_072_128),
        ("segformer-b4", 60_842_688),
        ("segformer-b5", 81_443_008),
    ],
)
def test_encoders_have_the_published_parameters(name: str, encoder: int) -> None:
    network = on_meta(name, bands=3, labels=150)
    assert parameters(network.net.get_submodule("segformer")) == encoder


@pytest.mark.parametrize(
    ("name", "whole"), [("segformer-b0", 3_734_476), ("segformer-b2", 27_390_348)]
)
def test_fourteen_bands_and_twelve_labels(name: str, whole: int) -> None:
    assert parameters(on_meta(name, bands=14, labels=12)) == whole


def test_tempcnn_has_the_published_parameters() -> None:
    network = build(Architecture("tempcnn", bands=54 * 12, labels=11, dates=54))
    statistics = sum(
        buffer.numel() for name, buffer in network.named_buffers() if "running" in name
    )
    assert parameters(network) + statistics == 934_603


def test_full_b2_trains_a_step_and_predicts_a_window() -> None:
    torch.manual_seed(0)
    network = build(Architecture("segformer-b2", bands=14, labels=11))
    optimiser = torch.optim.AdamW(network.parameters(), lr=1e-4)
    imagery, targets = torch.randn(1, 14, 64, 64), torch.randint(0, 11, (1, 64, 64))
    before = [p.detach().clone() for p in network.parameters()]
    loss = nn.functional.cross_entropy(network(imagery), targets)
    loss.backward()
    optimiser.step()
    moved = [not torch.equal(a, b) for a, b in zip(before, network.parameters(), strict=True)]
    # Stochastic depth leaves out a layer now and then.
    assert sum(moved) > 0.9 * len(moved)
    assert moved[0]
    assert moved[-1]
    network.eval()
    with torch.inference_mode():
        logits = network(imagery)
    assert logits.shape == (1, 11, 64, 64)
    assert torch.isfinite(logits).all()


# B3 to B5 are as B2, with more layers of the same kind.
@pytest.mark.parametrize(
    "name", sorted({*NAMES} - {"segformer-b3", "segformer-b4", "segformer-b5"})
)
def test_every_network_gives_logits_for_each_cell(name: str) -> None:
    network = build(Architecture(name, bands=6, labels=3, dates=3)).eval()
    with torch.inference_mode():
        assert network(torch.randn(2, 6, 32, 32)).shape == (2, 3, 32, 32)


def test_tempcnn_sees_the_dates_one_after_the_other() -> None:
    network = build(Architecture("tempcnn", bands=6, labels=3, dates=3)).eval()
    imagery = torch.randn(1, 6, 2, 2)
    with torch.inference_mode():
        logits = network(imagery)[0, :, 1, 0]
        # Three dates of two features: (features, dates) of the cell.
        series = imagery[0, :, 1, 0].reshape(3, 2).T[None]
        alone = network.net(series)[0]
    torch.testing.assert_close(logits, alone)


def test_a_first_layer_for_more_bands_keeps_the_colours() -> None:
    weight = torch.randn(4, 3, 7, 7)
    adapted = adapt_first_layer(weight, bands=("B02", "summer.B04", "B08"))
    torch.testing.assert_close(adapted[:, 0], weight[:, 2])
    torch.testing.assert_close(adapted[:, 1], weight[:, 0])
    torch.testing.assert_close(adapted[:, 2], weight.mean(dim=1))


@pytest.mark.parametrize(
    ("name", "bands", "labels", "dates"),
    [("unet", 3, 3, 1), ("tempcnn", 5, 3, 2), ("segformer-b0", 0, 3, 1), ("tempcnn", 4, 1, 2)],
)
def test_what_cannot_be_built_is_said(name: str, bands: int, labels: int, dates: int) -> None:
    with pytest.raises(ConfigurationError, match=r"found .*; expected "):
        Architecture(name, bands=bands, labels=labels, dates=dates)
