"""Strengths of lots as a JSON document: what `colorlab strengths --output` writes and `--strengths` reads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from colorlab.formulation.lot_strength import Contradiction, LotStrengths
from colorlab.json_document import JsonKind
from spectra.arrays import FloatArray, frozen

DOCUMENT = JsonKind("colorlab lot strengths", 1, "strengths of lots", "Make one with `colorlab strengths`")


def write_strengths(strengths: LotStrengths) -> bytes:
    """The document; numbers are written so that they read back to the same value."""
    document = DOCUMENT.head | strengths_document(strengths)
    document |= {"ln_factor": strengths.ln_factor.tolist(), "covariance": strengths.covariance.tolist()}
    return json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False).encode() + b"\n"


def read_strengths(content: bytes, file_name: str) -> LotStrengths:
    """Read what `write_strengths` wrote.

    Raises
    ------
    MalformedFileError
        Naming what is missing or wrong.
    """
    document = DOCUMENT.opened(content, file_name)
    with DOCUMENT.values_of(file_name):
        return strengths_from(document, frozen(document["ln_factor"]), frozen(document["covariance"]))


def strengths_document(strengths: LotStrengths) -> dict[str, Any]:
    """Everything but factors and covariance, in plain types."""
    return {
        "colorant_set": strengths.colorant_set,
        "lot": strengths.lot,
        "base": strengths.base,
        "colorants": list(strengths.colorants),
        "told": list(strengths.told),
        "dosing": strengths.dosing,
        "model_scale": strengths.model_scale,
        "panels": list(strengths.panels),
        "contradictions": [contradiction_document(one) for one in strengths.contradictions],
    }


def contradiction_document(one: Contradiction) -> dict[str, Any]:
    """A contradiction in plain types; `then` is None where no other label explains the panel."""
    return {
        "panel": one.panel,
        "residual_L": one.residual,
        "usual_L": one.usual,
        "stated": one.stated or None,
        "instead": one.instead or None,
        "then_L": one.then if one.instead else None,
    }


def strengths_from(document: Mapping[str, Any], ln_factor: FloatArray, covariance: FloatArray) -> LotStrengths:
    """From `strengths_document` and the arrays it leaves out.

    Raises
    ------
    KeyError, TypeError, ValueError, FormulationError
        If something is missing or does not fit.
    """
    texts = [document[key] for key in ("colorant_set", "lot", "base")]
    texts += [*document["colorants"], *document["panels"]]
    if not all(isinstance(text, str) for text in texts):
        raise TypeError("a text was expected among the names")
    return LotStrengths(
        colorant_set=document["colorant_set"],
        lot=document["lot"],
        base=document["base"],
        colorants=tuple(document["colorants"]),
        ln_factor=ln_factor,
        covariance=covariance,
        told=tuple(bool(one) for one in document["told"]),
        dosing=float(document["dosing"]),
        model_scale=float(document["model_scale"]),
        panels=tuple(document["panels"]),
        contradictions=tuple(
            Contradiction(
                str(one["panel"]),
                float(one["residual_L"]),
                float(one["usual_L"]),
                str(one["stated"] or ""),
                str(one["instead"] or ""),
                float("nan") if one["then_L"] is None else float(one["then_L"]),
            )
            for one in document["contradictions"]
        ),
    )


def factor_documents(strengths: LotStrengths) -> list[dict[str, Any]]:
    """Factor, interval and whether the panels told it, of every colorant but the base, as answers print them."""
    return [
        {"colorant": code, "factor": strengths.factors[code], "interval": list(strengths.interval(code)), "told": told}
        for code, told in zip(strengths.colorants, strengths.told, strict=True)
        if code != strengths.base
    ]
