"""Tables of K and S made elsewhere: the same colours, one scale, and single constants called so."""

import io
import json

import numpy as np
import pytest
import xlsxwriter

from colorlab.formulation.ks_table import read_ks_table
from spectra.errors import MalformedFileError
from spectra.geometry import D8_SCI
from spectra.optics.interface import Saunderson, measured_reflectance
from spectra.optics.kubelka_munk import reflectivity

SURFACE = Saunderson(0.04, 0.5, True)
TWO_CONSTANTS = """colorant,quantity,role,400,500,600,700
W,K,white,0.02,0.01,0.01,0.02
W,S,white,8.0,7.0,6.0,5.0
R,K,,9.0,8.0,0.5,0.2
R,S,,2.0,2.0,3.0,3.0
"""


def read(content, file_name="set.csv", **changes):
    content = content.encode() if isinstance(content, str) else content
    return read_ks_table(content, file_name, **{"name": "bought", "geometry": D8_SCI, "surface": SURFACE} | changes)


def test_a_mixture_looks_as_the_table_says_on_the_scale_of_the_white():
    table = read(TWO_CONSTANTS)
    paints = table.colorant_set
    assert (paints["W"].scattering == 1).all()
    assert paints["R"].scattering[0] == pytest.approx([2 / 8, 2 / 7, 3 / 6, 3 / 5])
    K = 0.9 * np.array([0.02, 0.01, 0.01, 0.02]) + 0.1 * np.array([9.0, 8.0, 0.5, 0.2])
    S = 0.9 * np.array([8.0, 7.0, 6.0, 5.0]) + 0.1 * np.array([2.0, 2.0, 3.0, 3.0])
    expected = measured_reflectance(reflectivity(K, S), SURFACE)
    assert paints.reflectance_factor([[0.9, 0.1]])[0, 0] == pytest.approx(expected)
    assert table.single_constant == ()
    assert any("5 to 8 in the table's own unit" in finding for finding in table.findings)
    assert any("carry no interval" in finding for finding in table.findings)


def test_json_and_semicolons_and_workbooks_say_the_same():
    rows = [line.split(",") for line in TWO_CONSTANTS.splitlines()]
    european = "\n".join(";".join(cell.replace(".", ",") for cell in row) for row in rows)
    document = {
        "wavelengths_nm": [400, 500, 600, 700],
        "colorants": [
            {"code": "W", "role": "white", "K": [0.02, 0.01, 0.01, 0.02], "S": [8, 7, 6, 5]},
            {"code": "R", "K": [9, 8, 0.5, 0.2], "s": [2, 2, 3, 3]},
        ],
    }
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as workbook:
        sheet = workbook.add_worksheet("constants")
        for place, row in enumerate(rows):
            sheet.write_row(place, 0, [float(cell) if cell.replace(".", "").isdigit() else cell for cell in row])
    plain = read(TWO_CONSTANTS).colorant_set
    for content, name in ((european, "a.csv"), (json.dumps(document), "a.json"), (stream.getvalue(), "a.xlsx")):
        other = read(content, name).colorant_set
        assert other.codes == plain.codes
        assert other.absorption == pytest.approx(plain.absorption)
        assert other.scattering == pytest.approx(plain.scattering)


def test_ks_alone_is_single_constant_and_it_says_so():
    table = read("colorant,quantity,400,500\nW,K/S,0.01,0.01\nR,K/S,3,1\n", base="W")
    assert table.single_constant == ("W", "R")
    assert (table.colorant_set.scattering == 1).all()
    assert table.colorant_set["R"].absorption.tolist() == [[3.0, 1.0]]
    assert any("every colorant: single-constant" in finding for finding in table.findings)


def test_ks_beside_s_gives_k():
    table = read("colorant,quantity,role,400,500\nW,K/S,white,0.01,0.01\nW,S,white,2,2\nR,K/S,,3,1\nR,S,,1,1\n")
    assert table.colorant_set["R"].absorption[0] == pytest.approx([1.5, 0.5])
    assert table.single_constant == ()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", "no row in it"),
        ("a,b\n1,2\n", "expected colorant, quantity and wavelengths in nm"),
        ("colorant,quantity,400,500\nW,T,1,1\n", "row 2: colorant 'W', quantity 'T'; expected a name, and one of K, S"),
        ("colorant,quantity,400,500\nW,K,1,x\n", "row 2, 500 nm: 'x'; expected a number"),
        ("colorant,quantity,400,500\nW,K,1\n", "row 2, 500 nm: ''; expected a number"),
        ("colorant,quantity,400,500\nW,K,1,-1\n", "K of W: -1; expected 0 or more"),
        ("colorant,quantity,400,500\nW,K,1,1\nW,K,1,1\n", "K of W a second time"),
        ("colorant,quantity,role,400,500\nW,K,white,1,1\n", "colorant W: K; expected K and S"),
        ("colorant,quantity,role,400,500\nW,K,white,1,1\nW,S,white,0,1\n", "a scattering of 0"),
        ("colorant,quantity,role,400,500\nW,K,pink,1,1\n", "role 'pink'"),
        ("colorant,quantity,400,500\nW,K/S,1,1\n", "0 colorants of role white; expected one, the white base"),
        ("colorant,quantity,role,500,400\nW,K/S,white,1,1\n", "expected rising wavelengths"),
        ("colorant,quantity,role,400,500,620\nW,K/S,white,1,1,1\n", "equally spaced"),
        ("{", "not a table of K and S"),
        ('{"colorants": []}', "key wavelengths_nm: missing"),
        ('{"wavelengths_nm": [400, 500], "colorants": [{"code": "W", "K": [1]}]}', "1 values; expected 2"),
        ('{"wavelengths_nm": [400, 500], "colorants": [{"code": "W"}]}', "W without K, S or K/S"),
        ('{"wavelengths_nm": [400, 500], "colorants": [3]}', "not a table of K and S"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(content, expected):
    with pytest.raises(MalformedFileError) as raised:
        read(content)
    assert expected in str(raised.value)


def test_a_base_the_table_does_not_hold_is_refused():
    with pytest.raises(MalformedFileError, match="no colorant 'X'; expected one of W, R"):
        read(TWO_CONSTANTS, base="X")
