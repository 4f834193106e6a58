import json

import numpy as np
import pytest

from colorlab.formulation.effect.document import read_effect_model, write_effect_model
from spectra.errors import MalformedFileError


@pytest.fixture(scope="module")
def written(effect_model):
    return write_effect_model(effect_model)


def test_a_model_read_back_predicts_the_same(effect_model, written, unseen):
    again = read_effect_model(written, "effects.json")
    one, other = (model.predict(unseen[0][:4]) for model in (effect_model, again))
    for before, after in zip(one, other, strict=True):
        assert np.array_equal(before.prediction.reflectance_factor, after.prediction.reflectance_factor)
        assert np.array_equal(before.prediction.covariance, after.prediction.covariance)
        assert (before.novelty, before.outside, before.texture) == (after.novelty, after.outside, after.texture)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("shares",), [1.0]),
        (("shares",), "much"),
        (("residuals", "length"), [0.0]),
        (("residuals", "scores"), [[1.0]]),
        (("residuals", "root_fractions"), [[1e999]]),
        (("held_out", "typical_novelty"), 0),
        (("held_out", "covariance"), [[1.0]]),
        (("held_out", "n_panels"), True),
        (("lobes",), {}),
        (("texture",), {"graininess": 3}),
        (("version",), 99),
        (("kind",), "colorlab colorant set"),
    ],
)
def test_a_damaged_document_is_refused_by_name(written, path, value):
    document = json.loads(written)
    place = document
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    with pytest.raises(MalformedFileError, match=r"effects\.json"):
        read_effect_model(json.dumps(document).encode(), "effects.json")


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"\x80\x04pickle", b"[" * 100000, b'{"kind": "colorlab effect model"}']
)
def test_what_is_not_a_model_is_not_read(content):
    with pytest.raises(MalformedFileError):
        read_effect_model(content, "x.json")
