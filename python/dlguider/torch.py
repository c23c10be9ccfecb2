"""From a PyTorch module to an ONNX file that keeps what dlguider shows: names of modules, and lines where the exporter writes them.

A thin layer over `torch.onnx.export`. The newer exporter (torch.export, "dynamo") is tried first: it writes the scope of each
node and the line of the program. Where PyTorch lacks it, or it fails, the TorchScript exporter writes the names of modules in
the names of nodes; the lines then come from the program (`dlguider.rank(..., program=)`).
"""

from __future__ import annotations

import contextlib
import inspect
import logging
import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch

from ._rank import inspect as read
from .errors import UnsupportedError, UsageError

EXPORTERS = ("dynamo", "torchscript")


def export(module: torch.nn.Module, sample: Any, path: str | os.PathLike[str], *, exporter: str | None = None,
           opset: int | None = None) -> str:
    """Writes the module as ONNX, in evaluation mode, with a free number of tests.

    Args:
        module: a trained torch.nn.Module. It is left as it was.
        sample: what `forward` takes: a tensor, a tuple of tensors, or a dict of tensors by name of the argument; the first axis of
            each counts tests, and at least two tests are given. Numpy arrays are taken as tensors.
        path: the .onnx file. A module over 2 GiB has its weights in a file beside it.
        exporter: "dynamo" or "torchscript"; None: dynamo where it works and keeps the names of the modules, else torchscript.
        opset: of the file; None: the exporter's own choice.

    Returns:
        The exporter that wrote the file.

    Raises:
        UsageError: a wrong argument.
        UnsupportedError: no exporter can write this module; the sentence has the reason of each.
    """
    if not isinstance(module, torch.nn.Module):
        raise UsageError(f"a {type(module).__name__} is no torch.nn.Module", "module")
    if exporter not in (None, *EXPORTERS):
        raise UsageError(f"no exporter {exporter!r}; there are {', '.join(EXPORTERS)}", "exporter")
    arguments, names = _arguments(module, sample)
    reasons: list[str] = []
    for tried in [exporter] if exporter else EXPORTERS:
        if tried == "dynamo" and not has_dynamo():
            reasons.append(f"dynamo: PyTorch {torch.__version__} lacks it, or onnxscript is not installed")
            continue
        write = _dynamo if tried == "dynamo" else _torchscript
        try:
            with _evaluating(module), _quiet(), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                write(module, arguments, names, os.fspath(path), opset)
                if tried == "dynamo" and not exporter:
                    _check_names(module, os.fspath(path))
            return tried
        except Exception as why:  # exporters raise anything
            first = str(why).strip().splitlines()
            reasons.append(f"{tried}: {type(why).__name__}: {first[0] if first else ''}"[:300])
    raise UnsupportedError(f"{type(module).__name__} cannot be exported to ONNX ({'; '.join(reasons)})", "module")


def has_dynamo() -> bool:
    """Whether this PyTorch has the newer exporter with what it needs."""
    if "dynamo" not in inspect.signature(torch.onnx.export).parameters:
        return False
    try:
        import onnxscript  # noqa: F401
    except ImportError:
        return False
    return True


def _tensor(value: Any) -> torch.Tensor:
    tensor = value if isinstance(value, torch.Tensor) else torch.as_tensor(value)
    if tensor.ndim == 0 or tensor.shape[0] < 2:
        raise UsageError(f"the sample has shape {tuple(tensor.shape)}; at least two tests on the first axis are needed, so that their number is free", "sample")
    return tensor


def _arguments(module: torch.nn.Module, sample: Any) -> tuple[tuple[torch.Tensor, ...], list[str]]:
    """Tensors in the order of forward's arguments, with their names."""
    names = list(inspect.signature(module.forward).parameters)
    if isinstance(sample, Mapping):
        unknown = [name for name in sample if name not in names]
        if unknown:
            raise UsageError(f"forward has no argument {unknown[0]!r}; it has {', '.join(names)}", "sample")
        given = [name for name in names if name in sample]
        if names[:len(given)] != given:
            raise UsageError(f"the sample leaves out {names[[n in sample for n in names].index(False)]!r}, which comes before {given[-1]!r}", "sample")
        return tuple(_tensor(sample[name]) for name in given), given
    values: Sequence[Any] = sample if isinstance(sample, tuple) else (sample,)
    return tuple(_tensor(value) for value in values), [names[at] if at < len(names) else f"input{at}" for at in range(len(values))]


@contextlib.contextmanager
def _evaluating(module: torch.nn.Module) -> Iterator[None]:
    """Evaluation mode, and each part back in its own mode afterwards."""
    modes = [(part, part.training) for part in module.modules()]
    module.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        for part, mode in modes:
            part.training = mode


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Exporters log about what they do not need; what fails is told by the exception."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)


def _check_names(module: torch.nn.Module, path: str) -> None:
    """The newer exporter may fall back to a trace that renames or dissolves modules; then the other one tells more.

    Raises:
        RuntimeError: a layer with weights has no name of a module.
        DlguiderError: the file cannot be read.
    """
    if any(True for _ in module.parameters(recurse=False)):
        return  # the root's own weights are used by operators, which are named otherwise
    names = {name for name, _ in module.named_modules()}
    for layer in read(path).document["layers"]:
        if layer["weights"] and layer["name"] not in names:
            raise RuntimeError(f"it wrote a layer {layer['name']}, which is no module")


def _on_device(module: torch.nn.Module, arguments: tuple[torch.Tensor, ...]) -> tuple[torch.Tensor, ...]:
    place = next((p.device for p in module.parameters()), torch.device("cpu"))
    return tuple(argument.to(place) for argument in arguments)


def _dynamo(module: torch.nn.Module, arguments: tuple[torch.Tensor, ...], names: list[str], path: str, opset: int | None) -> None:
    batch = torch.export.Dim("tests")
    shapes = {name: {0: batch} for name in names}
    more: dict[str, Any] = {"opset_version": opset} if opset else {}
    known = inspect.signature(torch.onnx.export).parameters
    if "external_data" in known:
        more["external_data"] = _too_big(module)
    if "optimize" in known:
        more["optimize"] = True  # else some modules stay calls of functions, which hide what they compute
    torch.onnx.export(module, _on_device(module, arguments), path, dynamo=True, input_names=names, dynamic_shapes=shapes, verbose=False, **more)
    if not os.path.exists(path):
        raise RuntimeError("the exporter wrote no file")


def _torchscript(module: torch.nn.Module, arguments: tuple[torch.Tensor, ...], names: list[str], path: str, opset: int | None) -> None:
    more: dict[str, Any] = {"opset_version": opset} if opset else {}
    if "dynamo" in inspect.signature(torch.onnx.export).parameters:
        more["dynamo"] = False
    axes = {name: {0: "tests"} for name in [*names, "output"]}
    # constant folding would merge batch normalization into the layer before it
    torch.onnx.export(module, _on_device(module, arguments), path, input_names=names, output_names=["output"], dynamic_axes=axes,
                      do_constant_folding=False, training=torch.onnx.TrainingMode.PRESERVE, **more)


def _too_big(module: torch.nn.Module) -> bool:
    """Whether the weights exceed what one ONNX file can hold."""
    return bool(sum(t.numel() * t.element_size() for t in [*module.parameters(), *module.buffers()]) > 2_000_000_000)
