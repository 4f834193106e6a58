"""What CxF3 states, read: by the specification each value refers to, and never by more."""

from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from cxf_files import SPHERE, VALUES, angle, cxf_file, cxf_object, lab, specification, spectrum

from spectra.errors import MalformedFileError
from spectra.formats import cxf
from spectra.formats.base import ReadOptions
from spectra.geometry import ANNULAR_0_45, ANNULAR_45_0, D8, D8_SCE, D8_SCI, UNDECLARED, UNIPLANAR_0_45, UNIPLANAR_45_0
from spectra.measurement import Declared
from spectra.stated import StatedComponent

FACTORS = [0.1, 0.25, 0.5, 0.75]


def read(*objects, options=None, **parts):
    return cxf.read(cxf_file(*objects, **parts), "file.cxf", options or ReadOptions())


def only(*objects, **parts):
    (measurement,) = read(*objects, **parts).measurements
    return measurement


def refusal(*objects, **parts):
    with pytest.raises(MalformedFileError) as caught:
        read(*objects, **parts)
    return str(caught.value)


def test_a_spectrum_with_its_colour():
    panel = only(cxf_object(lab(65, 1.5, -2, "s") + spectrum()))
    assert panel.sample == "panel 1"
    assert panel.role == "sample"
    assert str(panel.grid) == "400–460/20 nm"
    assert panel.reflectance_factor.tolist() == [FACTORS]
    assert panel.geometry is D8_SCI
    assert panel.taken_at == datetime(2026, 3, 1, 8, 30, tzinfo=timezone(timedelta(hours=8)))
    (colour,) = panel.stated
    assert (colour.space, colour.illuminant, colour.observer) == ("Lab", "D65", "10°")
    assert colour.values.tolist() == [[65, 1.5, -2]]


@pytest.mark.parametrize(
    ("declared", "prefix"), [("xmlns", ""), ("xmlns:cc", "cc:"), ("xmlns:any-name.", "any-name.:")]
)
def test_the_namespace_decides_and_not_its_prefix(declared, prefix):
    text = cxf_file(cxf_object(spectrum())).decode().replace("xmlns:cc=", "@=").replace("cc:", prefix)
    content = text.replace("@=", f"{declared}=").encode()
    assert cxf.recognises(content, "")
    assert len(cxf.read(content, "file.cxf").measurements) == 1


def test_utf_16_with_a_byte_order_mark():
    text = cxf_file(cxf_object(spectrum(), name="紫水晶")).decode()
    content = text.replace('"UTF-8"', '"UTF-16"').encode("utf-16")
    assert cxf.recognises(content, "")
    assert cxf.read(content, "file.cxf").measurements[0].sample == "紫水晶"


# ------------------------------------------------------------------------------------------------------- wavelengths


def test_the_start_wavelength_may_stand_in_either_place_but_must_agree():
    without = spectrum().replace(' StartWL="400"', "")
    assert only(cxf_object(without)).grid.start == 400
    message = refusal(cxf_object(spectrum().replace('"400"', '"380"')))
    assert (
        "line 4, object 'panel 1': StartWL is 380 here and 400 in the WavelengthRange of ColorSpecification 's'"
        in message
    )


def test_an_increment_is_never_assumed():
    bare = specification().replace('<cc:WavelengthRange StartWL="400" Increment="20"/>', "")
    assert "no WavelengthRange in its ColorSpecification" in refusal(cxf_object(spectrum()), specifications=bare)


def custom(points, id="s"):
    inner = "".join(f'<cc:SpectralPoint WL="{nm}">{value}</cc:SpectralPoint>' for nm, value in points)
    return f'<cc:CustomSpectrum ColorSpecification="{id}">{inner}</cc:CustomSpectrum>'


def test_uneven_wavelengths_point_by_point():
    panel = only(cxf_object(custom([(400.5, 0.1), (410, 0.2), (435.25, 0.3)])))
    assert panel.grid.step is None
    assert panel.grid.nodes == (400.5, 410, 435.25)
    assert panel.reflectance_factor.tolist() == [[0.1, 0.2, 0.3]]


def test_points_out_of_order_are_sorted_and_noted():
    file = read(cxf_object(custom([(420, 0.3), (400, 0.1), (410, 0.2)])))
    assert file.measurements[0].reflectance_factor.tolist() == [[0.1, 0.2, 0.3]]
    assert "spectral points out of order were sorted by their wavelength" in file.notes


def test_a_spectrum_that_contradicts_itself_is_left_out_and_the_objects_beside_it_are_read():
    torn, sound = custom([(400, 0.1), (410, 0.2), (410, 0.4)]), custom([(400, 0.1), (410, 0.2)])
    file = read(cxf_object(torn, id="o1", name="torn"), cxf_object(sound, id="o2", name="sound"))
    assert [one.sample for one in file.measurements] == ["sound"]
    (note,) = [note for note in file.notes if "torn" in note]
    assert "the spectrum is left out: 410 nm stands twice, with 0.2 and 0.4" in note


def test_a_custom_spectrum_that_does_not_say_of_what():
    anything = specification(kind="Spectrum_Custom")
    file = read(cxf_object(custom([(400, 0.1), (410, 0.2)])), specifications=anything)
    assert len(file.measurements) == 1
    assert any("measured in a reflection geometry is taken as reflectance factors" in note for note in file.notes)
    nowhere = specification(kind="Spectrum_Custom", geometry="<cc:UnknownGeometry>?</cc:UnknownGeometry>")
    file = read(cxf_object(custom([(400, 0.1), (410, 0.2)])), specifications=nowhere)
    assert [one.quantity for one in file.spectra] == ["undeclared"]


def test_one_wavelength_is_no_spectrum():
    file = read(cxf_object(spectrum() + spectrum(values="0.5")))
    assert len(file.measurements) == 1
    assert "a spectrum of 1 wavelengths is left out" in file.notes


# ---------------------------------------------------------------------------------------------------- percent, absurd


@pytest.mark.parametrize("values", ["10 25 50 75", "0.1 0.25 0.5 3.01", "-0.11 0.1 0.2 0.3"])
def test_beyond_the_fractions_of_the_schema_is_refused_unless_declared(values):
    assert "a fraction (1 = perfect diffuser) between -0.1 and 3, as CxF3 prescribes" in refusal(
        cxf_object(spectrum(values=values))
    )
    file = read(cxf_object(spectrum(values=values)), options=ReadOptions("fraction"))
    assert file.measurements[0].reflectance_factor.tolist() == [[float(one) for one in values.split()]]


def test_percent_cannot_be_declared():
    assert "fraction, which the format prescribes" in refusal(cxf_object(spectrum()), options=ReadOptions("percent"))


def test_spectra_that_contradict_the_lightness_beside_them_are_refused():
    values = " ".join(["0.0035"] * 16)
    assert "times as bright as the L* beside them" in refusal(cxf_object(spectrum(values=values) + lab(65, 0, 0)))


@pytest.mark.parametrize("values", ["0.1 x", "0.1 nan", "0.1 1e999", "0.1 1_0", "0.1,0.2", "٠.١ ٠.٢", "0.1 0x10"])
def test_what_is_no_number_is_named(values):
    assert "line 4, object 'panel 1': a value is " in refusal(cxf_object(spectrum(values=values)))


# ------------------------------------------------------------------------------------------------ geometry and angles


def single(configuration, light, sight):
    return (
        f"<cc:SingleAngle><cc:SingleAngleConfiguration>{configuration}</cc:SingleAngleConfiguration>"
        f"<cc:IlluminationAngle>{light}</cc:IlluminationAngle><cc:MeasurementAngle>{sight}</cc:MeasurementAngle>"
        "</cc:SingleAngle>"
    )


@pytest.mark.parametrize(
    ("stated", "geometry"),
    [
        (SPHERE, D8_SCI),
        ("<cc:SphereGeometry>Specular_Excluded</cc:SphereGeometry>", D8_SCE),
        ("<cc:SphereGeometry>Diffuse</cc:SphereGeometry>", D8),
        (single("Annular", "45.0", "0"), ANNULAR_45_0),
        (single("Uniplanar", "45", "0.0"), UNIPLANAR_45_0),
        (single("Annular", "0", "45"), ANNULAR_0_45),
        (single("Uniplanar", "0", "45"), UNIPLANAR_0_45),
        (single("Annular", "30", "0"), UNDECLARED),
        ("<cc:UnknownGeometry>homemade</cc:UnknownGeometry>", UNDECLARED),
        ("", UNDECLARED),
    ],
)
def test_geometries(stated, geometry):
    panel = only(cxf_object(spectrum()), specifications=specification(geometry=stated))
    assert panel.geometry is geometry


def test_a_geometry_we_have_no_word_for_is_kept_in_the_file_s():
    panel = only(cxf_object(spectrum()), specifications=specification(geometry=single("Annular", "30", "0")))
    assert panel.conditions["geometry"] == "Annular 30:0"


AS15, AS25, OUT = (
    specification("as15", angle("15as", 45, 15)),
    specification("as25", angle("25as", 45, 25)),
    specification("out", angle("45as25az90", 45, 25, 90)),
)


def test_the_angles_of_an_object_are_one_measurement_in_the_order_of_the_file():
    values = ["0.5 0.5 0.5 0.5", "0.4 0.4 0.4 0.4", VALUES]
    colours = "".join(spectrum(id, one) for id, one in zip(("as25", "out", "as15"), values, strict=True))
    panel = only(cxf_object(colours + lab(50, 1, 2, "as15") + lab(60, 3, 4, "as25")), specifications=AS15 + AS25 + OUT)
    assert panel.geometry.tokens == ("45as25", "45as25az90", "45as15")
    assert panel.reflectance_factor[:, 0].tolist() == [0.5, 0.4, 0.1]
    np.testing.assert_array_equal(panel.stated[0].values, [[60, 3, 4], [np.nan] * 3, [50, 1, 2]])


def test_an_azimuth_of_0_lies_in_the_plane():
    flat = specification("s", angle("45as15", 45, 15, 0))
    assert only(cxf_object(spectrum()), specifications=flat).geometry.tokens == ("45as15",)


def test_a_notation_that_contradicts_its_angles_is_refused():
    wrong = specification("s", angle("45as25", 45, 15))
    assert "the notation '45as25' contradicts the angles beside it, 45as15" in refusal(
        cxf_object(spectrum()), specifications=wrong
    )


def test_several_angles_in_one_specification_do_not_say_which_a_spectrum_is_of():
    both = specification(
        "s",
        angle("15as", 45, 15).replace("</cc:MultiAngle>", "") + angle("25as", 45, 25).removeprefix("<cc:MultiAngle>"),
    )
    assert "has 2 BRDFAngles; expected one specification for each angle" in refusal(
        cxf_object(spectrum()), specifications=both
    )
    named = [spectrum().replace("StartWL", f'Name="{name}" StartWL') for name in ("25as", "45as15")]
    panel = only(cxf_object("".join(named) + lab(50, 0, 0)), specifications=both)
    assert panel.geometry.tokens == ("45as25", "45as15")
    assert panel.stated == ()
    file = read(cxf_object(lab(50, 0, 0)), specifications=both)
    assert file.colours[0].geometry is UNDECLARED
    assert file.colours[0].conditions["angles"] == "45as15, 45as25"


def test_specular_included_and_excluded_are_two_measurements():
    excluded = specification("e", "<cc:SphereGeometry>Specular_Excluded</cc:SphereGeometry>")
    file = read(
        cxf_object(spectrum("s") + lab(60, 0, 0, "e") + spectrum("e")), specifications=specification() + excluded
    )
    assert [one.geometry.name for one in file.measurements] == ["d/8 SCI", "d/8 SCE"]
    assert [len(one.stated) for one in file.measurements] == [0, 1]


def test_repeats_of_one_specification_are_readings():
    file = read(cxf_object(spectrum(values="0.1 0.2 0.3 0.4") + spectrum(values="0.3 0.4 0.5 0.6")))
    (panel,) = file.measurements
    assert panel.readings.shape == (2, 1, 4)
    np.testing.assert_allclose(panel.reflectance_factor, [[0.2, 0.3, 0.4, 0.5]])
    assert any("their mean is its spectrum" in note for note in file.notes)
    uneven = spectrum("as15") + spectrum("as15") + spectrum("as25")
    assert "2 spectra at 45as15, 1 spectra at 45as25" in refusal(cxf_object(uneven), specifications=AS15 + AS25)


# --------------------------------------------------------------------------------------------- conditions and colours

DEVICE = (
    "<cc:CalibrationStandard>XRGA</cc:CalibrationStandard>"
    "<cc:Aperture>12 mm</cc:Aperture><cc:Backing>white</cc:Backing>"
    "{bandpass}<cc:Device><cc:Manufacturer>Maker</cc:Manufacturer><cc:Model>Model 3</cc:Model>"
    "<cc:SerialNumber>0042</cc:SerialNumber><cc:DeviceFilter>Filter_UVExcluded</cc:DeviceFilter>"
    "<cc:DeviceIllumination>{light}</cc:DeviceIllumination></cc:Device>"
)


def test_what_a_specification_declares_of_the_device():
    declared = specification(rest=DEVICE.format(bandpass="", light="M2_UVExcluded"), method="E308_Table5")
    panel = only(cxf_object(spectrum()), specifications=declared)
    assert panel.instrument == "Maker Model 3, serial number 0042"
    assert panel.declared == Declared("M2", None, True, "white")
    assert panel.conditions == {
        "aperture": "12 mm",
        "calibration standard": "XRGA",
        "device filter": "Filter_UVExcluded",
    }


@pytest.mark.parametrize(
    ("method", "element", "corrected"),
    [
        ("E308_Table5", "", True),
        ("E308_Table6", "", False),
        ("E308_1nm", "", None),
        ("unknown", "", None),
        ("unknown", "true", True),
        ("E308_Table5", "false", False),
    ],
)
def test_whether_the_bandpass_was_corrected(method, element, corrected):
    bandpass = f"<cc:BandpassCorrected>{element}</cc:BandpassCorrected>" if element else ""
    file = read(cxf_object(spectrum()), specifications=specification(method=method, rest=bandpass))
    assert file.measurements[0].declared.bandpass_corrected is corrected
    contradicted = (method, element) == ("E308_Table5", "false")
    assert any("taken as BandpassCorrected says" in note for note in file.notes) == contradicted


def test_what_nobody_declares_stays_undeclared_and_is_noted():
    bare = (
        '<cc:ColorSpecification Id="s"><cc:MeasurementSpec><cc:WavelengthRange StartWL="400" Increment="20"/>'
        "</cc:MeasurementSpec></cc:ColorSpecification>"
    )
    file = read(cxf_object(spectrum() + lab(65, 0, 0)), specifications=bare)
    (panel,) = file.measurements
    assert (panel.geometry, panel.declared, panel.instrument) == (UNDECLARED, Declared(), None)
    assert (panel.stated[0].illuminant, panel.stated[0].observer) == (None, None)
    assert {
        "geometry not declared: 1",
        "measurement condition (M0, M1, M2, M3) not declared: 1",
        "bandpass correction not declared: 1",
        "illuminant and observer of stated colours not declared: 1",
    } <= set(file.notes)


def test_a_colour_has_the_illuminant_of_its_own_specification():
    under_A = specification("a").replace("D65", "A").replace("10_Degree", "2_Degree")
    panel = only(
        cxf_object(spectrum() + lab(65, 0, 0, "s") + lab(66, 3, 9, "a")), specifications=specification() + under_A
    )
    assert [(one.illuminant, one.observer) for one in panel.stated] == [("D65", "10°"), ("A", "2°")]


def test_a_light_of_its_own_has_a_name_and_a_spectrum():
    light = (
        '<cc:CustomIlluminant Name="shop LED" WLStart="400" List_Increment="100">'
        "<cc:SPDList>1 2 3</cc:SPDList></cc:CustomIlluminant>"
    )
    custom_light = specification().replace("<cc:Illuminant>D65</cc:Illuminant>", light)
    file = read(cxf_object(lab(65, 0, 0)), specifications=custom_light)
    assert file.colours[0].stated[0].illuminant == "shop LED"
    (spectral,) = file.spectra
    assert (spectral.name, spectral.quantity, spectral.values.tolist()) == ("shop LED", "illuminant", [1, 2, 3])
    assert str(spectral.grid) == "400–600/100 nm"


@pytest.mark.parametrize(
    ("element", "space", "values"),
    [
        ("<cc:ColorCIEXYZ {s}><cc:X>1</cc:X><cc:Y>2</cc:Y><cc:Z>3</cc:Z></cc:ColorCIEXYZ>", "XYZ", [1, 2, 3]),
        ("<cc:ColorCIELCh {s}><cc:L>1</cc:L><cc:C>2</cc:C><cc:H>3</cc:H></cc:ColorCIELCh>", "LCh", [1, 2, 3]),
        ("<cc:ColorCIELuv {s}><cc:L>1</cc:L><cc:U>2</cc:U><cc:V>3</cc:V></cc:ColorCIELuv>", "Luv", [1, 2, 3]),
        ("<cc:ColorCIExyY {s}><cc:x>0.3</cc:x><cc:y>0.4</cc:y><cc:Y>9</cc:Y></cc:ColorCIExyY>", "xyY", [0.3, 0.4, 9]),
    ],
)
def test_colours_of_every_space(element, space, values):
    (reading,) = read(cxf_object(element.format(s='ColorSpecification="s"'))).colours
    assert reading.stated[0].space == space
    assert reading.stated[0].values.tolist() == [values]


def test_a_reference_to_nothing_is_refused():
    assert "ColorSpecification 'other' is not in the file" in refusal(cxf_object(spectrum("other")))
    assert "ColorSpecification 'S' is not in the file" in refusal(cxf_object(lab(1, 2, 3, "S")))
    assert "a spectrum without ColorSpecification" in refusal(
        cxf_object(spectrum().replace('ColorSpecification="s"', ""))
    )
    assert "the Id 's' stands twice" in refusal(cxf_object(spectrum()), specifications=specification() * 2)
    assert "the Id 'o1' stands twice" in refusal(cxf_object(spectrum()), cxf_object(spectrum()))


def test_colours_nobody_computes_with_are_kept_in_words():
    colours = '<cc:ColorSRGB ColorSpecification="s"><cc:R>255</cc:R><cc:G>128</cc:G><cc:B>0</cc:B></cc:ColorSRGB>'
    density = (
        '<cc:ColorDensity ColorSpecification="s"><cc:Density>1.25</cc:Density>'
        "<cc:Status>T</cc:Status><cc:Filter>Cyan</cc:Filter></cc:ColorDensity>"
    )
    rest = (
        '<cc:DeviceColorValues><cc:ColorHTML HTML="#FF8000" ColorSpecification="s"/></cc:DeviceColorValues>'
        '<cc:TagCollection Name="job"><cc:Tag Name="operator" Value="Li"/></cc:TagCollection>'
        '<cc:PhysicalAttributes><cc:Thickness Units="µm">40</cc:Thickness>'
        '<cc:Gloss Method="20°">88.5</cc:Gloss></cc:PhysicalAttributes>'
    )
    assert only(cxf_object(spectrum() + colours + density, rest=rest)).conditions == {
        "ColorSRGB": "R 255, G 128, B 0",
        "ColorDensity": "Density 1.25, Status T, Filter Cyan",
        "ColorHTML": "HTML #FF8000",
        "job/operator": "Li",
        "Thickness": "40 µm",
        "Gloss": "88.5 (20°)",
    }


# ---------------------------------------------------------------------------------------- objects and what joins them


@pytest.mark.parametrize(
    ("kind", "role", "condition"),
    [
        ("Standard", "standard", None),
        ("Target", "standard", None),
        ("Trial", "sample", None),
        ("sample", "sample", None),
        ("M0_Measurement", "sample", "M0"),
        ("m2_measurement", "sample", "M2"),
        ("Substrate", "undeclared", None),
    ],
)
def test_what_an_object_is(kind, role, condition):
    panel = only(cxf_object(spectrum(), kind=kind))
    assert (panel.role, panel.declared.condition) == (role, condition)
    assert panel.conditions.get("object type") == (None if kind in ("Standard", "Trial") else kind)


def test_two_conditions_for_one_measurement_are_refused():
    declared = specification(rest=DEVICE.format(bandpass="", light="M1_Daylight"))
    message = refusal(cxf_object(spectrum(), kind="M0_Measurement"), specifications=declared)
    assert "ObjectType says M0, the DeviceIllumination of its specification M1" in message


def location(column, sample=-1):
    tags = {"Page": 1, "Row": 0, "Column": column, "SampleID": sample}
    inner = "".join(f'<cc:Tag Name="{name}" Value="{value}"/>' for name, value in tags.items())
    return f'<cc:TagCollection Name="Location">{inner}</cc:TagCollection>'


def chart_target(column, red, colours=""):
    color = f"<cc:ColorRGB><cc:R>{red}</cc:R><cc:G>0</cc:G><cc:B>0</cc:B></cc:ColorRGB>"
    device = f"<cc:DeviceColorValues>{color}</cc:DeviceColorValues>"
    return cxf_object(colours, f"t{column}", f"T{column}", "Target", device + location(column))


def test_measurements_are_joined_to_targets_by_their_place_and_not_by_their_order():
    file = read(
        *(
            cxf_object(spectrum(), f"m{column}", f"M0_{column}", "M0_Measurement", location(column))
            for column in (2, 0, 1)
        ),
        *(chart_target(column, red=10 * column) for column in (0, 1, 2)),
    )
    assert [one.conditions["target"] for one in file.measurements] == ["T2", "T0", "T1"]
    assert [one.conditions["target ColorRGB"] for one in file.measurements] == [
        "R 20, G 0, B 0",
        "R 0, G 0, B 0",
        "R 10, G 0, B 0",
    ]
    assert {one.standard for one in file.measurements} == {None}


def test_a_target_that_states_a_colour_is_the_standard():
    measured = cxf_object(spectrum(), "m", "M1_5", "M1_Measurement", location(5))
    file = read(measured, chart_target(5, 255, lab(60, 0, 0)))
    assert file.measurements[0].standard == "T5"
    assert (file.colours[0].sample, file.colours[0].role) == ("T5", "standard")


def test_a_place_that_two_targets_share_joins_nothing():
    measured = cxf_object(spectrum(), "m", "M1_5", "M1_Measurement", location(5))
    twin = chart_target(5, 7).replace('Id="t5"', 'Id="t6"')
    file = read(measured, chart_target(5, 255), twin)
    assert "target" not in file.measurements[0].conditions
    assert any("several targets share" in note for note in file.notes)


def test_a_stated_difference_names_the_standard():
    difference = (
        '<cc:ColorDifferenceValues><cc:DeltaCIELab ColorSpecification="s" StandardRef="std"><cc:dL>-1.5</cc:dL>'
        '<cc:dE2000 LRatio="2">0.75</cc:dE2000></cc:DeltaCIELab></cc:ColorDifferenceValues>'
    )
    file = read(cxf_object(spectrum(), rest=difference), cxf_object(spectrum(), "std", "master", "Standard"))
    assert [one.standard for one in file.measurements] == ["master", None]
    (attached,) = file.attachments
    assert (attached.kind, attached.subject) == ("difference", 0)
    assert attached.document["values"] == {"dL": -1.5, "dE2000": {"value": 0.75, "l:c ratio": 2.0}}
    assert (attached.document["standard"], attached.document["illuminant"]) == ("master", "D65")
    assert "StandardRef 'nobody' is no object of the file" in refusal(
        cxf_object(spectrum(), rest=difference.replace('"std"', '"nobody"'))
    )


def test_a_recipe():
    recipe = (
        '<cc:DeviceColorValues><cc:ColorRecipe Name="R1" Units="g">'
        "<cc:CreationDate>2026-01-01T00:00:00</cc:CreationDate>"
        "<cc:Substrate>steel</cc:Substrate><cc:Process>spray</cc:Process>"
        '<cc:Colorant Name="white" isBase="true"><cc:PartNumber>007</cc:PartNumber><cc:Density>1.25</cc:Density>'
        "<cc:Value>50</cc:Value></cc:Colorant>"
        '<cc:Colorant Name="red"><cc:Value>0.5</cc:Value></cc:Colorant></cc:ColorRecipe></cc:DeviceColorValues>'
    )
    (found,) = read(cxf_object(rest=recipe)).recipes
    assert (found.sample, found.name, found.unit, found.substrate, found.process) == (
        "panel 1",
        "R1",
        "g",
        "steel",
        "spray",
    )
    assert found.components == (StatedComponent("white", 50, "007", "1.25", True), StatedComponent("red", 0.5))
    assert "the Value of a colorant is 'a lot'" in refusal(cxf_object(rest=recipe.replace(">0.5<", ">a lot<")))


def test_transmittance_and_emission_are_no_reflectance():
    through = spectrum("t").replace("ReflectanceSpectrum", "TransmittanceSpectrum")
    glowing = spectrum("e", "1 200 30 4").replace("ReflectanceSpectrum", "EmissiveSpectrum")
    file = read(
        cxf_object(through + glowing, name="lamp"),
        specifications=specification("t", kind="Spectrum_Transmittance") + specification("e", kind="Spectrum_Emissive"),
    )
    assert [(one.quantity, one.unit) for one in file.spectra] == [("transmittance", ""), ("emissive", "W/(sr·m²·nm)")]
    assert file.spectra[1].values.tolist() == [1, 200, 30, 4]
    contradicted = specification(kind="Spectrum_Emissive")
    assert "a reflectance spectrum whose MeasurementType is Spectrum_Emissive" in refusal(
        cxf_object(spectrum()), specifications=contradicted
    )


@pytest.mark.parametrize(
    ("date", "taken_at", "words"),
    [
        ("2026-03-01T08:30:00Z", datetime(2026, 3, 1, 8, 30, tzinfo=UTC), None),
        ("2026-03-01T08:30:00.1234567", datetime(2026, 3, 1, 8, 30, 0, 123456), None),  # noqa: DTZ001
        ("0001-01-01T00:00:00", None, None),
        ("", None, None),
        ("2026-02-30T08:30:00", None, "2026-02-30T08:30:00"),
        ("yesterday", None, "yesterday"),
    ],
)
def test_times(date, taken_at, words):
    panel = only(cxf_object(spectrum(), date=date))
    assert panel.taken_at == taken_at
    assert panel.conditions.get("date") == words


def test_the_file_s_own_words_are_attached():
    information = (
        "<cc:FileInformation><cc:Creator>lab</cc:Creator><cc:CreationDate>2026-03-01T08:30:00Z</cc:CreationDate>"
        '<cc:Tag Name="a" Value="b"/></cc:FileInformation>'
    )
    (attached,) = read(cxf_object(spectrum()), information=information).attachments
    assert (attached.kind, attached.subject) == ("file information", None)
    assert attached.document == {"Creator": "lab", "CreationDate": "2026-03-01T08:30:00Z", "Tags": [["a", "b"]]}


def test_what_is_not_understood_is_left_out_and_noted():
    custom_resources = '<cc:CustomResources><p:Settings xmlns:p="http://vendor"/></cc:CustomResources>'
    rest = '<q:Note xmlns:q="http://lab">hello</q:Note>'
    file = read(cxf_object(spectrum() + rest, rest=rest), cxf_object("", "o2"), custom=custom_resources)
    assert {
        "custom resource 'Settings' of 'http://vendor' is left out",
        "element 'Note' of another namespace is left out",
        "element 'Note' of an object is not known and left out",
        "objects without a spectrum, colour or recipe are left out",
    } <= set(file.notes)


def test_a_file_without_any_colour_holds_nothing_and_says_so():
    file = read(cxf_object(""))
    assert file.is_empty
    assert "objects without a spectrum, colour or recipe are left out" in file.notes


def test_names_are_one_printable_line():
    panel = only(cxf_object(spectrum(), name="tab&#9;line&#10;zero&#x200B;width"))
    assert panel.sample == "tab line zero\\u200bwidth"
    assert only(cxf_object(spectrum(), name="")).sample == "o1"


# -------------------------------------------------------------------------------------------------- the extension, bad


@pytest.mark.parametrize(
    ("addition", "found"),
    [
        ('<x:Addition Object="o1" Bandpass="wide"/>', "Bandpass is 'wide'"),
        ('<x:Addition Object="o1" Bandpass="-1"/>', "a bandpass of -1 nm"),
        ('<x:Addition Object="o1"><x:Reading><x:Row>0.1 0.2</x:Row></x:Reading></x:Addition>', "2 values; expected 4"),
        ('<x:Addition Object="o1"><x:Reading/></x:Addition>', "0 rows; expected 1, one for each angle"),
        (
            '<x:Addition Object="o1"><x:Angles>45as15</x:Angles></x:Addition>',
            "angle pairs for a measurement of d/8 SCI",
        ),
        ('<x:Addition Object="o1"><x:Angles>sideways</x:Angles></x:Addition>', "'sideways' is not an angle pair"),
        ('<x:Addition Object="o1"><x:Grid Start="400" Stop="470" Step="20"/></x:Addition>', "expected the wavelengths"),
        ('<x:Addition Object="o1"><x:Colour Space="RGB"/></x:Addition>', "a colour in 'RGB'"),
        ('<x:Addition Object="o1"/><x:Addition Object="o1"/>', "a second addition to object 'o1'"),
        (
            '<x:Attachment Kind="verdict" Object="o9">{}</x:Attachment>',
            "an attachment to 'o9', which is no measurement",
        ),
        ('<x:Attachment Kind="verdict">[1]</x:Attachment>', "an attachment that is no JSON object"),
        ('<x:Attachment Kind="verdict">{"a": NaN}</x:Attachment>', "an attachment that is no JSON object"),
        (f'<x:Attachment Kind="v">{{"a": {"[" * 100_000}</x:Attachment>', "an attachment that is no JSON object"),
    ],
)
def test_an_extension_that_does_not_fit_is_refused(addition, found):
    extension = f'<x:Extension xmlns:x="urn:colorlab:cxf-extension:1">{addition}</x:Extension>'
    custom_resources = f"<cc:CustomResources>{extension}</cc:CustomResources>"
    assert found in refusal(cxf_object(spectrum()), custom=custom_resources)


def test_an_addition_to_an_object_that_another_program_changed_is_refused():
    custom_resources = (
        '<cc:CustomResources><x:Extension xmlns:x="urn:colorlab:cxf-extension:1"><x:Addition Object="o1" Standard="a"/>'
        "</x:Extension></cc:CustomResources>"
    )
    assert "which makes 1 measurements, 0 colours and 1 other spectra" in refusal(
        cxf_object(spectrum() + spectrum("t").replace("Reflectance", "Transmittance")),
        specifications=specification() + specification("t", kind="Spectrum_Transmittance"),
        custom=custom_resources,
    )
