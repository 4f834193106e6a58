"""CxF3 files typed for the tests, and measurement files of every kind that CxF3 and our extension hold."""

from datetime import UTC, datetime, timedelta, timezone

import numpy as np
from hypothesis import strategies as st

from spectra.formats.base import MeasurementFile
from spectra.geometry import SINGLE_GEOMETRIES, directional
from spectra.light import SpectralDistribution
from spectra.measurement import Declared, Measurement
from spectra.stated import Attachment, ColourReading, StatedColour, StatedComponent, StatedRecipe, Texture
from spectra.wavelengths import WavelengthGrid, grid_of_nodes

CORE = "http://colorexchangeformat.com/CxF3-core"

# One specification as real instruments write it; tests replace its parts.
SPECIFICATION = """<cc:ColorSpecification Id="{id}">
 <cc:TristimulusSpec>
  <cc:Illuminant>D65</cc:Illuminant><cc:Observer>10_Degree</cc:Observer><cc:Method>{method}</cc:Method>
 </cc:TristimulusSpec>
 <cc:MeasurementSpec>
  <cc:MeasurementType>{kind}</cc:MeasurementType>
  <cc:GeometryChoice>{geometry}</cc:GeometryChoice>
  <cc:WavelengthRange StartWL="400" Increment="20"/>
  {rest}
 </cc:MeasurementSpec>
</cc:ColorSpecification>"""
SPHERE = "<cc:SphereGeometry>Specular_Included</cc:SphereGeometry>"
SPECTRUM = '<cc:ReflectanceSpectrum ColorSpecification="{id}" StartWL="400">{values}</cc:ReflectanceSpectrum>'
VALUES = "0.1 0.25 0.5 0.75"


def specification(id="s", geometry=SPHERE, rest="", kind="Spectrum_Reflectance", method="unknown"):
    return SPECIFICATION.format(id=id, geometry=geometry, rest=rest, kind=kind, method=method)


def angle(token, illumination, aspecular, azimuth=None):
    out_of_plane = "" if azimuth is None else f"<cc:Azimuth>{azimuth}</cc:Azimuth>"
    return (
        f'<cc:MultiAngle><cc:BRDFAngle Notation="{token}"><cc:IlluminationAngle>{illumination}</cc:IlluminationAngle>'
        f"<cc:Aspecular>{aspecular}</cc:Aspecular>{out_of_plane}</cc:BRDFAngle></cc:MultiAngle>"
    )


def spectrum(id="s", values=VALUES):
    return SPECTRUM.format(id=id, values=values)


def lab(L, A, B, id="s"):
    return (
        f'<cc:ColorCIELab ColorSpecification="{id}"><cc:L>{L}</cc:L><cc:A>{A}</cc:A><cc:B>{B}</cc:B></cc:ColorCIELab>'
    )


def cxf_object(colours="", id="o1", name="panel 1", kind="Trial", rest="", date="2026-03-01T08:30:00+08:00"):
    return (
        f'<cc:Object ObjectType="{kind}" Name="{name}" Id="{id}"><cc:CreationDate>{date}</cc:CreationDate>'
        f"<cc:ColorValues>{colours}</cc:ColorValues>{rest}</cc:Object>"
    )


def cxf_file(*objects, specifications=None, information="", custom="", prolog='<?xml version="1.0" encoding="UTF-8"?>'):
    specifications = specification() if specifications is None else specifications
    return (
        f'{prolog}\n<cc:CxF xmlns:cc="{CORE}">{information}<cc:Resources>\n'
        f"<cc:ObjectCollection>\n{chr(10).join(objects)}\n</cc:ObjectCollection>\n"
        f"<cc:ColorSpecificationCollection>\n{specifications}\n</cc:ColorSpecificationCollection>\n"
        f"</cc:Resources>{custom}</cc:CxF>"
    ).encode()


# ---------------------------------------------------------------------------------------------------- everything kept

LETTERS = st.characters(codec="utf-8", categories=("L", "N", "P", "S"))
TEXTS = st.text(LETTERS | st.just(" "), min_size=1, max_size=12).filter(
    lambda text: text.isprintable() and text.strip() == text
)
NUMBERS = st.floats(-1e6, 1e6, allow_nan=False, allow_infinity=False)
TIMES = st.none() | st.datetimes(
    datetime(1900, 1, 1),  # noqa: DTZ001
    datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from((None, UTC, timezone(timedelta(hours=8)), timezone(timedelta(hours=-3, minutes=-30)))),
)
GRIDS = st.one_of(
    st.builds(
        lambda start, step, count: WavelengthGrid(start, start + step * (count - 1), step),
        st.sampled_from((360, 380, 400)),
        st.sampled_from((1, 2, 5, 10, 20)),
        st.integers(2, 12),
    ),
    st.builds(
        lambda start, step, count: WavelengthGrid(start, start + step * (count - 1), step),
        st.floats(250, 600),
        st.sampled_from((10.0, 3.3, 7.0, 0.1)),
        st.integers(2, 12),
    ),
    st.lists(st.floats(300, 1000), min_size=2, max_size=8, unique=True)
    .map(sorted)
    .filter(lambda nodes: min(np.diff(nodes)) > 1e-3)
    .map(grid_of_nodes),
)
TOKENS = st.builds(
    lambda light, aspecular, azimuth: f"{light}as{aspecular:g}" + ("" if azimuth is None else f"az{azimuth:g}"),
    st.sampled_from((15, 45, 65)),
    st.sampled_from((-45, -15, 15, 25, 25.5, 45, 75, 110)),
    st.none() | st.sampled_from((-90, 0, 12.25, 90, 180)),
)
GEOMETRIES = st.one_of(
    st.sampled_from(sorted(SINGLE_GEOMETRIES)).map(SINGLE_GEOMETRIES.__getitem__),
    st.lists(TOKENS, min_size=1, max_size=4, unique_by=lambda token: token.removesuffix("az0")).map(directional),
)
CONDITION_NAMES = st.one_of(
    TEXTS,
    st.sampled_from(
        (
            *(
                "aperture",
                "calibration standard",
                "device filter",
                "device class",
                "filter position",
                "comment",
                "GUID",
            ),
            *("filter description", "luminance units", "object type", "tristimulus method", "device illumination"),
            *("Location/Page", "Location/Row", "Conditions/x", "/x", "x/", "a/b/c", "measurement type", "geometry"),
            *("emissive mode", "illumination type", "device polarization", "UV", "spectrum name"),
        )
    ),
)
CONDITION_TEXTS = TEXTS | st.sampled_from(
    (
        *(
            "12",
            "Filter_UVExcluded",
            "DeviceClass_Spot",
            "LED",
            "true",
            "E308_1nm",
            "E308_Table5",
            "unknown",
            "normalized",
        ),
        *("Standard", "Trial", "Other", "M1_Measurement", "EmissiveMode_Diffuser", "Spectrum_Custom", "undeclared"),
        *("Spectrum_Emissive", "Colorimetric_Emissive", "a; b", ""),
    )
)
CONDITIONS = st.dictionaries(CONDITION_NAMES, CONDITION_TEXTS, max_size=5)


@st.composite
def stated_colours(draw, n_angles):
    colours = []
    for _ in range(draw(st.integers(0, 3))):
        space = draw(st.sampled_from(("Lab", "XYZ", "LCh", "xyY", "Luv")))
        # L* from 3 to 400 would contradict the spectra beside them, which is refused.
        first = st.floats(-5, 3) | st.floats(400, 1e6) if space == "Lab" else NUMBERS | st.floats(0, 1)
        rows = [[draw(first), *(draw(NUMBERS | st.floats(0, 1)) for _ in range(2))] for _ in range(n_angles)]
        if draw(st.booleans()) and n_angles > 1:
            rows[draw(st.integers(0, n_angles - 1))] = [np.nan] * 3
        illuminant = draw(st.none() | st.sampled_from(("D65", "A", "F11", "LED-B3", "Custom")) | TEXTS)
        observer = draw(st.none() | st.sampled_from(("2°", "10°")) | TEXTS)
        colours.append(StatedColour(space, np.array(rows), illuminant, observer))
    return tuple(colours)


DECLARATIONS = st.builds(
    Declared,
    condition=st.none() | st.sampled_from(("M0", "M1", "M2", "M3")),
    bandpass_nm=st.none() | st.floats(0.5, 30),
    bandpass_corrected=st.none() | st.booleans(),
    backing=st.none() | st.sampled_from(("white", "black")) | TEXTS,
)
TEXTURES = st.builds(Texture, TEXTS, TEXTS, NUMBERS, st.just("") | TEXTS)
INSTRUMENTS = st.none() | TEXTS | st.just("Maker Model 3, serial number 0042")


@st.composite
def measurements(draw):
    grid, geometry = draw(GRIDS), draw(GEOMETRIES)
    shape = (geometry.n_angles, grid.count)
    factors = st.floats(-0.05, 1.5) | st.sampled_from((0.0, 2.9999, 3.0, 7.5, -0.1, -0.25, 1e-12, 1 / 3))
    spectra = np.array([[draw(factors) for _ in range(shape[1])] for _ in range(shape[0])])
    noise = np.random.default_rng(draw(st.integers(0, 2**16))).normal(size=(3, *shape))
    root = noise[0][:, :, None] * noise[1][:, None, :]
    return Measurement(
        draw(TEXTS),
        spectra,
        grid,
        geometry,
        role=draw(st.sampled_from(("standard", "sample", "undeclared"))),
        standard=draw(st.none() | TEXTS),
        readings=spectra + 0.01 * noise[: draw(st.integers(1, 3))] if draw(st.booleans()) else None,
        covariance=root @ root.swapaxes(1, 2) if draw(st.booleans()) else None,
        declared=draw(DECLARATIONS),
        stated=draw(stated_colours(geometry.n_angles)),
        texture=tuple(draw(st.lists(TEXTURES, max_size=2))),
        taken_at=draw(TIMES),
        instrument=draw(INSTRUMENTS),
        conditions=draw(CONDITIONS),
    )


@st.composite
def colour_readings(draw):
    geometry = draw(GEOMETRIES)
    colours = draw(
        stated_colours(geometry.n_angles).filter(lambda colours: any(np.isfinite(c.values).any() for c in colours))
    )
    return ColourReading(
        draw(TEXTS),
        colours,
        geometry,
        role=draw(st.sampled_from(("standard", "sample", "undeclared"))),
        standard=draw(st.none() | TEXTS),
        taken_at=draw(TIMES),
        instrument=draw(INSTRUMENTS),
        texture=tuple(draw(st.lists(TEXTURES, max_size=1))),
        conditions=draw(CONDITIONS),
    )


@st.composite
def distributions(draw):
    grid = draw(GRIDS)
    quantity = draw(st.sampled_from(("relative", "flux", "transmittance", "emissive", "illuminant", "reflectance", "")))
    values = np.array([draw(st.floats(0, 2) | st.floats(-1e6, 1e6)) for _ in range(grid.count)])
    return SpectralDistribution(draw(TEXTS), quantity, values, grid, draw(st.just("") | TEXTS), draw(CONDITIONS))


COMPONENTS = st.builds(
    StatedComponent,
    colorant=TEXTS,
    amount=NUMBERS,
    part_number=st.none() | TEXTS,
    density=st.none() | st.sampled_from(("1.2", "0.98e0", "1")),
    is_base=st.booleans(),
)
RECIPES = st.builds(
    StatedRecipe,
    sample=TEXTS,
    name=st.just("") | TEXTS,
    unit=st.none() | TEXTS,
    components=st.lists(COMPONENTS, min_size=1, max_size=3).map(tuple),
    substrate=st.none() | TEXTS,
    process=st.none() | TEXTS,
)
DOCUMENTS = st.dictionaries(
    st.text(max_size=5),
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53), 2**53) | NUMBERS | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
        max_leaves=6,
    ),
    max_size=3,
)
INFORMATION = st.builds(
    lambda parts, tags: Attachment("file information", None, parts | ({"Tags": tags} if tags else {})),
    st.fixed_dictionaries(
        {"Creator": TEXTS},
        optional={"CreationDate": st.just("2026-03-01T08:30:00.125+08:00"), "Description": TEXTS, "Comment": TEXTS},
    ),
    st.lists(st.tuples(st.just("") | TEXTS, st.just("") | TEXTS).map(list), max_size=2),
)


@st.composite
def measurement_files(draw):
    """A file of everything at once; at least one measurement."""
    measured = draw(st.lists(measurements(), min_size=1, max_size=3))
    subjects = st.none() | st.integers(0, len(measured) - 1)
    documents = st.builds(
        Attachment, st.sampled_from(("tolerance", "verdict", "provenance", "difference")), subjects, DOCUMENTS
    )
    recipes = draw(st.lists(RECIPES, max_size=2, unique_by=lambda recipe: recipe.sample))
    return MeasurementFile(
        "cxf",
        tuple(measured),
        colours=tuple(draw(st.lists(colour_readings(), max_size=2))),
        spectra=tuple(draw(st.lists(distributions(), max_size=2))),
        recipes=tuple(recipes),
        attachments=(*draw(st.lists(INFORMATION, max_size=1)), *draw(st.lists(documents, max_size=3))),
    )
