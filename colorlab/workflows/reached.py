"""The document of a recorded verdict as the software reaches it now: the one place that calls the engines again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from colorlab.control.profile_document import read_profile
from colorlab.store import records
from colorlab.store.blobs import BlobStore
from colorlab.store.columns import record_prefix
from colorlab.store.harmony_verdicts import StoredHarmonyVerdict
from colorlab.store.instrument_statements import load_instrument_statement
from colorlab.store.tolerances import load_tolerance
from colorlab.store.verdicts import StoredVerdict
from colorlab.tolerance.document import tolerance_from_dict
from colorlab.tolerance.tolerance import Tolerance
from colorlab.uncertainty.instrument_statement import InstrumentStatement
from colorlab.uncertainty.noise import ReflectanceNoise
from colorlab.uncertainty.statement_document import statement_from_dict
from colorlab.verdict.harmony import HarmonySet, judge_harmony
from colorlab.verdict.judge import judge_all
from colorlab.workflows.tolerance import applied
from colorlab.workflows.vet import on_one_instrument
from spectra.errors import LabError
from spectra.measurement import Measurement

Recorded = StoredVerdict | StoredHarmonyVerdict

PRODUCED_BY, STATEMENTS, AGREEMENT = "produced_by", "instrument_statements", "agreement_sha256"
NOT_REACHED = (PRODUCED_BY, STATEMENTS, AGREEMENT)
"""Keys of a recorded document that say what the verdict was reached with, and are no part of what was reached."""

_UNNAMED = "no part is named as reference"


def measured_records(stored: Recorded) -> tuple[str, ...]:
    """Records of the measurements a verdict is about: standard and sample, or the parts of a set in their order.

    Raises
    ------
    LabError
        If the verdict does not say.
    """
    if isinstance(stored, StoredHarmonyVerdict):
        found: tuple[str | None, ...] = tuple(one for one in stored.inputs if record_prefix(one) == "M")
    else:
        found = (stored.standard, stored.sample)
    named = tuple(one for one in found if one is not None)
    if len(named) < max(2, len(found)) or stored.seed is None:
        raise LabError(f"{stored.id} does not say from which measurements, or with which seed, it was reached")
    return named


def reached_now(
    connection: Connection, stored: Recorded, measurements: Sequence[Measurement], blobs: BlobStore
) -> dict[str, Any]:
    """Judge the measurements of a recorded verdict again.

    Parameters
    ----------
    connection : Connection
    stored : StoredVerdict or StoredHarmonyVerdict
    measurements : sequence of Measurement
        Of `measured_records`.
    blobs : BlobStore
        Holds the instrument profile, where one was used.

    Raises
    ------
    DamagedLabError
        If the record does not say what a verdict says.
    MeasurementError, ToleranceError
        If the software refuses now what it judged then.
    """
    if isinstance(stored, StoredHarmonyVerdict):
        return _harmony(connection, stored, measurements)
    noise, seed, draws = _settings(stored, stored.document)
    profile = None
    if (sha256 := stored.document.get(AGREEMENT)) is not None:
        profile = read_profile(blobs.read(sha256), f"instrument profile of {stored.id}")
    pairs, _ = on_one_instrument([(measurements[0], measurements[1])], profile)
    tolerance, statements = _tolerance(connection, stored), _statements(connection, stored)
    (verdict,) = judge_all(pairs, tolerance, noise, seed, draws, statements)
    return verdict.as_dict()


def _harmony(
    connection: Connection, stored: StoredHarmonyVerdict, measurements: Sequence[Measurement]
) -> dict[str, Any]:
    document, tolerance = stored.document, _tolerance(connection, stored)
    with records.decoding(stored.id):
        names = [part["name"] for part in document["parts"]]
        pairs = [((one["standard"], one["sample"]), one["verdict"]) for one in document["pairs"]]
        noise, seed, draws = _settings(stored, pairs[0][1])
        of_pairs = tuple(
            (both, tolerance_from_dict(verdict["tolerance"], stored.id))
            for both, verdict in pairs
            if verdict["tolerance"] != document["tolerance"]
        )
        parts = tuple(zip(names, measurements, strict=True))
        # The reference stands first either way; whether somebody named it, the record tells in a remark only.
        unnamed = any(remark.startswith(_UNNAMED) for remark in document["remarks"])
        reference = None if unnamed else document["reference"]
        harmony = HarmonySet(document["name"], parts, tolerance, of_pairs, reference)
    return judge_harmony(harmony, noise, seed, draws, _statements(connection, stored)).as_dict()


def _settings(stored: Recorded, verdict: Mapping[str, Any]) -> tuple[ReflectanceNoise, int, int]:
    """Noise where nothing better is stated, seed and draws."""
    with records.decoding(stored.id):
        noise = ReflectanceNoise.from_dict(verdict["measurement_uncertainty"]["declared"])
        return noise, int(verdict.get("seed", stored.seed)), int(verdict["monte_carlo_draws"])


def _tolerance(connection: Connection, stored: Recorded) -> Tolerance:
    """The tolerance of the layers named; where none is, as the verdict states it."""
    if stored.tolerances:
        return applied([load_tolerance(connection, record) for record in stored.tolerances]).tolerance
    with records.decoding(stored.id):
        return tolerance_from_dict(stored.document["tolerance"], stored.id)


def _statements(connection: Connection, stored: Recorded) -> list[InstrumentStatement]:
    """What was stated of instruments: the records among the inputs, beside the measurements."""
    found = [load_instrument_statement(connection, one) for one in stored.inputs if record_prefix(one) == "I"]
    return [statement_from_dict(one.parsed(), one.id) for one in found]
