"""Tables of judgements: what they may say, and what is wrong with them, by line and column."""

import pytest

from colorlab.workflows.judgements import parse_judgements
from spectra.errors import MalformedFileError

HEADER = "observer,pair,standard_L,standard_a,standard_b,sample_L,sample_a,sample_b,judgement"
ROW = "Ann,P1,50,40,20,50.5,41,20,accept"


def parsed(*rows, header=HEADER):
    return parse_judgements("\n".join((header, *rows)).encode(), "panel.csv")


def test_a_line_is_a_judgement():
    (one,) = parsed(ROW)
    assert (one.observer, one.pair, one.line, one.accepted) == ("Ann", "P1", 2, 1.0)
    assert one.standard == (50, 40, 20)
    assert one.sample == (50.5, 41, 20)
    assert one.place == ("*", None)


def test_three_answers_are_known_whatever_their_case():
    rows = [ROW.replace("accept", word) for word in ("Accept", "reject", "BORDERLINE")]
    assert [one.accepted for one in parsed(*rows)] == [1.0, 0.0, 0.5]


def test_differences_stand_for_the_sample():
    header = "observer,pair,standard_L,standard_a,standard_b,dL,dC,dH,judgement"
    (one,) = parsed("Ann,P1,50,30,40,1,5,0,reject", header=header)
    assert one.sample == pytest.approx((51, 33, 44))


def test_angles_and_viewings_are_judged_separately():
    rows = [f"{ROW},45as15,D65/10,", f"{ROW},45as110,A/10,dull"]
    first, second = parsed(*rows, header=f"{HEADER},angle,viewing,remark")
    assert first.place == ("45as15", "D65/10°")
    assert second.place == ("45as110", "A/10°")


def test_a_byte_order_mark_names_in_chinese_and_blank_lines_are_read():
    content = b"\xef\xbb\xbf" + f"{HEADER}\r\n\r\n{ROW.replace('Ann', '小王')}\r\n,,,,,,,,\r\n".encode()
    (one,) = parse_judgements(content, "panel.csv")
    assert (one.observer, one.line) == ("小王", 3)


@pytest.mark.parametrize(
    ("rows", "header", "said"),
    [
        ([], HEADER, "no judgement in it"),
        ([ROW], HEADER.replace("observer", "who"), r"line 1: column 'who' is not known; column observer is missing"),
        ([ROW], HEADER.replace("pair", "observer"), "column observer stands twice"),
        ([ROW], HEADER.replace(",", ";"), "apart by semicolons"),
        (["Ann,P1,50,40,20,accept"], "observer,pair,standard_L,standard_a,standard_b,judgement", "both missing"),
        ([ROW], HEADER + ",dL", "both there"),
        ([ROW + ",1"], HEADER, "line 2: 10 fields; the first line names 9"),
        ([ROW, ROW.replace("accept", "maybe")], HEADER, "line 3, judgement: 'maybe'; expected one of accept"),
        ([ROW.replace("41", "4l")], HEADER, "line 2, sample_a: '4l'; expected a number"),
        ([ROW.replace("41", "nan")], HEADER, "line 2, sample_a: 'nan'"),
        ([ROW.replace("41", "4100")], HEADER, "line 2, sample_a: '4100'; expected a number within ±500"),
        ([ROW.replace("Ann", " ")], HEADER, "line 2, observer: is empty"),
        ([ROW + ",46as", ROW + ",45as15"], HEADER + ",angle", "line 2: .*no angle pair"),
        ([ROW + ",moon/10"], HEADER + ",viewing", "line 2: .*moon"),
        ([ROW, ROW.replace("41", "42")], HEADER, "line 3, pair: 'P1' has other colours than on line 2"),
        (
            [ROW, "Ann,P2,80,0,0,80,1,0,accept"],
            HEADER,
            "line 3, standard: 53.9 CIELAB units from that of line 2; a tolerance is of one colour",
        ),
        ([f'"{ROW}'], HEADER, "not a CSV table"),
    ],
)
def test_what_is_wrong_is_named_by_line_and_column(rows, header, said):
    with pytest.raises(MalformedFileError, match=said) as caught:
        parsed(*rows, header=header)
    assert str(caught.value).startswith("panel.csv")


def test_all_faults_are_named_at_once_up_to_ten():
    rows = [ROW.replace("accept", "?") for _ in range(14)]
    with pytest.raises(MalformedFileError, match=r"line 2.*line 11.*and 4 more"):
        parsed(*rows)


def test_a_difference_that_leads_to_no_colour_is_named():
    header = "observer,pair,standard_L,standard_a,standard_b,dL,dC,dH,judgement"
    with pytest.raises(MalformedFileError, match=r"line 2: .*no colour"):
        parsed("Ann,P1,50,1,0,0,-3,0,reject", header=header)


def test_what_is_no_text_is_refused():
    with pytest.raises(MalformedFileError, match="byte 0 is not UTF-8"):
        parse_judgements(b"\xff\xfe\x00", "panel.csv")
