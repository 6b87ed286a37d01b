"""The small network: each cell is seen at full size, and its surroundings beside it."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="the packages of the model are not installed")

from inference.networks.architectures import SMALL, Architecture, build  # noqa: E402
from inference.networks.segformer import DetailedSegFormer  # noqa: E402


def network() -> DetailedSegFormer:
    torch.manual_seed(0)
    built = build(Architecture(SMALL, bands=14, labels=11)).eval()
    assert isinstance(built, DetailedSegFormer)
    return built


def changed_cells(net: torch.nn.Module) -> torch.Tensor:
    """Where logits change when one cell of the input does: (rows, columns) of bool."""
    generator = torch.Generator().manual_seed(1)
    before = torch.randn(1, 14, 64, 64, generator=generator)
    after = before.clone()
    after[:, :, 30, 33] += 3
    with torch.inference_mode():
        return ((net(after) - net(before)).abs() > 1e-6).any(dim=1)[0]


def test_logits_are_as_large_as_the_input() -> None:
    with torch.inference_mode():
        assert network()(torch.zeros(2, 14, 32, 64)).shape == (2, 11, 32, 64)


def test_the_branch_tells_a_cell_from_its_neighbours() -> None:
    net = network()
    net.context.register_forward_hook(lambda _module, _given, found: torch.zeros_like(found))
    rows, columns = torch.nonzero(changed_cells(net), as_tuple=True)
    assert set(rows.tolist()) == {29, 30, 31}
    assert set(columns.tolist()) == {32, 33, 34}


def test_the_context_reaches_further() -> None:
    assert changed_cells(network()).sum() > 9
