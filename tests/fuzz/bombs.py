"""Small files that want much: memory, time, depth. Made from a valid sample of a format, by the shape it has.

Every bomb of a shape is made of every sample of that shape, so a new row of the registry is covered unasked.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable

Bombs = dict[str, Callable[[bytes], bytes]]  # name to what makes it of a sample

MILLION = 10**6
ZIP = b"PK\x03\x04"


def bombs_for(sample: bytes) -> Bombs:
    """The bombs that fit the shape of a sample."""
    if sample.startswith(ZIP):
        return ARCHIVE | ANY
    if sample.startswith(b"PAR1"):
        return PARQUET | ANY
    text = sample.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"<"):
        return XML | ANY
    if re.match(rb"\{|\[\s*[\[{\"\d]", text):
        return JSON | ANY
    return TEXT | ANY


# --- anything ---------------------------------------------------------------------------------------------------------

ENCODINGS = ("utf-16-le", "utf-16-be", "utf-16", "utf-32-le", "gb18030", "cp037", "utf-7", "shift_jis", "latin-1")


def recoded(encoding: str) -> Callable[[bytes], bytes]:
    """The sample in another encoding that nothing declares."""
    return lambda sample: sample.decode("utf-8", "replace").encode(encoding, "replace")


ANY: Bombs = {
    **{f"in {encoding}": recoded(encoding) for encoding in ENCODINGS},
    "twice": lambda sample: sample + sample,
    "a thousand times": lambda sample: (sample * 1000)[: 2**23],
    "two byte-order marks": lambda sample: b"\xef\xbb\xbf\xef\xbb\xbf" + sample,
    "byte-order marks that disagree": lambda sample: b"\xff\xfe\xef\xbb\xbf" + sample,
    "behind a million zeros": lambda sample: bytes(MILLION) + sample,
    "before a million zeros": lambda sample: sample + bytes(MILLION),
    "only the first bytes, then blanks": lambda sample: sample[:40] + b" " * 3 * MILLION,
    "only the first half, then line ends": lambda sample: sample[: len(sample) // 2] + b"\n" * 3 * MILLION,
    "the other way round": lambda sample: sample[::-1],
}

# --- XML --------------------------------------------------------------------------------------------------------------

_ROOT = re.compile(rb"<([A-Za-z_][\w:.-]*)[^<>]*(?<!/)>")


def _inside(content: bytes) -> Callable[[bytes], bytes]:
    """Put something behind the root's opening tag."""

    def made(sample: bytes) -> bytes:
        root = _ROOT.search(sample)
        assert root is not None
        return sample[: root.end()] + content + sample[root.end() :]

    return made


def _with_doctype(declarations: bytes, content: bytes) -> Callable[[bytes], bytes]:
    """Put a document type before the root and something behind its opening tag."""

    def made(sample: bytes) -> bytes:
        filled = _inside(content)(sample)
        root = _ROOT.search(filled)
        assert root is not None
        return filled[: root.start()] + b"<!DOCTYPE x [" + declarations + b"]>" + filled[root.start() :]

    return made


_LAUGHS = b'<!ENTITY a "ha">' + b"".join(
    b'<!ENTITY %c "%s">' % (letter, (b"&%c;" % (letter - 1)) * 10) for letter in b"bcdefghij"
)
_NAMESPACES = b" ".join(b'xmlns:n%d="u%d"' % (number, number) for number in range(20_000))

XML: Bombs = {
    "a billion laughs": _with_doctype(_LAUGHS, b"<x>&j;</x>"),
    "one large entity many times": _with_doctype(
        b'<!ENTITY a "' + b"A" * 100_000 + b'">', b"<x>" + b"&a;" * 50_000 + b"</x>"
    ),
    "an entity that is a file": _with_doctype(b'<!ENTITY a SYSTEM "file:///etc/passwd">', b"<x>&a;</x>"),
    "an entity that is a device": _with_doctype(b'<!ENTITY a SYSTEM "file:///dev/zero">', b"<x>&a;</x>"),
    "a parameter entity from elsewhere": _with_doctype(b'<!ENTITY % a SYSTEM "http://127.0.0.1:9/a"> %a;', b""),
    "a default attribute for everything": _with_doctype(
        b'<!ATTLIST x y CDATA "' + b"A" * MILLION + b'">', b"<x/>" * 10_000
    ),
    "a million levels": _inside(b"<x>" * MILLION),
    "ten thousand levels, all closed": _inside(b"<x>" * 10_000 + b"</x>" * 10_000),
    "two million elements": _inside(b"<x/>" * 2 * MILLION),
    "a million attributes": _inside(b"<x " + b" ".join(b'a%d=""' % number for number in range(MILLION)) + b"/>"),
    "an attribute of ten million letters": _inside(b'<x a="' + b"A" * 10 * MILLION + b'"/>'),
    "a text of twenty million letters": _inside(b"<x>" + b"A" * 20 * MILLION + b"</x>"),
    "a comment of twenty million letters": _inside(b"<!--" + b"A" * 20 * MILLION + b"-->"),
    "a name of a million letters": _inside(b"<" + b"x" * MILLION + b"/>"),
    "twenty thousand namespaces": _inside(b"<x " + _NAMESPACES + b"/>"),
    "an inclusion": _inside(b'<i:include xmlns:i="http://www.w3.org/2001/XInclude" href="/etc/passwd" parse="text"/>'),
    "a style sheet": lambda sample: b'<?xml-stylesheet href="http://127.0.0.1:9/a.xsl" type="text/xsl"?>' + sample,
    "an encoding nobody knows": lambda sample: (
        b"<?xml version='1.0' encoding='x-none'?>" + sample[sample.find(b"?>") + 2 :]
    ),
    "every element a thousand times": lambda sample: re.sub(
        rb"<(\w[\w:]*)\b[^<>]*/>", lambda match: match[0] * 1000, sample
    )[: 2**23],
}

# --- JSON -------------------------------------------------------------------------------------------------------------

_VALUE = re.compile(rb":\s*(?:\"[^\"]*\"|-?\d[\d.eE+-]*|true|false|null)")


def _as_value(value: bytes) -> Callable[[bytes], bytes]:
    """Put something in place of every simple value, at most 2**24 bytes in all."""

    def made(sample: bytes) -> bytes:
        return _VALUE.sub(lambda _: b":" + value, sample, count=max(1, 2**24 // len(value)))

    return made


JSON: Bombs = {
    "a million levels of lists": _as_value(b"[" * MILLION),
    "closed levels of lists": _as_value(b"[" * 900 + b"]" * 900),
    "a million levels of objects": _as_value(b'{"a":' * MILLION),
    "a million digits": _as_value(b"9" * MILLION),
    "five thousand digits": _as_value(b"9" * 5000),
    "an exponent beyond bounds": _as_value(b"1e999999"),
    "numbers that are none": _as_value(b"NaN"),
    "infinity": _as_value(b"-Infinity"),
    "half a letter": _as_value(b'"\\ud800"'),
    "a string of ten million letters": _as_value(b'"' + b"A" * 10 * MILLION + b'"'),
    "a million equal keys": lambda sample: b"{" + b'"a":1,' * MILLION + sample.lstrip()[1:],
    "a million other keys": lambda sample: (
        b"{" + b"".join(b'"a%d":1,' % n for n in range(MILLION)) + sample.lstrip()[1:]
    ),
    "a million values": _as_value(b"[" + b"1," * MILLION + b"1]"),
    "base64 without end": _as_value(b'"' + b"AAAA" * 4 * MILLION + b'"'),
}

# --- text -------------------------------------------------------------------------------------------------------------


def _every_line(made: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    return lambda sample: b"\n".join(made(line) for line in sample.splitlines())


def _last_lines(count: int) -> Callable[[bytes], bytes]:
    """The last line with anything on it, many times more."""

    def made(sample: bytes) -> bytes:
        lines = [line for line in sample.splitlines() if line.strip()]
        return b"\n".join([*lines, *lines[-1:] * min(count, 2**22 // max(1, len(lines[-1])))])

    return made


def _wide(separator: bytes, field: bytes) -> Callable[[bytes], bytes]:
    """A million fields more on the first line and one in the middle."""

    def made(sample: bytes) -> bytes:
        lines = sample.splitlines()
        widened = [
            line + (separator + field) * MILLION if place in (0, len(lines) // 2) else line
            for place, line in enumerate(lines)
        ]
        return b"\n".join(widened)

    return made


TEXT: Bombs = {
    **{
        f"a million empty columns by {name}": _wide(separator, b"")
        for name, separator in (("comma", b","), ("semicolon", b";"), ("tab", b"\t"), ("blank", b" "))
    },
    "a million columns of wavelengths": _wide(b",", b"R400"),
    "a million numbers by blanks": _wide(b" ", b"1.5"),
    "a million keys": _wide(b"\n", b"KEY=1"),
    "a million keyword lines": _wide(b"\n", b'KEYWORD "A"'),
    "lines of a million blanks": _every_line(lambda line: line + b" " * 500_000 if len(line) % 5 == 0 else line),
    "lines behind a million tabs": _every_line(lambda line: b"\t" * 500_000 + line if len(line) % 5 == 0 else line),
    "the last line without end": _last_lines(MILLION),
    "every line ten thousand times": _every_line(lambda line: b"\n".join([line] * 10_000)[: 2**18]),
    "an open quotation": lambda sample: b'"' + sample + b"A" * 10 * MILLION,
    "quotes without end": lambda sample: sample + b'"' * 5 * MILLION,
    "brackets without end": lambda sample: sample + b"[" * 5 * MILLION,
    "sections without end": lambda sample: sample + b"[BATCH 1]\n" * 500_000,
    "no line ends": lambda sample: (sample.replace(b"\r", b"").replace(b"\n", b"") * 5000)[: 2**23],
    "old line ends": lambda sample: sample.replace(b"\r\n", b"\n").replace(b"\n", b"\r"),
    "numbers of a million digits": lambda sample: re.sub(rb"\d+\.\d+", b"9" * MILLION, sample, count=8),
    "numbers beyond bounds": lambda sample: re.sub(rb"\d+\.\d+", b"1e999", sample),
    "numbers that are none": lambda sample: re.sub(rb"\d+\.\d+", b"nan", sample),
    "wavelengths that do not rise": lambda sample: re.sub(rb"\b[4-7]\d0\b", b"400", sample),
}

# --- archives ---------------------------------------------------------------------------------------------------------


def members_of(sample: bytes) -> list[tuple[str, bytes]]:
    """Names and contents of an archive."""
    with zipfile.ZipFile(io.BytesIO(sample)) as archive:
        return [(one.filename, archive.read(one)) for one in archive.infolist()]


def archive_of(members: list[tuple[str, bytes]]) -> bytes:
    """An archive of these, deflated."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _largest(made: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    """Change the member that holds most."""

    def changed(sample: bytes) -> bytes:
        members = members_of(sample)
        place = max(range(len(members)), key=lambda number: len(members[number][1]))
        name, content = members[place]
        return archive_of([*members[:place], (name, made(content)), *members[place + 1 :]])

    return changed


def _shaped(bombs: Bombs, name: str, starts: tuple[bytes, ...]) -> Callable[[bytes], bytes]:
    """Put a bomb into every member of its shape."""

    def changed(sample: bytes) -> bytes:
        return archive_of(
            [
                (one, bombs[name](content) if content.lstrip().startswith(starts) else content)
                for one, content in members_of(sample)
            ]
        )

    return changed


def _patched(field: bytes, offset: int, value: bytes) -> Callable[[bytes], bytes]:
    """Overwrite a field of every record that begins with this signature."""

    def changed(sample: bytes) -> bytes:
        content = bytearray(sample)
        place = content.find(field)
        while place >= 0:
            content[place + offset : place + offset + len(value)] = value
            place = content.find(field, place + 4)
        return bytes(content)

    return changed


def _zeros(name: str, mebibytes: int) -> bytes:
    """An archive member of zeros, packed a thousandfold, without holding them."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    block, crc, packed = bytes(2**20), 0, b""
    for _ in range(mebibytes):
        packed += packer.compress(block)
        crc = zlib.crc32(block, crc)
    packed += packer.flush()
    size, title = mebibytes * 2**20, name.encode()
    shared = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 33, crc, len(packed), size, len(title), 0)
    entry = struct.pack("<IH", 0x02014B50, 20) + shared + struct.pack("<HHHII", 0, 0, 0, 0, 0) + title
    local = ZIP + shared + title + packed
    return local + entry + struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 1, 1, len(entry), len(local), 0)


def _zip_bomb(sample: bytes) -> bytes:
    """The sample with its largest member replaced by a gibibyte of zeros."""
    members = members_of(sample)
    largest = max(members, key=lambda member: len(member[1]))[0]
    bomb = _zeros(largest, 1024)
    with zipfile.ZipFile(io.BytesIO(bomb)) as inner:
        (entry,) = inner.infolist()
        packed = bomb[30 + len(largest) : 30 + len(largest) + entry.compress_size]
    content, directory = bytearray(), bytearray()
    for name, part in members:
        if name == largest:
            body, crc, size, method = packed, entry.CRC, entry.file_size, 8
        else:
            body, crc, size, method = part, zlib.crc32(part), len(part), 0
        title = name.encode()
        shared = struct.pack("<HHHHHIIIHH", 20, 0, method, 0, 33, crc, len(body), size, len(title), 0)
        directory += (
            struct.pack("<IH", 0x02014B50, 20) + shared + struct.pack("<HHHII", 0, 0, 0, 0, len(content)) + title
        )
        content += ZIP + shared + title + body
    end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, len(members), len(members), len(directory), len(content), 0)
    return bytes(content + directory) + end


def _many_members(sample: bytes) -> bytes:
    """The sample with twenty thousand empty members more."""
    return archive_of([*members_of(sample), *((f"xl/{number}", b"") for number in range(20_000))])


def _inside_itself(sample: bytes) -> bytes:
    return archive_of([*members_of(sample), ("again.zip", sample)])


ARCHIVE: Bombs = {
    "a gibibyte of zeros": _zip_bomb,
    "sizes that lie low": _patched(b"PK\x01\x02", 24, struct.pack("<I", 10)),
    "sizes that lie high": _patched(b"PK\x01\x02", 24, struct.pack("<I", 2**31)),
    "packed sizes that lie": _patched(b"PK\x01\x02", 20, struct.pack("<I", 2**31)),
    "everything at one place": _patched(b"PK\x01\x02", 42, struct.pack("<I", 0)),
    "everything encrypted": _patched(b"PK\x01\x02", 8, struct.pack("<H", 1)),
    "a method nobody knows": _patched(b"PK\x01\x02", 10, struct.pack("<H", 99)),
    "checksums that lie": _patched(b"PK\x01\x02", 16, b"\x00\x01\x02\x03"),
    "a directory that is elsewhere": _patched(b"PK\x05\x06", 16, struct.pack("<I", 2**31)),
    "twenty thousand members": _many_members,
    "inside itself": _inside_itself,
    "its largest member empty": _largest(lambda _: b""),
    "its largest member of zeros": _largest(lambda _: bytes(8 * MILLION)),
    "its largest member halved": _largest(lambda content: content[: len(content) // 2]),
    **{
        f"XML: {name}": _shaped(XML, name, (b"<",))
        for name in (
            "a billion laughs",
            "an entity that is a file",
            "a million levels",
            "ten thousand levels, all closed",
            "two million elements",
            "an attribute of ten million letters",
            "twenty thousand namespaces",
        )
    },
    **{
        f"JSON: {name}": _shaped(JSON, name, (b"{",))
        for name in (
            "a million levels of lists",
            "a million digits",
            "five thousand digits",
            "numbers that are none",
            "half a letter",
            "a million equal keys",
            "a million values",
        )
    },
}

# --- Parquet ----------------------------------------------------------------------------------------------------------


def _rows(count: int) -> Callable[[bytes], bytes]:
    """The sample's first row, many times; equal values pack to next to nothing."""

    def made(sample: bytes) -> bytes:
        import pyarrow as pa
        import pyarrow.parquet as pq

        table = pq.read_table(io.BytesIO(sample)).slice(0, 1)
        buffer = io.BytesIO()
        with pq.ParquetWriter(buffer, table.schema, compression="zstd") as writer:
            block = pa.concat_tables([table] * 1000).combine_chunks()
            block = pa.concat_tables([block] * 100).combine_chunks()
            for _ in range(count // 100_000):
                writer.write_table(block)
        return buffer.getvalue()

    return made


def _columns(count: int) -> Callable[[bytes], bytes]:
    """The sample with many columns more."""

    def made(sample: bytes) -> bytes:
        import pyarrow as pa
        import pyarrow.parquet as pq

        table = pq.read_table(io.BytesIO(sample))
        numbers = pa.array([0.5] * table.num_rows)
        fields = [*table.schema, *(pa.field(f"more_{number}", pa.float64()) for number in range(count))]
        columns = [*table.columns, *[numbers] * count]
        buffer = io.BytesIO()
        pq.write_table(pa.Table.from_arrays(columns, schema=pa.schema(fields)), buffer)
        return buffer.getvalue()

    return made


PARQUET: Bombs = {
    "two million equal rows": _rows(2 * MILLION),
    "twenty thousand columns": _columns(20_000),
    "a footer that is longer than the file": lambda sample: sample[:-8] + struct.pack("<I", 2**31 - 1) + b"PAR1",
    "a footer that is everything": lambda sample: sample[:-8] + struct.pack("<I", len(sample) - 12) + b"PAR1",
    "a footer of none": lambda sample: sample[:-8] + struct.pack("<I", 0) + b"PAR1",
    "an encrypted footer": lambda sample: b"PARE" + sample[4:-4] + b"PARE",
    "zeros between head and footer": lambda sample: sample[:4] + bytes(len(sample) - 4 - 1000) + sample[-1000:],
}
