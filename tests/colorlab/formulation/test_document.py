"""A colorant set written to a file is the set that is read back."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from colorlab.formulation.document import ColorantFile, read_colorants, write_colorants
from spectra.arrays import frozen
from spectra.colorant import Colorant, ColorantSet
from spectra.errors import MalformedFileError
from spectra.geometry import D8_SCE, D8_SCI, directional
from spectra.optics.interface import Saunderson
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(400, 700, 100)
values = arrays.arrays(np.float64, (1, 4), elements=st.floats(1e-300, 1e12))


def colorants(absorption, scattering, geometry=D8_SCI, covariance=None):
    made = tuple(
        Colorant(code, f"paste {code} 紫", role, absorption, scattering, covariance, price_per_kg=price)
        for code, role, price in (("W", "white", None), ("R", "chromatic", 12.5))
    )
    return ColorantFile(ColorantSet("pastes", made, GRID, geometry, Saunderson(0.04, 0.35, True), "W"), 50.0)


@given(values, values)
@settings(max_examples=30)
def test_every_value_comes_back_bit_for_bit(absorption, scattering):
    file = colorants(absorption, scattering)
    again = read_colorants(write_colorants(file), "pastes.json").colorant_set
    for first, second in zip(file.colorant_set.colorants, again.colorants, strict=True):
        assert first.absorption.tolist() == second.absorption.tolist()
        assert first.scattering.tolist() == second.scattering.tolist()
        assert (first.code, first.name, first.role) == (second.code, second.name, second.role)
        assert (first.price_per_kg, first.calibrated_dose) == (second.price_per_kg, second.calibrated_dose)
    assert (again.grid, again.surface, again.base) == (GRID, file.colorant_set.surface, "W")


@pytest.mark.parametrize("geometry", [D8_SCI, D8_SCE, directional(["45as15"])], ids=lambda one: one.name)
def test_the_geometry_comes_back(geometry):
    ones = np.ones((1, 4))
    covariance = frozen(np.tile(np.eye(2), (1, 4, 1, 1)))
    file = colorants(ones, ones, geometry, covariance)
    again = read_colorants(write_colorants(file), "pastes.json")
    assert again.colorant_set.geometry.tokens == geometry.tokens
    assert again.colorant_set.geometry.specular == geometry.specular
    assert again.colorant_set.colorants[0].log_covariance.tolist() == covariance.tolist()
    assert again.base_mass_g == 50.0


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda d: d | {"kind": "recipe"}, "not a colorant set"),
        (lambda d: d | {"version": 99}, "version"),
        (lambda d: {key: value for key, value in d.items() if key != "saunderson"}, "saunderson"),
        (lambda d: d | {"wavelengths_nm": {"start": 400, "stop": 700, "step": 0}}, "not a grid"),
        (lambda d: d | {"geometry": []}, "wrong kind"),
        (lambda d: d | {"geometry": ["sideways"]}, "sideways"),
        (lambda d: d | {"base": "X"}, "X"),
        (lambda d: d | {"colorants": d["colorants"] * 2}, "twice"),
        (lambda d: d | {"colorants": [one | {"absorption": [[-1, 1, 1, 1]]} for one in d["colorants"]]}, "negative"),
        (lambda d: d | {"colorants": [one | {"absorption": "none"} for one in d["colorants"]]}, "wrong kind"),
        (lambda d: d | {"colorants": 7}, "wrong kind"),
        (lambda d: d | {"base_mass_g": "much"}, "wrong kind"),
    ],
)
def test_a_damaged_file_is_refused_by_name_and_key(change, said):
    ones = np.ones((1, 4))
    document = json.loads(write_colorants(colorants(ones, ones)))
    with pytest.raises(MalformedFileError, match=said) as caught:
        read_colorants(json.dumps(change(document)).encode(), "pastes.json")
    assert str(caught.value).startswith("pastes.json")


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b"null", b"[]"])
def test_what_is_no_document_is_refused(content):
    with pytest.raises(MalformedFileError, match=r"pastes\.json"):
        read_colorants(content, "pastes.json")


def changed(**fields):
    return lambda d: d | {"colorants": [one | fields for one in d["colorants"]]}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (changed(price_per_kg="cheap"), "price 'cheap'"),
        (changed(price_per_kg=-1), "price -1"),
        (changed(price_per_kg=float("nan")), "price nan"),
        (changed(price_per_kg=10**400), "price inf"),
        (changed(density_g_cm3=0), "density 0"),
        (changed(density_g_cm3=True), "density True"),
        (changed(role="hero"), "role 'hero'"),
        (changed(role=["white"]), r"role \['white'\]"),
        (changed(code=7), "code and name"),
        (changed(absorption=[[0] * 4], scattering=[[0] * 4]), "only a clear"),
        (changed(scattering=[[1, 1, 1, 0]]), "must scatter at every wavelength"),
        (changed(absorption=[[10**400] * 4]), "finite"),
        (changed(absorption=[[1e300] * 4]), "beyond 1e\\+12 times"),
        (changed(covariance_of_ln_K_and_ln_S=np.full((1, 4, 2, 2), np.inf).tolist()), "covariance must be finite"),
        (lambda d: d | {"base_mass_g": -5}, "base_mass_g: -5"),
        (lambda d: d | {"base_mass_g": float("inf")}, "base_mass_g: inf"),
        (lambda d: d | {"name": [["a"]]}, "a text was expected"),
        (lambda d: d | {"saunderson": d["saunderson"] | {"specular_included": "maybe"}}, "'maybe'"),
    ],
)
def test_a_colorant_that_cannot_be_is_refused_before_it_is_mixed(change, said):
    ones = np.ones((1, 4))
    document = json.loads(write_colorants(colorants(ones, ones)))
    with pytest.raises(MalformedFileError, match=said) as caught:
        read_colorants(json.dumps(change(document)).encode(), "pastes.json")
    assert str(caught.value).startswith("pastes.json")


def test_a_file_of_an_earlier_program_is_what_it_was():
    ones = np.ones((1, 4))
    file = colorants(ones, ones)
    document = json.loads(write_colorants(file))
    for key in ("link", "crowding", "ceiling", "base_scattering_per_um", "model_error"):
        del document[key]
    for entry in document["colorants"]:
        del entry["crowds"]
    again = read_colorants(json.dumps(document).encode(), "old.json").colorant_set
    assert (again.link, again.crowding, again.ceiling, again.model_error) == ("kubelka-munk", 0.0, None, None)
    assert again.base_scattering_per_um is None
