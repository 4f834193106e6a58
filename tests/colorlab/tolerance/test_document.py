"""Tolerances as TOML and as stored documents."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colorlab.colorimetry.viewing import A_10, D65_10
from colorlab.difference.effect import Form, Scheme
from colorlab.tolerance.document import parse_tolerance, tolerance_from_dict
from colorlab.tolerance.requirements import AngleRule, FlopLimit, InconstancyLimit, MetamerismLimit, TravelLimit
from colorlab.tolerance.texture import TextureLimit
from colorlab.tolerance.tolerance import DEFAULT, Limit
from spectra.errors import ToleranceError

DOCUMENT = b"""
name = "Amethyst"
formula = "CMC(2:1)"
viewings = ["D65/10", "A/10"]
confidence = 0.9
[[limit]]
delta_E = 1.0
[[limit]]
angle = "45as-15"
delta_E = 2.0
[[limit]]
viewing = "A/10"
delta_E = 1.4
[[limit]]
angle = "45as110"
viewing = "A/10"
delta_E = 3.0
"""

BY_SCHEME = b"""
name = "Silver"
viewings = ["D65/10", "A/10"]
rule = "guarded acceptance"
[scheme]
name = "DIN 6175"
source = "the customer's letter of 2026-02-03"
[[scheme.form]]
shape = "box"
semi_axes = [1, 1.5, 0.8]
[[scheme.form]]
angle = "45as15"
viewing = "A/10"
components = "Lab"
matrix = [[1, 0.1, 0], [0.1, 2, 0], [0, 0, 3.0]]
[[limit]]
angle = "45as110"
value = 1.3
[[requirement]]
kind = "angles"
statistic = "mean"
viewing = "D65/10"
limit = 0.8
[[requirement]]
kind = "flop"
limit = 0.4
[[requirement]]
kind = "travel"
quantity = "hue"
from_angle = "r45as15"
to_angle = "45as110"
limit = 3
[[requirement]]
kind = "metamerism"
reference = "D65/10"
test = "TL84/10"
limit = 0.5
[[requirement]]
kind = "inconstancy"
test = "A/10"
angle = "45as45"
limit = 6
[[texture]]
quantity = "graininess"
limit = 0.5
uncertainty = 0.1
"""


def test_every_key_of_a_tolerance_arrives():
    tolerance = parse_tolerance(BY_SCHEME, "silver.toml")
    general = Form(shape="box", semi_axes=(1, 1.5, 0.8))
    near = Form("45as15", "A/10°", "Lab", matrix=[[1, 0.1, 0], [0.1, 2, 0], [0, 0, 3]])
    assert tolerance.scheme == Scheme("DIN 6175", "the customer's letter of 2026-02-03", (general, near))
    assert tolerance.formula == "DIN 6175"
    assert tolerance.formula_source == "DIN 6175, as stated by the customer's letter of 2026-02-03; not verified"
    assert tolerance.limits == (Limit(1.3, "45as110"), Limit(1.0))
    assert tolerance.rule == "guarded acceptance"
    first, flop, travel, metamerism, inconstancy = tolerance.requirements
    assert first == AngleRule("mean", D65_10, 0.8)
    assert flop == FlopLimit(0.4)
    assert travel == TravelLimit("hue", "45as15", "45as110", 3.0)
    assert isinstance(metamerism, MetamerismLimit)
    assert [str(viewing) for viewing in metamerism.viewings] == ["D65/10°", "FL11/10°"]
    assert inconstancy == InconstancyLimit(A_10, 6.0, "45as45", "CMC(1:1)")
    assert tolerance.textures == (TextureLimit("graininess", 0.5, uncertainty=0.1),)


@pytest.mark.parametrize(
    "tolerance",
    [DEFAULT, parse_tolerance(DOCUMENT, "amethyst.toml"), parse_tolerance(BY_SCHEME, "silver.toml")],
    ids=lambda one: one.name,
)
def test_a_stored_tolerance_is_read_back_as_it_was(tolerance):
    assert tolerance_from_dict(tolerance.as_dict()) == tolerance


def test_a_tolerance_of_earlier_releases_reads_and_is_written_as_it_was():
    stored = {
        "name": "old",
        "formula": "CIEDE2000",
        "viewings": ["D65/10°"],
        "rule": "guarded",
        "confidence": 0.95,
        "source": "",
        "limit": [{"angle": "*", "viewing": "*", "delta_E": 1.0}, {"angle": "45as15", "viewing": "*", "delta_E": 2}],
    }
    assert tolerance_from_dict(stored).as_dict() == stored


def test_every_spelling_of_an_angle_is_the_same_limit():
    tolerance = parse_tolerance(DOCUMENT.replace(b"45as-15", b" r45AS-15 "), "amethyst.toml")
    assert tolerance.limit("45as-15", D65_10) == 2.0


LIMIT_2 = "amethyst.toml, limit 2"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ((b'formula = "CMC(2:1)"', b'formula = "AUDI2000"'), "'AUDI2000' is not known"),
        ((b'formula = "CMC(2:1)"', b""), "key 'formula' is missing, and there is no"),
        ((b'formula = "CMC(2:1)"', b"formula = 94"), "key formula: 94; expected a text"),
        ((b'"A/10"]', b'"candle/10"]'), "key viewings: illuminant 'candle'"),
        ((b'"A/10"]', b"1]"), "key viewings: a list of 2; expected a text"),
        ((b"confidence = 0.9", b"confidence = 1.9"), "confidence"),
        ((b"confidence = 0.9", b"confidence = nan"), "key confidence: nan; expected a finite number"),
        ((b"confidence = 0.9", b"confidence = true"), "key confidence: true; expected a finite number"),
        ((b"confidence = 0.9", b"confidence = 0x" + b"f" * 5000), "an integer of 20000 bits"),
        ((b"confidence = 0.9", b"confidence = 2026-01-01"), "key confidence: a date"),
        ((b"confidence = 0.9", b'rule = "strict"'), "key rule: the text 'strict'; expected one of simple, guarded"),
        ((b"confidence = 0.9", b"confidense = 0.9"), "unknown key 'confidense'"),
        ((b"confidence = 0.9", b"inherits = false"), "unknown key 'inherits'"),
        ((b"confidence = 0.9", b"a" + b".a" * 5000 + b" = 1"), "unknown key 'a'"),
        ((b"confidence = 0.9", b"name" + b".a" * 5000 + b" = 1"), "TOML|key name: a table"),
        ((b"[[limit]]\ndelta_E = 1.0\n", b""), "general limit"),
        ((b"delta_E = 2.0", b"delta_E = -2.0"), f"{LIMIT_2}: a limit of -2"),
        ((b"delta_E = 2.0", b"delta_E = inf"), f"{LIMIT_2}, key delta_E: inf; expected a finite number"),
        ((b"delta_E = 2.0", b'delta_E = "two"'), f"{LIMIT_2}, key delta_E: the text 'two'; expected a finite number"),
        ((b"delta_E = 2.0", b"delta_E = [[2.0]]"), f"{LIMIT_2}, key delta_E: a list of 1"),
        ((b"delta_E = 2.0", b"dE = 2.0"), f"{LIMIT_2}: unknown key 'dE'"),
        ((b"delta_E = 2.0", b"value = 2.0"), f"{LIMIT_2}: key 'value' beside a formula; expected 'delta_E'"),
        ((b"delta_E = 2.0", b"value = 2.0\ndelta_E = 2.0"), f"{LIMIT_2}: both 'delta_E' and 'value'"),
        ((b"delta_E = 2.0", b""), f"{LIMIT_2}: the key 'delta_E' is missing"),
        ((b"delta_E = 2.0", b"withdrawn = true"), f"{LIMIT_2}: unknown key 'withdrawn'"),
        ((b'name = "Amethyst"', b""), "the key 'name' is missing"),
        ((b'angle = "45as-15"\ndelta_E = 2.0', b'viewing = "A/10"\ndelta_E = 2.0'), "two limit rows .* row 2"),
        ((b"[[limit]]", b"[[limit"), "TOML"),
        ((b"confidence = 0.9", b"confidence = " + b"9" * 6000), "TOML"),
        ((b"confidence = 0.9", b"confidence = " + b"[" * 50_000), "TOML"),
        ((b'"Amethyst"', b'"\xff"'), "TOML"),
        ((b'angle = "45as-15"', b'angle = "face"'), f"{LIMIT_2}, key angle: 'face' is no angle pair"),
        ((b'angle = "45as-15"', b'angle = "95as15"'), f"{LIMIT_2}, key angle: .*below 90"),
        ((b'viewing = "A/10"\ndelta_E = 1.4', b'viewing = "FL2/10"\ndelta_E = 1.4'), "FL2/10°, which is not among"),
        ((b"confidence = 0.9", b'confidence = 0.9\n[scheme]\nname = "x"'), "both a formula and a scheme"),
        (
            (DOCUMENT[-8:], DOCUMENT[-8:] + b"[[limit]]\ndelta_E = 1.0\n" * 1000),
            "1004 rows; expected at most 1000 rows",
        ),
        ((DOCUMENT[-8:], DOCUMENT[-8:] + b"#" * 2**20), "bytes; expected a tolerance of at most"),
    ],
)
def test_a_wrong_tolerance_is_refused_by_file_and_key(change, message):
    content = DOCUMENT.replace(*change)
    assert content != DOCUMENT
    with pytest.raises(ToleranceError, match=message) as caught:
        parse_tolerance(content, "amethyst.toml")
    assert str(caught.value).startswith("amethyst.toml")
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ((b'source = "the customer\'s letter of 2026-02-03"', b""), "scheme: the key 'source' is missing; say who"),
        ((b'source = "the customer\'s letter of 2026-02-03"', b"source = ' '"), "scheme: the scheme DIN 6175 has no"),
        ((b'name = "DIN 6175"', b""), "scheme: the key 'name' is missing"),
        ((b'name = "DIN 6175"', b'name = "DIN 6175"\nweights = 1'), "scheme: unknown key 'weights'"),
        ((b'name = "DIN 6175"', b'name = "CIEDE2000"'), "a formula of its own"),
        ((b'shape = "box"', b'shape = "cube"'), "scheme.form 1, key shape: the text 'cube'"),
        ((b"semi_axes = [1, 1.5, 0.8]", b""), "scheme.form 1: a form needs either"),
        ((b"semi_axes = [1, 1.5, 0.8]", b"semi_axes = [1, 1.5]"), "scheme.form 1, key semi_axes: a list of 2; exp"),
        ((b"semi_axes = [1, 1.5, 0.8]", b"semi_axes = [1, nan, 1]"), "scheme.form 1, key semi_axes: a list of 3"),
        ((b"[0, 0, 3.0]]", b"[0, 0, -3.0]]"), "scheme.form 2: .*positive definite"),
        ((b"[0, 0, 3.0]]", b"[0, 1, 3.0]]"), "scheme.form 2: the matrix is not symmetric"),
        ((b"[0, 0, 3.0]]", b"[0, 0, inf]]"), "scheme.form 2, key matrix"),
        ((b"[0, 0, 3.0]]", b"3]"), "scheme.form 2, key matrix: a list of 3; expected three numbers"),
        ((b'angle = "45as15"\nviewing = "A/10"', b""), "two scheme.form rows for the same place"),
        ((b"value = 1.3", b"delta_E = 1.3"), "limit 1: key 'delta_E' beside a scheme"),
        ((b'kind = "flop"', b'kind = "flip"'), "requirement 2, key kind: the text 'flip'; expected one of angles"),
        ((b'kind = "flop"', b""), "requirement 2, key kind: nothing"),
        ((b'viewing = "D65/10"\nlimit = 0.8', b"limit = 0.8"), "requirement 1: the key 'viewing' is missing"),
        ((b"limit = 0.4", b""), "requirement 2: the key 'limit' is missing"),
        ((b"limit = 0.4", b"limit = 0"), "requirement 2: a limit of 0"),
        ((b'to_angle = "45as110"', b'to_angle = "*"'), "requirement 3: "),
        ((b'test = "TL84/10"', b'test = "D65/10"'), "requirement 4: metamerism from D65/10° to the same"),
        ((b'angle = "45as45"', b'angle = "45as45"\nformula = "X"'), "requirement 5: .*'X' is not known"),
        ((b"uncertainty = 0.1", b"uncertainty = -0.1"), "texture 1: a texture uncertainty"),
        ((b'quantity = "graininess"', b""), "texture 1: the key 'quantity' is missing"),
    ],
)
def test_a_wrong_scheme_or_requirement_is_refused_by_its_row(change, message):
    content = BY_SCHEME.replace(*change)
    assert content != BY_SCHEME
    with pytest.raises(ToleranceError, match=f"^silver.toml, .*{message}"):
        parse_tolerance(content, "silver.toml")


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(["*", "D65/10"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


def _places(value, path=()):
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield from _places(one, (*path, key))


def _changed(value, path, new):
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = _changed(value[path[0]], path[1:], new)
    return copy


WHOLE = tomllib.loads(BY_SCHEME.decode())


@given(st.sampled_from(list(_places(WHOLE))), anything)
def test_whatever_stands_in_place_of_a_value_it_is_read_or_refused_by_file(path, new):
    document = _changed(WHOLE, path, new)
    try:
        tolerance = tolerance_from_dict(document, "silver.toml")
    except ToleranceError:
        with pytest.raises(ToleranceError, match=r"^silver\.toml"):
            tolerance_from_dict(document, "silver.toml")
    else:
        assert tolerance_from_dict(tolerance.as_dict()) == tolerance


def test_a_tolerance_nested_beyond_reason_is_refused_in_one_sentence():
    deep = []
    for _ in range(100_000):
        deep = [deep]
    for key in ("name", "limit", "scheme", "confidence", "viewings", "odd"):
        with pytest.raises(ToleranceError, match=r"^stored: |^stored, "):
            tolerance_from_dict(WHOLE | {key: deep}, "stored")
