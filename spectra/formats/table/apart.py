"""Which columns keep rows of one name apart: an average of two panels, or of a state before and after, hides both."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from spectra.formats.table.dates import moment
from spectra.formats.text import number

# id  sample no.  panel  batch_number  Lot  serial  name: whose values tell things apart even where they are numbers
_THING = r"sample|panel|specimen|batch|lot|serial|part|piece|plate|can|drum|recipe|coating|colou?r|样品|试样|样板|批次"
_OF_IT = r"id|no\.?|nr\.?|number|name|code|label|#|名称|编号|号"
_IDENTITY = re.compile(
    rf"id|name|code|barcode|label|名称|编号|批号|色号|(?:{_THING})(?: ?(?:{_OF_IT}))?", re.IGNORECASE
)
# What is another one for every repeat of the same thing.
_OF_A_REPEAT = frozenset(
    (
        *("date", "time", "date/time", "datetime", "timestamp", "measured", "taken at", "measurement date"),
        *("measurement time", "datum", "zeit", "uhrzeit", "дата", "время", "日期", "时间", "测量时间", "测量日期"),
        *("operator", "user", "measured by", "temperature", "humidity", "操作员", "温度", "湿度"),
        *("reading", "reading no", "reading no.", "reading number", "repeat", "replicate"),
        *("repeat no", "repeat no.", "repeat number", "measurement no", "measurement no.", "measurement number"),
        *("读数", "读数序号", "测量次数"),
        *("reading id", "measurement id", "file", "file name", "filename"),
    )
)


def plain_title(title: str) -> str:
    """A heading as its meaning is looked up: lower case, single blanks, without the mark of a repeated one."""
    return re.sub(r"[_\s]+", " ", re.sub(r" \(column \d+\)\Z", "", title).strip().lower())


def is_identity(title: str) -> bool:
    """Whether a heading names a thing, so that other values under it are other things."""
    return _IDENTITY.fullmatch(plain_title(title)) is not None


def separating(
    columns: Iterable[tuple[str, Sequence[str]]], by_angle: Mapping[str, Sequence[int]]
) -> list[tuple[str, Sequence[str]]]:
    """Columns whose texts say that rows of one name and angle are of different things.

    Parameters
    ----------
    columns : iterable of (title, texts)
        That nobody understands otherwise.
    by_angle : mapping of str to sequence of int
        Rows that would be averaged, by angle.

    Notes
    -----
    A column separates where rows of one angle have different texts under it, except dates, numbers (unless its heading
    names a thing: id, panel, batch, …) and what is another one for every repeat. A blank is no other text. Where there
    are several angles and every text stands under one of them only, the column describes rows and not panels.
    """
    groups = [rows for rows in by_angle.values() if len(rows) > 1]
    found = []
    for title, column in columns if groups else ():
        differ = any(len({column[row] for row in rows} - {""}) > 1 for rows in groups)
        if not differ:
            continue
        under = {angle: {column[row] for row in rows} - {""} for angle, rows in by_angle.items()}
        texts = set().union(*under.values())
        if not is_identity(title) and _of_a_repeat(title, texts):
            continue
        if len(under) > 1 and sum(map(len, under.values())) == len(texts):
            continue
        found.append((title, column))
    return found


def _of_a_repeat(title: str, texts: set[str]) -> bool:
    if plain_title(title) in _OF_A_REPEAT:
        return True
    return all(number(text.replace(",", ".")) is not None for text in texts) or all(map(moment, texts))
