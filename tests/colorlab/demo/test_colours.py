"""The simulated programme holds the announced facts, and nothing else is passed off as one."""

from datetime import UTC, date, datetime

import numpy as np
import pytest

from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.colorimetry.viewing import D65_10
from colorlab.demo.colours import LAUNCH, SLOTS, SUPPLIERS, demo_colours
from colorlab.demo.suppliers import ladder_file, standard_file, stream, submission_file
from colorlab.difference.standard import delta_E
from colorlab.workflows.demo import MARK, finished_report
from spectra.formats.registry import detect_format, read_measurements
from spectra.simulate import VirtualPaintLaboratory


@pytest.fixture(scope="module")
def colours():
    return demo_colours(stream(1, "colours"))


def test_the_launch_palette_stands_first_with_both_names(colours):
    assert [colour.code for colour in colours[:5]] == list(LAUNCH)
    names = {"紫水晶": "Amethyst", "嫩芽黄": "Sprout Yellow", "竞速红": "Racing Red", "暮光玫瑰": "Twilight Rose"}
    assert {colour.chinese: colour.english for colour in colours[:4]} == names
    assert (colours[4].english, colours[4].finish) == ("Molten Gold Pink, matte", "matte")


def test_a_hundred_slots_are_due_between_the_first_and_the_last_day(colours):
    assert [colour.slot for colour in colours] == list(range(1, SLOTS + 1))
    assert len({colour.code for colour in colours}) == SLOTS
    assert colours[0].due > date(2025, 9, 25)
    assert colours[-1].due == date(2028, 9, 24)
    assert {colour.supplier for colour in colours} == set(SUPPLIERS)


def test_what_one_colour_does_cannot_disturb_anothers_numbers():
    assert stream(1, "AME").random() == stream(1, "AME").random()
    assert stream(1, "AME").random() != stream(1, "SPY").random()
    assert stream(1, "AME").random() != stream(2, "AME").random()


def test_a_good_lot_is_near_its_master_and_a_bad_one_is_not(colours):
    laboratory = VirtualPaintLaboratory(stream(1, "laboratory"))
    at = datetime(2026, 3, 1, 9, tzinfo=UTC)
    solids = [colour for colour in colours if colour.finish == "solid"][:8]

    def lab(file):
        (one,) = read_measurements(file.content, file.file_name).measurements
        return spectra_to_lab(one.reflectance_factor[0], one.grid, D65_10)

    far, near = [], []
    for colour in solids:
        master = lab(standard_file(colour, laboratory, at, 1))
        near.append(delta_E(master, lab(submission_file(colour, laboratory, 1, at, 1, lot_spread=0.01))))
        far.append(delta_E(master, lab(submission_file(colour, laboratory, 1, at, 1, lot_spread=0.25))))
    assert np.median(near) < 0.5 < np.median(far)


def test_the_ladders_are_a_table_any_user_could_send():
    file = ladder_file(VirtualPaintLaboratory(stream(1, "laboratory")), 1)
    assert detect_format(file.content, file.file_name) == "table"
    first = read_measurements(file.content, file.file_name).measurements[1]
    assert "g_paste_in_50g_W01" in first.conditions


def test_a_finished_demonstration_is_shown_as_it_is_and_an_unfinished_one_is_not(tmp_path):
    assert finished_report(tmp_path) is None
    (tmp_path / "report").mkdir()
    (tmp_path / "report" / "index.html").write_text("")
    assert finished_report(tmp_path) is None
    (tmp_path / MARK).write_text("")
    assert finished_report(tmp_path) == tmp_path / "report" / "index.html"
