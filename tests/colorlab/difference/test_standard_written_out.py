"""Every formula against a second implementation, written out here from the published equations, one pair at a time."""

import math

import numpy as np
import pytest

from colorlab.colorimetry.library import colour_science
from colorlab.colorimetry.spaces import xyz_to_lab
from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.colorimetry.viewing import A_10, D65_10, Viewing
from colorlab.colorimetry.weights import white_point
from colorlab.difference import uniform
from colorlab.difference.standard import FORMULAS, delta_E
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(400, 700, 10)


def sin(degrees):
    return math.sin(math.radians(degrees))


def cos(degrees):
    return math.cos(math.radians(degrees))


def lch(lab):
    L, a, b = lab
    return L, math.hypot(a, b), math.degrees(math.atan2(b, a)) % 360


def between(h1, h2):
    """Angle from one hue to another, −180 to 180°."""
    return (h2 - h1 + 180) % 360 - 180


def steps(standard, sample):
    """ΔL*, ΔC* and ΔH*, the last from the chord of the two hues."""
    (L1, C1, h1), (L2, C2, h2) = lch(standard), lch(sample)
    return L2 - L1, C2 - C1, 2 * math.sqrt(C1 * C2) * sin(between(h1, h2) / 2)


def cie76(standard, sample):
    return math.dist(standard, sample)


def hyab(standard, sample):
    return abs(standard[0] - sample[0]) + math.dist(standard[1:], sample[1:])


def cie94(kL, K1, K2):
    def difference(standard, sample):
        dL, dC, dH = steps(standard, sample)
        C1 = lch(standard)[1]
        return math.sqrt((dL / kL) ** 2 + (dC / (1 + K1 * C1)) ** 2 + (dH / (1 + K2 * C1)) ** 2)

    return difference


def cmc(lightness, chroma):
    def difference(standard, sample):
        (L, C, h), (dL, dC, dH) = lch(standard), steps(standard, sample)
        SL = 0.511 if L < 16 else 0.040975 * L / (1 + 0.01765 * L)
        SC = 0.0638 * C / (1 + 0.0131 * C) + 0.638
        F = math.sqrt(C**4 / (C**4 + 1900))
        T = 0.56 + abs(0.2 * cos(h + 168)) if 164 <= h <= 345 else 0.36 + abs(0.4 * cos(h + 35))
        SH = SC * (F * T + 1 - F)
        return math.sqrt((dL / (lightness * SL)) ** 2 + (dC / (chroma * SC)) ** 2 + (dH / SH) ** 2)

    return difference


def ciede2000(standard, sample, kL=1, kC=1, kH=1):
    mean = (lch(standard)[1] + lch(sample)[1]) / 2
    G = 0.5 * (1 - math.sqrt(mean**7 / (mean**7 + 25**7)))
    first, second = ((lab[0], (1 + G) * lab[1], lab[2]) for lab in (standard, sample))
    (L1, C1, h1), (L2, C2, h2) = lch(first), lch(second)
    dL, dC, dH = steps(first, second)
    L, C = (L1 + L2) / 2, (C1 + C2) / 2
    h = (h1 + between(h1, h2) / 2) % 360 if C1 * C2 else h1 + h2
    T = 1 - 0.17 * cos(h - 30) + 0.24 * cos(2 * h) + 0.32 * cos(3 * h + 6) - 0.20 * cos(4 * h - 63)
    SL = 1 + 0.015 * (L - 50) ** 2 / math.sqrt(20 + (L - 50) ** 2)
    SC, SH = 1 + 0.045 * C, 1 + 0.015 * C * T
    RT = -sin(60 * math.exp(-(((h - 275) / 25) ** 2))) * 2 * math.sqrt(C**7 / (C**7 + 25**7))
    x, y, z = dL / (kL * SL), dC / (kC * SC), dH / (kH * SH)
    return math.sqrt(x * x + y * y + z * z + RT * y * z)


def logarithmic(light, slope, turn, squeeze, chroma, chroma_slope, back):
    """DIN99 and its relatives: L and chroma by logarithms, in axes turned and squeezed."""

    def place(lab):
        e = lab[1] * cos(turn) + lab[2] * sin(turn)
        f = squeeze * (lab[2] * cos(turn) - lab[1] * sin(turn))
        C = math.log(1 + chroma_slope * math.hypot(e, f)) / chroma
        h = math.degrees(math.atan2(f, e)) + back
        return light * math.log(1 + slope * lab[0]), C * cos(h), C * sin(h)

    return lambda standard, sample: math.dist(place(standard), place(sample))


CAT02 = np.array([[0.7328, 0.4296, -0.1624], [-0.7036, 1.6975, 0.0061], [0.0030, 0.0136, 0.9834]])
HUNT = np.array([[0.38971, 0.68898, -0.07868], [-0.22981, 1.18340, 0.04641], [0, 0, 1]])
M16 = np.array([[0.401288, 0.650173, -0.051461], [-0.250268, 1.204414, 0.045854], [-0.002079, 0.048952, 0.953127]])


def appearance(XYZ, white, sharpened, LA, Yb=20.0):
    """J, M, h of CIECAM02 (its cones are not the adapted channels) or CAM16 (they are), average surround."""
    D = 1 - math.exp((-LA - 42) / 92) / 3.6
    k = 1 / (5 * LA + 1)
    FL = 0.2 * k**4 * 5 * LA + 0.1 * (1 - k**4) ** 2 * (5 * LA) ** (1 / 3)
    n = Yb / white[1]
    Nbb = 0.725 * n**-0.2
    cones = HUNT @ np.linalg.inv(sharpened) if sharpened is CAT02 else np.eye(3)

    def response(stimulus):
        adapted = (D * white[1] / (sharpened @ white) + 1 - D) * (sharpened @ stimulus)
        cone = cones @ adapted
        p = (FL * np.abs(cone) / 100) ** 0.42
        return np.sign(cone) * 400 * p / (27.13 + p)

    R, G, B = response(XYZ)
    achromatic = (2 * R + G + B / 20) * Nbb
    of_white = response(white) @ [2, 1, 0.05] * Nbb
    a, b = R - 12 * G / 11 + B / 11, (R + G - 2 * B) / 9
    h = math.atan2(b, a)
    J = 100 * (achromatic / of_white) ** (0.69 * (1.48 + math.sqrt(n)))
    t = 50000 / 13 * Nbb * 0.25 * (math.cos(h + 2) + 3.8) * math.hypot(a, b) / (R + G + 21 * B / 20 + 0.305)
    C = t**0.9 * math.sqrt(J / 100) * (1.64 - 0.29**n) ** 0.73
    return J, C * FL**0.25, h


def ucs(J, M, h):
    chroma = math.log(1 + 0.0228 * M) / 0.0228
    return 1.7 * J / (1 + 0.007 * J), chroma * math.cos(h), chroma * math.sin(h)


def appearance_difference(sharpened):
    def difference(standard, sample, white, LA=None):
        luminance = 1000 / math.pi * 0.2 if LA is None else LA
        places = []
        for L, a, b in (standard, sample):
            f = np.array([(L + 16) / 116 + a / 500, (L + 16) / 116, (L + 16) / 116 - b / 200])
            XYZ = np.where(f > 6 / 29, f**3, 3 * (6 / 29) ** 2 * (f - 4 / 29)) * white
            places.append(ucs(*appearance(XYZ, np.asarray(white), sharpened, luminance)))
        return math.dist(*places)

    return difference


WRITTEN_OUT = {
    "CIEDE2000": ciede2000,
    "CIE76": cie76,
    "CIE94": cie94(1, 0.045, 0.015),
    "CIE94 textile": cie94(2, 0.048, 0.014),
    "CMC(2:1)": cmc(2, 1),
    "CMC(1:1)": cmc(1, 1),
    "DIN99": logarithmic(105.509, 0.0158, 16, 0.7, 0.045, 0.045, 0),
    "DIN99o": logarithmic(303.67, 0.0039, 26, 0.83, 0.0435, 0.075, 26),
    "CAM02-UCS": appearance_difference(CAT02),
    "CAM16-UCS": appearance_difference(M16),
    "HyAB": hyab,
}


def surfaces(viewing, count=120):
    """Pairs of colours that surfaces have, from nearly black to nearly white, near each other and far apart."""
    rng = np.random.default_rng(20260411)
    bands = np.exp(rng.uniform(np.log(0.005), 0, (2, count, 6)))
    near = bands[0] * rng.uniform(0.9, 1.1, (count, 6))
    spectra = np.repeat(np.concatenate([bands, near[None]]), [5, 5, 5, 5, 5, 6], axis=-1)
    one, far, close = spectra_to_lab(spectra, GRID, viewing)
    return np.concatenate([one, one]), np.concatenate([far, close])


def test_every_formula_has_a_second_implementation():
    assert WRITTEN_OUT.keys() == FORMULAS.keys()


@pytest.mark.parametrize("viewing", [D65_10, A_10, Viewing("F11", "2°")], ids=str)
@pytest.mark.parametrize("name", FORMULAS)
def test_a_formula_gives_what_its_equations_give(name, viewing):
    white, (standards, samples) = white_point(viewing, GRID), surfaces(viewing)
    extra = (white,) if FORMULAS[name].needs_white else ()
    expected = [WRITTEN_OUT[name](*pair, *extra) for pair in zip(standards, samples, strict=True)]
    assert delta_E(standards, samples, name, white) == pytest.approx(expected, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(
    ("name", "written_out"),
    [
        ("CMC(1.4:1)", cmc(1.4, 1)),
        ("CMC(3:1.5)", cmc(3, 1.5)),
        ("CIEDE2000(2:1:1)", lambda *pair: ciede2000(*pair, 2, 1, 1)),
        ("CIEDE2000(1.5:0.8:1.2)", lambda *pair: ciede2000(*pair, 1.5, 0.8, 1.2)),
        ("CIE94(2:1:1)", cie94(2, 0.045, 0.015)),
    ],
)
def test_factors_in_the_name_reach_the_equations(name, written_out):
    standards, samples = surfaces(D65_10)
    expected = [written_out(*pair) for pair in zip(standards, samples, strict=True)]
    assert delta_E(standards, samples, name) == pytest.approx(expected, rel=1e-9)


def test_the_textile_ciede2000_of_the_library_is_ours_with_a_factor_of_2():
    standards, samples = surfaces(D65_10)
    library = colour_science().difference.delta_E_CIE2000(standards, samples, textiles=True)
    assert delta_E(standards, samples, "CIEDE2000(2:1:1)") == pytest.approx(library, rel=1e-12)


def test_the_cie94_of_the_library_is_ours_with_factors_of_1():
    from colorlab.difference.weighted import cie94 as with_factors

    standards, samples = surfaces(D65_10)
    assert with_factors(standards, samples) == pytest.approx(delta_E(standards, samples, "CIE94"), rel=1e-9)


# --- appearance spaces ------------------------------------------------------------------------------------------------

# The example that goes with CAM16 in print and in programs: this stimulus, white and adapting luminance.
EXAMPLE = [19.01, 20.0, 21.78], [95.05, 100.0, 108.88], 318.31
JAB_OF_THE_EXAMPLE = (54.90445, -0.08562, -0.06468)


def test_the_example_of_cam16_comes_out_of_the_library_and_of_the_second_implementation():
    XYZ, white, LA = (np.asarray(one) for one in EXAMPLE)
    library = colour_science().XYZ_to_CAM16UCS(XYZ / 100, XYZ_w=white / 100, L_A=float(LA), Y_b=20)
    J, M, h = appearance(XYZ, white, M16, float(LA))
    assert library == pytest.approx(JAB_OF_THE_EXAMPLE, abs=1e-5)
    assert ucs(J, M, h) == pytest.approx(JAB_OF_THE_EXAMPLE, abs=1e-5)
    assert (J, math.degrees(h) % 360, M) == pytest.approx((41.7312, 217.068, 0.10744), abs=5e-4)


def test_the_example_of_cam16_comes_out_of_a_difference_from_black(monkeypatch):
    XYZ, white, LA = EXAMPLE
    monkeypatch.setattr(uniform, "ADAPTING_LUMINANCE", LA)
    # Black is the origin of the space, so that the difference from it is the length of J', a', b'.
    apart = delta_E([0.0, 0.0, 0.0], xyz_to_lab(XYZ, white), "CAM16-UCS", white)
    assert apart == pytest.approx(math.hypot(*JAB_OF_THE_EXAMPLE), abs=1e-4)


# The pairs of the table of CMC and DIN99 under D65, 2°, in the conditions two programs take where none are said: 64 lx.
CAM16_OF_TWO_PROGRAMS = [
    ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0729),
    ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.1931),
    ((22.7233, 20.0904, -46.694), (23.0331, 14.973, -42.5619), 2.0747),
    ((90.9257, -0.5406, -0.9208), (88.6381, -0.8985, -0.7239), 2.0781),
    ((6.7747, -0.2908, -2.4247), (5.8714, -0.0985, -2.2286), 0.8349),
    ((35.0831, -44.1164, 3.7933), (35.0232, -40.0716, 1.5901), 1.6757),
]


@pytest.mark.parametrize(("standard", "sample", "agreed"), CAM16_OF_TWO_PROGRAMS)
def test_cam16_ucs_gives_what_two_programs_agree_on_in_their_conditions(monkeypatch, standard, sample, agreed):
    monkeypatch.setattr(uniform, "ADAPTING_LUMINANCE", 64 / math.pi * 0.2)
    white = [95.047, 100.0, 108.883]
    assert delta_E(standard, sample, "CAM16-UCS", white) == pytest.approx(agreed, abs=1e-3)


@pytest.mark.parametrize("name", ["CAM02-UCS", "CAM16-UCS"])
def test_the_booth_stands_in_the_source(name):
    assert "1000 lx, Yb = 20, LA = 63.66 cd/m², average surround" in FORMULAS[name].source


@pytest.mark.parametrize("name", ["CAM02-UCS", "CAM16-UCS"])
def test_a_reading_a_little_below_black_has_a_difference_too(name):
    white = white_point(D65_10, GRID)
    below = float(delta_E([-0.05, 0, 0], [0.5, 0, 0], name, white))
    assert below > float(delta_E([0, 0, 0], [0.5, 0, 0], name, white)) > 0


def test_a_colour_no_surface_has_is_refused_where_the_model_has_no_value_for_it():
    from spectra.errors import MeasurementError

    with pytest.raises(MeasurementError, match=r"CAM02-UCS has no value for .* 4\.30, 54\.00, -90\.00"):
        delta_E([50, 0, 0], [4.3, 54, -90], "CAM02-UCS", white_point(D65_10, GRID))


def test_white_is_100_and_black_0_in_din99o_but_for_a_rounding_in_print():
    ends = uniform.lab_to_din99o([[0, 0, 0], [100, 0, 0]])
    assert ends[:, 0] == pytest.approx([0, 100], abs=4e-4)
    assert ends[1, 0] != 100


# --- against observers ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("set_of_pairs", ["leeds", "witt"])
@pytest.mark.parametrize("name", ["CIEDE2000", "CIE94", "CMC(1:1)", "DIN99", "DIN99o", "CAM02-UCS", "CAM16-UCS"])
def test_observers_agree_better_with_a_modern_formula_than_with_cielab(shared_data, set_of_pairs, name):
    import json

    data = json.loads((shared_data / "colour_difference" / f"{set_of_pairs}.json").read_text(encoding="utf-8"))
    white, seen = np.array(data["reference_white"]), np.array(data["dv"])
    standard, sample = xyz_to_lab(np.array(data["xyz"]), white)[np.array(data["pairs"]).T]

    def stress(formula):
        """P. A. García et al., J. Opt. Soc. Am. A 24 (2007) 1823: 0 where calculated and seen are in proportion."""
        found = delta_E(standard, sample, formula, white)
        scaled = found * (seen @ found) / (found @ found)
        return 100 * math.sqrt(((scaled - seen) ** 2).sum() / (seen**2).sum())

    assert stress(name) < stress("CIE76")
