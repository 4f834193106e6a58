"""An effect model as a JSON document: numbers and text only, so that a file from anywhere may be read."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from colorlab.formulation.document import ColorantFile, read_colorants, write_colorants
from colorlab.formulation.effect.held_out import HeldOutError
from colorlab.formulation.effect.model import EffectModel
from colorlab.formulation.effect.residual_process import ResidualProcess
from colorlab.formulation.effect.texture import TextureModel
from colorlab.json_document import JsonKind
from spectra.arrays import FloatArray, frozen
from spectra.colorant import ColorantSet

DOCUMENT = JsonKind("colorlab effect model", 1, "an effect model", "Make one with `colorlab effect train`")
# What a document may hold at most: 5000 panels, colorants or bands of a side.
_LONGEST = 5000


def write_effect_model(model: EffectModel) -> bytes:
    """The document; numbers are written so that they read back to the same value."""
    error = model.error
    document = {
        **DOCUMENT.head,
        "lobes": json.loads(write_colorants(ColorantFile(model.lobes, None))),
        "search": json.loads(write_colorants(ColorantFile(model.search, None))),
        "shares": model.shares.tolist(),
        "residuals": _process_document(model.residuals),
        "held_out": {
            "covariance": error.covariance.tolist(),
            "typical_novelty": error.typical_novelty,
            "growth": error.growth,
            "greatest_novelty": error.greatest_novelty,
            "delta_E_00": error.delta_E_00.tolist(),
            "n_panels": error.n_panels,
        },
        "texture": {
            name: {
                "weights": one.weights.tolist(),
                "process": _process_document(one.process),
                "reach": one.reach,
            }
            for name, one in model.texture.items()
        },
    }
    return json.dumps(document, ensure_ascii=False, allow_nan=False).encode() + b"\n"


def read_effect_model(content: bytes, file_name: str) -> EffectModel:
    """Read what `write_effect_model` wrote.

    Raises
    ------
    MalformedFileError
        Naming what is missing or wrong.
    """
    document = DOCUMENT.opened(content, file_name)
    with DOCUMENT.values_of(file_name):
        lobes, search = (_set(document[key], f"{file_name}, key {key}") for key in ("lobes", "search"))
        held = document["held_out"]
        held_out = HeldOutError(
            _numbers(held["covariance"], 2),
            _number(held["typical_novelty"], above=0.0),
            _number(held["growth"]),
            _number(held["greatest_novelty"]),
            _numbers(held["delta_E_00"], 1),
            int(_number(held["n_panels"])),
        )
        texture = {
            name: TextureModel(name, _numbers(one["weights"], 1), _process(one["process"]), _number(one["reach"]))
            for name, one in document["texture"].items()
        }
        return EffectModel(
            lobes, _numbers(document["shares"], 1), search, _process(document["residuals"]), held_out, texture
        )


def _process_document(process: ResidualProcess) -> dict[str, Any]:
    return {
        "root_fractions": process.inputs.tolist(),
        "scores": process.scores.tolist(),
        "components": process.components.tolist(),
        "amplitude": process.amplitude.tolist(),
        "length": process.length.tolist(),
        "noise": process.noise.tolist(),
    }


def _process(entry: dict[str, Any]) -> ResidualProcess:
    process = ResidualProcess(
        _numbers(entry["root_fractions"], 2),
        _numbers(entry["scores"], 2),
        _numbers(entry["components"], 2),
        _numbers(entry["amplitude"], 1),
        _numbers(entry["length"], 1),
        _numbers(entry["noise"], 1),
    )
    count = len(process.components)
    agreeing = process.scores.shape == (len(process.inputs), count)
    if not agreeing or any(len(one) != count for one in (process.amplitude, process.length, process.noise)):
        raise ValueError("the parts of a residual process do not agree in number")
    if (process.amplitude < 0).any() or (process.length <= 0).any() or (process.noise <= 0).any():
        raise ValueError("length and noise of a residual process are above 0, its amplitude is not below")
    return process


def _set(entry: object, file_name: str) -> ColorantSet:
    return read_colorants(json.dumps(entry).encode(), file_name).colorant_set


def _numbers(values: object, n_axes: int) -> FloatArray:
    if not isinstance(values, list) or len(values) > _LONGEST:
        raise TypeError("a list of numbers was expected")
    array = frozen(np.array(values, dtype=np.float64))
    if array.ndim != n_axes or not np.isfinite(array).all():
        raise ValueError(f"finite numbers in {n_axes} dimensions were expected")
    return array


def _number(value: object, above: float | None = None) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"a number was expected, found a {type(value).__name__}")
    number = float(value)
    if not np.isfinite(number) or number < 0 or (above is not None and number <= above):
        raise ValueError(f"{value!r}: a finite number {'above' if above is not None else 'from'} 0 was expected")
    return number
