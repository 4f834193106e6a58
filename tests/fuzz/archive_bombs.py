"""Small archives that want much: what zip and its directory can lie about, and bombs of other shapes inside."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Callable

from archives import archive_of, members_of, with_right_sums
from text_bombs import JSON, MILLION, XML, ZIP, Bombs


def _repacked(members: list[tuple[str, bytes]]) -> bytes:
    """An archive of these, deflated, with right sums."""
    return archive_of(with_right_sums([(name, content, zipfile.ZIP_DEFLATED) for name, content in members]))


def _members(sample: bytes) -> list[tuple[str, bytes]]:
    return [(name, content) for name, content, _ in members_of(sample)]


def _largest(made: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    """Change the member that holds most."""

    def changed(sample: bytes) -> bytes:
        members = _members(sample)
        place = max(range(len(members)), key=lambda number: len(members[number][1]))
        name, content = members[place]
        return _repacked([*members[:place], (name, made(content)), *members[place + 1 :]])

    return changed


def _shaped(bombs: Bombs, name: str, starts: tuple[bytes, ...]) -> Callable[[bytes], bytes]:
    """Put a bomb into every member of its shape."""

    def changed(sample: bytes) -> bytes:
        return _repacked(
            [
                (one, bombs[name](content) if content.lstrip().startswith(starts) else content)
                for one, content in _members(sample)
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


def _zeros(mebibytes: int) -> tuple[bytes, int]:
    """Zeros packed a thousandfold, without holding them, and their checksum."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    block, crc, packed = bytes(2**20), 0, b""
    for _ in range(mebibytes):
        packed += packer.compress(block)
        crc = zlib.crc32(block, crc)
    return packed + packer.flush(), crc


def _zip_bomb(sample: bytes) -> bytes:
    """The sample with its largest member replaced by a gibibyte of zeros."""
    members = _members(sample)
    largest = max(members, key=lambda member: len(member[1]))[0]
    packed, checksum = _zeros(1024)
    content, directory = bytearray(), bytearray()
    for name, part in members:
        if name == largest:
            body, crc, size, method = packed, checksum, 2**30, zipfile.ZIP_DEFLATED
        else:
            body, crc, size, method = part, zlib.crc32(part), len(part), zipfile.ZIP_STORED
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
    return _repacked([*_members(sample), *((f"xl/{number}", b"") for number in range(20_000))])


def _inside_itself(sample: bytes) -> bytes:
    return _repacked([*_members(sample), ("again.zip", sample)])


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
