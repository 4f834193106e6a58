"""A roadmap file is read whole or refused whole, with every fault at its line and column."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colorlab.roadmap.plan import STAGES, Programme, RoadmapColour, Stage, StageEvent
from colorlab.roadmap.table import colours_to_csv, parse_colours_csv, parse_programme_toml
from spectra.errors import MalformedFileError, RoadmapError

CHINA = timezone(timedelta(hours=8))
HEADER = "code,name_en,name_zh,family,finish,suppliers,slot,due,stage,stage_since,stage_by"
AMETHYST = "AM,Amethyst,紫水晶,purple,pearl,BASF; PPG,1,2026-04-01,lab sample,2026-01-10,Li"
SPROUT = "SY,Sprout Yellow,嫩芽黄,yellow,solid,,,2026-05-01,,,"

PROGRAMME = """
[programme]
name = "100 colours"
start = 2025-09-25
end = 2028-09-24
slots = 100
utc_offset = "+08:00"
remark = "simulated"

[[colours]]
code = "AM"
names = {en = "Amethyst", zh = "紫水晶"}
family = "purple"
finish = "pearl"
suppliers = ["BASF", "PPG"]
slot = 1
due = 2026-04-01
history = [
    {stage = "brief", at = 2025-10-01, by = "Li"},
    {stage = "lab sample", at = 2026-01-10T09:30:00+08:00, by = "Wang", override_reason = "the fair"},
]
"""


def csv_of(*lines):
    return "\r\n".join((HEADER, *lines)).encode()


def faults_of(content, **options):
    with pytest.raises(MalformedFileError) as refused:
        parse_colours_csv(content, "plan.csv", **options)
    return str(refused.value)


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_colours_are_read_with_and_without_a_byte_order_mark(mark):
    table = parse_colours_csv(mark + csv_of(AMETHYST, "", SPROUT), "plan.csv", zone=CHINA)
    since = datetime(2026, 1, 10, tzinfo=CHINA)
    assert table.programme is None
    assert table.places == {"AM": "line 2", "SY": "line 4"}
    assert table.colours == (
        RoadmapColour(
            "AM", {"en": "Amethyst", "zh": "紫水晶"}, "purple", "pearl", ("BASF", "PPG"), 1, date(2026, 4, 1),
            (StageEvent(Stage.LAB_SAMPLE, since, "Li", (), "stated by plan.csv"),),
        ),
        RoadmapColour("SY", {"en": "Sprout Yellow", "zh": "嫩芽黄"}, "yellow", "solid", (), None, date(2026, 5, 1)),
    )  # fmt: skip


def test_every_fault_is_named_at_once_by_line_and_column():
    message = faults_of(
        csv_of(
            AMETHYST,
            "SY,,,yellow,solid,,1.5,2026-02-30,painted,,",
            "RR,Racing Red,竞速红,red,,,1,26-05-01,brief,,",
            "TR,Twilight Rose",
            "AM,Again,,purple,pearl,,1,2026-04-01,,,",
            "XX,Too far,,red,solid,,101,2026-04-01,,,",
            "YY,No stage,,red,solid,,,0026-04-01,,2026-01-01,",
        ),
        slots=100,
    )
    for fault in (
        "line 3, names: no name is given in any language",
        "line 3, slot: '1.5' is not a whole number 1…10000",
        "line 3, due: '2026-02-30' is not a day of the calendar; YYYY-MM-DD expected",
        "line 3, stage: 'painted' is not a stage; one of idea, brief",
        "line 4, finish: is missing",
        "line 4, due: '26-05-01' is not a day; YYYY-MM-DD expected",
        "line 4, stage_since: is missing",
        "line 5: 2 cells; 11 expected",
        "line 6, code: 'AM' stands already in line 2",
        "line 6, slot: 1 is taken already in line 2",
        "line 7, slot: 101 is beyond the programme's 100 slots",
        "line 8, due: 0026-04-01 is not a day of any programme",
        "line 8, stage: is missing, although stage_since is given",
        "Nothing was imported",
    ):
        assert fault in message
    assert message.startswith("plan.csv: 13 faults: ")


@pytest.mark.parametrize(
    ("header", "fault"),
    [
        ("code,name_en,family,finish,due,colour", "column 'colour' is not known; there are code, family"),
        ("code,name_en,family,finish", "column 'due' is missing"),
        ("code,family,finish,due", "no column of names"),
        ("code,code,name_en,family,finish,due", "column 'code' stands twice"),
        ("code;name_en;family;finish;due", "column 'code;name_en;family;finish;due' is not known"),
        ("", "column 'code' is missing"),
    ],
)
def test_a_header_that_cannot_be_is_refused(header, fault):
    assert fault in faults_of(header.encode())


def test_a_table_in_another_encoding_says_how_to_save_it():
    assert "is not UTF-8. Save it as “CSV UTF-8”" in faults_of(csv_of(AMETHYST).decode().encode("gbk"))


def test_a_quote_that_never_ends_is_refused():
    assert "not a CSV table" in faults_of(csv_of('AM,"Amethyst'))


def test_lines_are_counted_as_an_editor_counts_them():
    message = faults_of(csv_of('AM,"Ame\r\nthyst",,purple,pearl,,,2026-04-01,,,', "SY,Sprout,,yellow,solid,,,never,,,"))
    assert message.startswith("plan.csv: 2 faults: line 2, names: 'Ame\\r\\nthyst' holds a control character or a line")
    assert "; line 4, due: 'never'" in message


@given(st.binary(max_size=300))
def test_no_file_whatever_breaks_the_reader(content):
    for parse in (parse_colours_csv, parse_programme_toml):
        try:
            parse(content, "x")
        except MalformedFileError as refused:
            assert refused.file == "x"  # noqa: PT017 - most bytes are refused, a few are a table


words = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Zs", "Zl", "Zp", "Cs")), min_size=1, max_size=8)
moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(CHINA))  # noqa: DTZ001 - bounds are bare


@st.composite
def colour_lists(draw):
    codes = draw(st.lists(words, unique=True, max_size=4))
    colours = []
    for number, code in enumerate(codes, start=1):
        event = StageEvent(draw(st.sampled_from(STAGES)), draw(moments), draw(words), (), "stated by plan.csv")
        colours.append(
            RoadmapColour(
                code, draw(st.dictionaries(st.sampled_from(["en", "zh", "de"]), words, min_size=1)), draw(words),
                draw(words), tuple(draw(st.lists(words.filter(lambda word: ";" not in word), max_size=2))),
                draw(st.none() | st.just(number)), draw(st.dates(date(1990, 1, 1), date(2199, 12, 31))),
                draw(st.sampled_from([(), (event,)])),
            )
        )  # fmt: skip
    return tuple(colours)


@given(colour_lists().filter(len))
def test_what_is_exported_is_read_back(colours):
    assert parse_colours_csv(colours_to_csv(colours), "plan.csv").colours == colours


def test_an_export_opens_in_a_spreadsheet_with_its_chinese_names():
    table = parse_colours_csv(csv_of(AMETHYST), "plan.csv")
    assert colours_to_csv(table.colours).startswith(b"\xef\xbb\xbfcode,name_en,name_zh,family")


def test_a_supplier_with_a_semicolon_cannot_be_exported():
    colour = RoadmapColour("AM", {"en": "Amethyst"}, "purple", "pearl", ("BASF; Münster",), 1, date(2026, 4, 1))
    with pytest.raises(RoadmapError, match="semicolon"):
        colours_to_csv([colour])


def test_a_programme_is_read_with_the_history_of_its_colours():
    table = parse_programme_toml(PROGRAMME.encode(), "plan.toml")
    assert table.programme == Programme("100 colours", date(2025, 9, 25), date(2028, 9, 24), 100, 480, "simulated")
    (amethyst,) = table.colours
    assert amethyst.history == (
        StageEvent(Stage.BRIEF, datetime(2025, 10, 1, tzinfo=CHINA), "Li", (), "stated by plan.toml"),
        StageEvent(Stage.LAB_SAMPLE, datetime(2026, 1, 10, 1, 30, tzinfo=UTC), "Wang", (), "the fair"),
    )


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ("slots = 100", "slots = 0", "programme, slots: 0 is not a whole number 1…10000"),
        ("slots = 100", "slots = true", "programme, slots: True is not a whole number"),
        ("slots = 100", "slots = 10001", "programme, slots: 10001 is not a whole number 1…10000"),
        ("slots = 100", "slots = 99999999999999999999", "programme, slots: 99999999999999999999 is not a whole number"),
        ("slots = 100", f"slots = {'9' * 5000}", "not TOML"),
        ("slots = 100", f"slots = 0x{'f' * 5000}", "programme, slots: a number of thousands of digits is not a whole"),
        ('code = "AM"', f"code = 0x{'f' * 5000}", "code: a number of thousands of digits is not a text"),
        ('code = "AM"', f"code = {list(range(200))}", "15, 16, 1… is not a text"),
        ('["BASF", "PPG"]', r'["BASF", "P\u001bG"]', r"suppliers: 'P\x1bG' holds a control character or a line break"),
        ('by = "Li"', r'by = "Li\nWang"', r"history: 'Li\nWang' holds a control character or a line break"),
        ("slots = 100", "", "programme, slots: is missing"),
        ("end = 2028-09-24", "end = 2025-01-01", "programme: programme 100 colours ends on 2025-01-01, not after"),
        ('"+08:00"', '"Beijing"', "programme, utc_offset: 'Beijing' is not an offset such as +08:00"),
        ("slot = 1\n", "slot = 101\n", "colours 1 (AM), slot: 101 is beyond the programme's 100 slots"),
        ("slot = 1\n", 'stage = "idea"\n', "colours 1 (AM), stage: give either the stage or its history"),
        ('stage = "brief"', "stage = 3", "colours 1 (AM), history: 3 is not a text"),
        ("at = 2025-10-01", "at = 2025-10-01T00:00:00", "has no time zone"),
        ("at = 2025-10-01", "at = 2026-10-01", "colours 1 (AM): colour AM: the stages are not in the order of time"),
        ('by = "Li"', 'who = "Li"', "colours 1 (AM), history: key 'who' is not known"),
        ('suppliers = ["BASF", "PPG"]', 'suppliers = "BASF"', "suppliers: 'BASF' is not a list of texts"),
        ('{en = "Amethyst", zh = "紫水晶"}', '{English = "Amethyst"}', "'English' is not a language tag"),
        ("[programme]", "[program]", "top level: key 'program' is not known"),
        ("[[colours]]", "[colours]", "colours: a list of tables"),
        ("[programme]", "[programme", "not TOML"),
    ],
)
def test_a_fault_in_a_programme_names_its_table_and_key(before, after, fault):
    assert before in PROGRAMME
    with pytest.raises(MalformedFileError) as refused:
        parse_programme_toml(PROGRAMME.replace(before, after, 1).encode(), "plan.toml")
    assert fault in str(refused.value)
