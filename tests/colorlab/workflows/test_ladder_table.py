"""Tables of letdowns: what each column means, and what is said when a cell makes no sense."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

import cli
from colorlab.workflows.ladder_table import ladder_table
from spectra.errors import MalformedFileError
from spectra.formats.registry import read_measurements
from spectra.particle_paint import GRID, ParticlePaintLaboratory

NM = [f"R{nm:g}" for nm in GRID.wavelengths]
HEAD = ("sample", "paste", "g_paste_in_50g_white", "g_paste_in_20g_black", "g_paste_in_10g_clear", "card", "film_um")
GREY = np.linspace(0.2, 0.4, GRID.count)


def table(rows, head=HEAD, spectra=None):
    lines = [",".join((*head, *NM))]
    for place, row in enumerate(rows):
        spectrum = GREY + 0.01 * place if spectra is None else spectra[place]
        lines.append(",".join((*row, *(f"{value:.6f}" for value in spectrum))))
    return "\n".join(lines).encode()


def read(rows, head=HEAD):
    return ladder_table(read_measurements(table(rows, head), "ladders.csv"), "ladders.csv")


CARDS = (("bare black", "card", "", "", "", "", ""), ("bare white", "card", "", "", "", "", ""))


FILLED = tuple(
    (f"fine {place}", "red", *("1" if column == place else "" for column in range(3)), "", "") for place in range(3)
)


def test_every_kind_of_panel_is_read():
    ladders = read(
        [
            *CARDS,
            ("w", "", "", "", "", "", ""),
            ("r", "red", "masstone", "", "", "", ""),
            ("r 2", "red", "2", "", "", "", ""),
            ("r in k", "red", "", "5", "", "", ""),
            ("r over black", "red", "", "", "1", "bare black", "25"),
            ("r over white", "red", "", "", "1", "bare white", "25"),
            ("c over white", "clear", "", "", "masstone", "bare white", ""),
        ]
    )
    assert (ladders.base, ladders.base_mass_g) == ("white", 50.0)
    assert ladders.roles == {"white": "white", "black": "black", "clear": "clear"}
    recipes = {
        item.panel: dict(zip(item.recipe.colorants, item.recipe.mass_fractions, strict=True))
        for item in ladders.letdowns
    }
    assert recipes["w"] == {"white": 1.0}
    assert recipes["r"] == {"red": 1.0}
    assert recipes["r 2"] == pytest.approx({"red": 2 / 52, "white": 50 / 52})
    assert recipes["r in k"] == pytest.approx({"red": 0.2, "black": 0.8})
    films = {item.panel: item.film for item in ladders.letdowns}
    assert films["r 2"] is None
    assert films["r over black"].drawdown == films["r over white"].drawdown
    assert films["r over black"].thickness_um == 25.0
    assert films["c over white"].thickness_um is None
    assert films["r over white"].substrate[0] == pytest.approx(GREY + 0.01, abs=1e-6)


def test_roles_densities_and_drawdowns_may_be_stated():
    head = ("sample", "paste", "g_paste_in_50g_W", "paste_role", "density_g_cm3", "card", "film_um", "drawdown")
    ladders = read(
        [
            ("bare", "card", "", "", "", "", "", ""),
            ("w", "", "", "white", "1.8", "", "", ""),
            ("k", "carbon", "1", "black", "1.2", "", "", ""),
            ("film", "carbon", "2", "", "", "bare", "20", "A"),
        ],
        head,
    )
    assert ladders.roles == {"W": "white", "carbon": "black"}
    assert ladders.densities == {"W": 1.8, "carbon": 1.2}
    assert ladders.letdowns[2].film.drawdown == "A"


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (
            ("a", "red", "", "", "", "", ""),
            "a, columns g_paste_in_50g_white, .*: empty, empty, empty g; expected in one",
        ),
        (("a", "red", "1", "2", "", "", ""), "1, 2, empty g"),
        (("a", "", "1", "", "", "", ""), "1 g of no colorant"),
        (("a", "red", "x", "", "", "", ""), "'x'; expected grams"),
        (("a", "red", "1", "", "", "", "20"), "film_um 20 and no card"),
        (("a", "red", "1", "", "", "bare", "20"), "'bare'; expected a sample with `card`.*: bare black, bare white"),
        (("a", "red", "1", "", "", "bare black", "thick"), "'thick'"),
    ],
)
def test_a_row_that_makes_no_sense_is_named(row, expected):
    with pytest.raises(MalformedFileError, match=expected):
        read([*CARDS, *FILLED, row])


def test_a_role_nobody_knows_and_a_density_of_nothing_are_refused():
    with pytest.raises(MalformedFileError, match="column paste_role: 'pink'; expected one of white, black"):
        read([("a", "red", "1", "pink")], ("sample", "paste", "g_paste_in_50g_white", "paste_role"))
    with pytest.raises(MalformedFileError, match="column density_g_cm3: 0 g/cm³; expected above 0"):
        read([("a", "red", "1", "0")], ("sample", "paste", "g_paste_in_50g_white", "density_g_cm3"))


def test_cards_alone_are_no_ladder():
    with pytest.raises(MalformedFileError, match="cards and no panel"):
        read([*CARDS, ("bare grey", "card", "0", "", "", "", "")])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Ladders in white, and of one paste in clear over cards, of a particle paint; a table of its constants."""
    rng = np.random.default_rng(7)
    laboratory = ParticlePaintLaboratory(rng, 5)
    codes = {"W1": "white", "C1": "clear", "K1": "black", "P01": "blue", "P02": "red"}
    rows, spectra = [], []

    def add(row, spectrum):
        rows.append((f"{len(rows)}", *row))
        spectra.append(spectrum)

    for ground in (0.03, 0.7):
        add(("card", "", "", "", "", ""), laboratory.panel({"C1": 1.0}, thickness_um=1e-3, substrate=ground)[0])
        bare = rows[-1][0]
        for um in (10, 20):
            film = laboratory.panel({"W1": 1.0}, thickness_um=um, substrate=ground)[0]
            add(("white", "masstone", "", bare, f"{um}", "1.75"), film)
        film = laboratory.panel({"P02": 0.1, "C1": 0.9}, thickness_um=20, substrate=ground)[0]
        add(("red", "", "1", bare, "20", ""), film)
    add(("", "", "", "", "", ""), laboratory.panel({"W1": 1.0})[0])
    for code in ("K1", "P01", "P02"):
        for grams in (0.5, 2.0, 8.0):
            add((codes[code], f"{grams}", "", "", "", ""), laboratory.panel({code: grams, "W1": 50.0})[0])
    path = tmp_path_factory.mktemp("ladders")
    head = ("sample", "paste", "g_paste_in_50g_white", "g_paste_in_9g_clear", "card", "film_um", "density_g_cm3")
    (path / "ladders.csv").write_bytes(table(rows, head, spectra))
    constants = "colorant,quantity,400,500,600,700\nwhite,K/S,0.02,0.01,0.01,0.01\nred,K/S,3,2,0.1,0.1\n"
    (path / "constants.csv").write_text(constants)
    return path


def colorlab(*arguments):
    return CliRunner().invoke(cli.colorlab, [*map(str, arguments)])


def test_ladders_over_cards_give_a_set_with_its_scale_and_a_page(folder):
    asked = ("--geometry", "d/8 SCI", "--link", "similarity", "--k2", 0.5)
    done = colorlab(
        "characterise",
        folder / "ladders.csv",
        *asked,
        "--output",
        folder / "set.json",
        "--page",
        folder / "p.html",
        "--json",
    )
    assert done.exit_code == 0, done.output
    answer = json.loads(done.stdout)
    assert answer["link"] == "similarity"
    assert answer["saunderson"]["k2"] == 0.5
    assert min(min(answer["base_scattering_per_um"])) > 0
    assert [film["stated_um"] for film in answer["films"]] == [10.0, 20.0, 20.0]
    assert any("density not stated for" in finding for finding in answer["findings"])
    assert json.loads((folder / "set.json").read_text())["link"] == "similarity"
    assert "How well each is known" in (folder / "p.html").read_text(encoding="utf-8")


def test_constants_made_elsewhere_become_a_set(folder):
    path = folder / "constants.csv"
    missing = colorlab("characterise", path, "--constants", "--geometry", "d/8 SCI", "--base", "white")
    assert "give it with --k2" in str(missing.exception)
    asked = ("--constants", "--base", "white", "--k2", 0.6, "--output", folder / "bought.json")
    assert "declare it with --geometry" in str(colorlab("characterise", path, *asked).exception)
    done = colorlab("characterise", path, *asked, "--geometry", "d/8 SCI")
    assert done.exit_code == 0, done.output
    assert "2 colorants from a table of constants; base white" in done.stdout
    assert "single-constant" in done.stdout
    assert json.loads((folder / "bought.json").read_text())["base"] == "white"
    assert colorlab("characterise", path, *asked, "--page", folder / "q.html").exit_code == 2
    assert colorlab("characterise", path, "--base", "white").exit_code == 2


def test_as_dict_of_constants_is_plain(folder):
    done = colorlab(
        "characterise", folder / "constants.csv", "--constants", "--base", "white", "--k2", 0, "--k1", 0,
        "--geometry", "d/8 SCI", "--json",
    )  # fmt: skip
    answer = json.loads(done.stdout)
    assert [one["scattering_identified"] for one in answer["colorants"]] == [False, False]
    assert answer["saunderson"] == {"k1": 0.0, "k2": 0.0}
