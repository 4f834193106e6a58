"""What docs/json.md says of a command's answer, held against real answers, both ways."""

import re
from dataclasses import dataclass

from doc_pages import page, sections

TYPES = {"string": str, "integer": int, "number": (int, float), "boolean": bool, "object": dict, "list": list}


@dataclass(frozen=True)
class Field:
    """A row of a table: its type, the building blocks it stands in, and its own row in the last of them."""

    kind: str
    blocks: tuple[str, ...]
    row: tuple[str, str]


def documented(title, prefix="", blocks=()):
    """Rows by field path, building blocks put in place."""
    fields = {}
    for path, kind in re.findall(r"^\| `([^`]+)` \| ([^|]+) \|", sections(page("json.md"))[title], re.MULTILINE):
        block = re.fullmatch(r"\[(\w+)\]\(#\1\)( or null)?", kind.strip())
        if block is None:
            fields[prefix + path] = Field(kind.strip(), blocks, (title, path))
            continue
        if block[2]:
            fields[prefix + path] = Field("object or null", blocks, (title, path))
        fields |= documented(block[1], prefix if path == "*" else f"{prefix}{path}.", (*blocks, block[1]))
    return fields


def matches(path, fields):
    """The documented path a real one falls under; a name in braces stands for any one key."""
    if path in fields:
        return path
    for pattern in fields:
        parts = re.split(r"\{\w+\}", pattern)
        if len(parts) > 1 and re.fullmatch("[^\x00]+?".join(map(re.escape, parts)), path):
            return pattern
    return None


def walk(value, path=""):
    """Every path of a document with its value, containers included."""
    yield path, value
    if isinstance(value, dict):
        for key, item in value.items():
            yield from walk(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for item in value:
            yield from walk(item, f"{path}[]")


def check(title, *outputs, elsewhere=()):
    """Real outputs hold the documented fields and no other, of the documented types.

    Every documented field must occur, of a building block somewhere, but for blocks that are seen whole `elsewhere`.
    """
    fields = documented(title)
    assert fields, title
    anything = tuple(f"{path}{below}" for path, one in fields.items() for below in ".[" if one.kind.startswith("any"))
    seen = set()  # rows
    for output in outputs:
        for path, value in walk(output):
            name = matches(path, fields)
            if isinstance(value, list) and not value and f"{path}[]" in fields:
                seen.add(fields[f"{path}[]"].row)
            if name is None:
                if path.startswith(anything):
                    continue
                assert isinstance(value, dict | list), f"{title}: {path} = {value!r} is not documented"
                continue
            kind = fields[name].kind
            seen.add(fields[name].row)
            if value is None:
                assert kind.endswith(" or null"), f"{title}: {path} is null"
                continue
            if kind.removesuffix(" or null") == "any":
                continue
            wanted = TYPES[kind.removesuffix(" or null")]
            assert isinstance(value, wanted), f"{title}: {path} = {value!r}, documented as {kind}"
            assert wanted is bool or not isinstance(value, bool), f"{title}: {path} is a boolean"
    unseen = [path for path, one in fields.items() if one.row not in seen and not set(one.blocks) & set(elsewhere)]
    assert unseen == [], f"{title}: documented, but in no output: {unseen}"
