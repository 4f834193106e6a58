"""What a colour is judged by at the moment: every key of its tolerance, and the layer that each is from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from colorlab.store.lab import Lab
from colorlab.store.programme import load_colour
from colorlab.store.tolerances import StoredTolerance, tolerance_layers
from colorlab.workflows.text import table
from colorlab.workflows.tolerance import AppliedTolerance, applied, layer_name
from colorlab.workflows.tolerance_file import write_tolerance
from colorlab.workflows.tolerance_keys import key_words, keys_of, value_words
from colorlab.workflows.version import software_version

HOUSE = "colorlab"  # what no layer says


@dataclass(frozen=True, slots=True, eq=False)
class EffectiveTolerance:
    """The tolerance in force for a colour or, without one, what the programme alone says.

    Attributes
    ----------
    colour : str or None
    applied : AppliedTolerance
    layers : tuple of StoredTolerance
        The general one first; empty for the house's own.
    """

    colour: str | None
    applied: AppliedTolerance
    layers: tuple[StoredTolerance, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain types; see docs/json.md."""
        records = {layer_name(layer): layer.id for layer in self.layers}
        origins = self.applied.origins
        return {
            "colour": self.colour,
            "tolerance": self.applied.tolerance.as_dict(),
            "layers": [
                {
                    "record": layer.id,
                    "scope": layer.scope,
                    "finish": layer.finish,
                    "colour": layer.colour,
                    "version": layer.version,
                    "recorded_at": layer.recorded_at.isoformat(),
                    "recorded_by": layer.recorded_by,
                }
                for layer in self.layers
            ],
            "keys": [
                {"key": key, "value": value, "record": records[origins[key]] if key in origins else None}
                for key, value in keys_of(self.applied.tolerance).items()
            ],
            "software_version": software_version(),
        }

    def as_text(self) -> str:
        """The layers, then a line a key."""
        whom = self.colour or "the programme"
        chain = " on ".join(reversed(self.applied.layers))
        lines = [f"{whom} is judged by {chain or 'the tolerance of colorlab itself: the lab has set none for it'}"]
        lines += [
            f"{layer.id}: since {layer.recorded_at:%Y-%m-%d %H:%M} UTC, by {layer.recorded_by}" for layer in self.layers
        ]
        origins = self.applied.origins
        rows = [
            (key_words(key), value_words(value), origins.get(key, HOUSE))
            for key, value in keys_of(self.applied.tolerance).items()
        ]
        return "\n".join([*lines, table(("key", "value", "from"), rows)])

    def as_toml(self) -> bytes:
        """One file that judges alike, each key with its layer as a comment."""
        return write_tolerance(self.applied.tolerance, self.applied.origins)


def effective_tolerance(lab: Lab, colour: str | None) -> EffectiveTolerance:
    """What a colour is judged by at the moment.

    Raises
    ------
    RecordNotFoundError
        If the lab's programme has no such colour.
    ToleranceError
        If the layers make no tolerance together: names layer and key.
    """
    with lab.reading() as connection:
        code = None if colour is None else load_colour(connection, colour).code
        layers = tolerance_layers(connection, code)
        return EffectiveTolerance(code, applied(layers), layers)
