"""Recipes of a laboratory: what the commands print is what docs/json.md says."""

from doc_pages import run
from json_fields import check
from small_lab import create

MASSES = ("W01=50,B15=2,Y42=1", "W01=50,B15=2.2,R01=0.05")


def test_the_recipe_commands_print_their_documented_fields(paints, ladders, folder):
    lab, colorants = create(folder, "recipes"), folder / "recipes-pastes.json"
    run("characterise", ladders[0], "--lab", lab, "--output", colorants, "--by", "x")
    kept = [run("recipe", "keep", lab, "blue", one, "--by", "x", "--colour", "AME") for one in MASSES]
    bare = run("recipe", "keep", lab, "plain", MASSES[0], "--by", "x")
    check("colorlab recipe keep", *kept, bare)
    check("colorlab recipe list", run("recipe", "list", lab))
    check("colorlab recipe show", run("recipe", "show", lab, "blue"), run("recipe", "show", lab, "plain"))
    check("colorlab recipe diff", run("recipe", "diff", lab, "blue", exit_code=1))
    sheet = run("recipe", "sheet", lab, "blue", "--batch", 20, "--balance", 0.01)
    check("colorlab recipe sheet", sheet)
    check("colorlab recipe export", run("recipe", "export", lab, "blue", "--output", folder / "blue.cxf"))
    table = ladders[2]
    near = run("recipe", "nearest", table, "--sample", "A1", "--colorants", colorants, "--table", table, "--lab", lab)
    check("colorlab recipe nearest", near)
