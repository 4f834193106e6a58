"""A laboratory with a programme of three colours."""

from click.testing import CliRunner
from doc_pages import run

import cli

PROGRAMME = """
[programme]
name = "Three colours"
start = 2024-01-01
end = 2024-12-31
slots = 3
remark = "simulated data"
"""
COLOURS = """code,name_en,name_zh,family,finish,suppliers,slot,due,stage,stage_since
AME,Amethyst,紫水晶,violet,pearl,North,1,2024-02-01,supplier submission,2024-02-10
GRN,Green,绿,green,solid,North,2,2024-09-01,released,2024-05-01
YEL,Yellow,黄,yellow,solid,South,3,2024-10-01,,
"""
TOLERANCE = 'name = "x"\nformula = "CIE76"\nviewings = ["D65/10"]\n[[limit]]\ndelta_E = 1.0\n'
STATEMENT = """
kind = "colorlab instrument statement"
instruments = ["sphere 1"]
source = "certificate 12"
date = 2026-05-04
[repeatability]
relative = 0.003
correlation_length_nm = 80
freedom = 24
"""


def create(folder, name):
    """A laboratory in a folder of this name, its programme imported."""
    lab = folder / name
    done = CliRunner().invoke(cli.colorlab, ["lab", "create", str(lab), "--name", "docs"])
    assert done.exit_code == 0, done.output
    for file, text in (("programme.toml", PROGRAMME), ("colours.csv", COLOURS)):
        (folder / file).write_text(text, encoding="utf-8")
        run("roadmap", "import", lab, folder / file, "--by", "x")
    return lab
