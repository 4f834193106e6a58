"""Words that measurement files are made of, and the words that break readers."""

from __future__ import annotations

# What makes numbers, texts and structures go wrong in any format.
HOSTILE = (
    *(
        b"nan",
        b"-inf",
        b"1e999",
        b"-1e308",
        b"1e-320",
        b"9" * 400,
        b"0x1p3",
        b"1_000",
        b"\xd9\xa3",
        b"1,5",
        b"--1",
        b"-0",
    ),
    *(b"2147483648", b"-1", b"0", b"1e6", b"18446744073709551616", b"1e400", b"99999", b"1001", b"2000.5"),
    *(b"\x00", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"\x1a", b"\x1b[31m", b"\xed\xa0\x80", b"\xe2\x80\xae"),
    *(b"\xe2\x80\xa8", b"\x85", b"\r", b"\n", b"\r\n", b"\t", b"\x0b\x0c", b'"', b'""', b"'", b";", b",", b"=", b"%"),
    *(b"A" * 3000, b"(" * 200, b"[" * 2000, b'{"a":' * 500, b"<a>" * 300, b"\\u0000", b"\\ud800", b"&amp;", b"&#0;"),
    *(
        b"\xce\xbb",
        b"\xe8\xb5\xa4",
        b"\xb2\xe2\xc1\xbf",
        b"\x1f\x8b\x08",
        b"PK\x03\x04",
        b"#",
        b"//",
        b"../../etc/passwd",
    ),
)

# What stands in XML, and what must not.
XML = (
    *(b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"<!DOCTYPE a SYSTEM 'file:///etc/passwd'>", b"&b;", b"<![CDATA[", b"]]>"),
    *(b"<?xml version='1.0' encoding='utf-16'?>", b"<!--", b"-->", b"xmlns=''", b"xmlns:a='b'", b"/>", b"<a/>"),
    *(b"xsi:nil='true'", b"xml:space='preserve'", b"xmlns:xi='http://www.w3.org/2001/XInclude'", b"<?x y?>"),
)

JSON = (
    b"null",
    b"true",
    b"NaN",
    b"Infinity",
    b"1E400",
    b"[]",
    b"{}",
    b"[[",
    b'"":',
    b"\\uD83D",
    b'"AAAAAA=="',
    b"-0.0",
)

# What the formats themselves say; a mutation that lands on a keyword reaches further than one that does not.
KEYWORDS = (
    *(b"BEGIN_DATA_FORMAT", b"END_DATA_FORMAT", b"BEGIN_DATA", b"END_DATA", b"NUMBER_OF_SETS 2", b"NUMBER_OF_FIELDS 3"),
    *(b"CGATS.17", b"SAMPLE_ID", b"SAMPLE_NAME", b"SPECTRAL_NM380", b"SPECTRAL_START_NM", b"KEYWORD", b"LAB_L XYZ_X"),
    *(b"[STANDARD_DATA 0]", b"[BATCH_DATA 1]", b"STD_R=", b"BAT_R=", b"STD_REFLPOINTS=31", b"STD_VIEWING=%R SCI"),
    *(
        b"400",
        b"R400",
        b"400nm",
        b"%R410",
        b"sample",
        b"geometry",
        b"45as15",
        b"45as-15az30",
        b"d/8 SCI",
        b"L*(D65/10)",
    ),
    *(
        b"percent",
        b"fraction",
        b"D65",
        b"TL84",
        b"10\xc2\xb0",
        b"M1",
        b"2026-03-01T08:30:00Z",
        b"0000-00-00",
        b"24:60:61",
    ),
    *(b"StartWL='380'", b"<ReflectanceSpectrum", b"ColorSpecification='cs1'", b"<Wavelength Id=", b"Increment='10'"),
    *(
        b"Id='a'",
        b"ObjectType='Standard'",
        b"WL=400",
        b"BEGIN",
        b"END",
        b"XFD1048576",
        b't="s"',
        b'r="A1"',
        b"<v>1</v>",
    ),
    *(b"PAR1", b"\x15\x00\x15", b"AAAAAAAA", b"mimetype", b"manifest.json"),
)

TOKENS = (*HOSTILE, *XML, *JSON, *KEYWORDS)


def dictionary() -> str:
    """The tokens as libFuzzer reads a dictionary; it takes none longer than 64 bytes."""
    lines = []
    for token in TOKENS:
        if len(token) <= 64:
            quoted = "".join(f"\\x{byte:02x}" for byte in token)
            lines.append(f'"{quoted}"\n')
    return "".join(lines)
