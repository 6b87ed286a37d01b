"""Strings that have broken web applications, and bodies and headers made of them."""

from __future__ import annotations

import json

STRINGS: tuple[bytes, ...] = tuple(
    text if isinstance(text, bytes) else text.encode()
    for text in (
        "",
        " ",
        # NUL, raw and in the middle; what looks like it
        b"\x00",
        b"07001\x00",
        "%00",
        "\\x00",
        # halves of surrogate pairs and other bytes that are not UTF-8
        b"\xed\xa0\x80",
        b"\xff\xfe",
        b"\xc0\x80",
        b"\xf4\x90\x80\x80",
        # numbers beyond all columns
        "-1",
        "0",
        "9" * 10,
        "9" * 20,
        "9" * 5000,
        "1e400",
        "-1e400",
        "NaN",
        "Infinity",
        "٣٤",
        "²",
        "0x10",
        "1_000",
        # dates that there are not
        "0000-00-00",
        "9999-12-31T23:59:60Z",
        "99999-01-01",
        # identifiers that look like others
        "00000000-0000-0000-0000-000000000000",
        "{00000000-0000-0000-0000-000000000000}",
        "zones-0123456789abcdef",
        "commune:07001",
        ":",
        # marks of direction, of no width, and beyond the first plane
        "\u202e07001\u2066",
        "\ufeff",
        "\U0001f5fa" * 40,
        "e\u0301" * 60,
        # formats, templates, statements
        "%s%n%x",
        "{0.__class__}",
        "{{ 7*7 }}",
        "' OR 1=1 --",
        "%_%",
        "\\",
        # paths
        "../../../etc/passwd",
        "..",
        "...",
        "/",
        "//evil.example",
        "file:///etc/passwd",
        # lines
        "a\r\nSet-Cookie: a=b",
        "a\nb\tc\x0b\x0c\x7f",
        "\u2028",
        "<script>alert(1)</script>",
        "a;b;c&d=e",
        # long
        "x" * 3000,
        "(" * 500,
        "[" * 500,
        ",".join(["clcplus-2021"] * 300),
        "%" * 200,
    )
)

CONTENT_TYPES = (
    "",
    "application/json",
    "application/geo+json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "multipart/form-data",
    "multipart/form-data; boundary=\xff",
    "application/json; charset=zlib",
    "application/json; charset=rot13",
    "application/x-www-form-urlencoded; charset=utf-16",
    "text/plain; charset=base64",
    "text/plain; charset*=nothing''x",
    "text/plain; charset*=undefined''x",
    "application/json; charset=a\x00b",
    "application/json; charset=" + "x" * 3000,
    "/;;=;charset",
)

DEEP = 100_000

BODIES: tuple[bytes, ...] = (
    b"",
    b"{",
    b"null",
    b"[]",
    b"3",
    b'"x"',
    b"[" * DEEP,
    b'{"a":' * DEEP,
    b'{"name": "\\u0000"}',
    b'{"name": "\\ud800"}',
    b'{"\\ud800": 1}',
    b'{"name": "a", "name": "b"}',
    b'{"published": 1e400, "name": NaN}',
    b'{"name": ' + b"9" * 10_000 + b"}",
    b'{"name": {"a": []}, "shared": [], "published": {}, "crs": 3, "skip_bad": null}',
    b"\xff\xfe{\x00}\x00",
    b'{"type": "Polygon", "coordinates": [[[1e400, 0], [0, 1], [1, 1], [1e400, 0]]]}',
    b'{"type": "Polygon", "coordinates": [[[null, {}], "x", [], [0]]]}',
    b'{"type": "Feature", "geometry": {"type": [], "coordinates": {}}, "crs": 7}',
    json.dumps({"type": "FeatureCollection", "features": [None, 3, {}, []], "crs": {}}).encode(),
    b"name=%00&which=usable&kind=%00&layer=%ff&crs=EPSG:" + b"9" * 400,
    b"action=delete_selected&_selected_action=%00&select_across=1&index=x",
    b"action=publish&_selected_action=x&_selected_action=" + b"9" * 5000,
    b"username=%00&password=%00&next=//evil.example",
    b"&".join([b"a=1"] * 1500),
    b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\n\x00\r\n--x--\r\n',
    b'--x\r\nContent-Disposition: form-data; name="_charset_"\r\n\r\nzlib\r\n--x--\r\n',
    b"--x\r\nContent-Disposition: form-data; name*=nothing''a; filename*=zlib''b\r\n\r\nc\r\n--x--",
    b'--x\r\nContent-Disposition: form-data; name="file"; filename="../\x00"\r\n'
    b"Content-Type: text/plain; charset=zlib\r\n\r\n{}\r\n--x--\r\n",
    b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.json"\r\n'
    b"Content-Transfer-Encoding: base64\r\n\r\n!!!\r\n--x--\r\n",
)

HEADERS: tuple[tuple[str, str], ...] = (
    ("HTTP_HOST", "\x00"),
    ("HTTP_HOST", "evil.example"),
    ("HTTP_HOST", "localhost:99999999"),
    ("HTTP_HOST", "LOCALHOST"),
    ("HTTP_HOST", "a" * 3000),
    ("HTTP_HOST", "[::1"),
    ("HTTP_ACCEPT", "application/json; q=foo"),
    ("HTTP_ACCEPT", "text/csv;;;,*/*;q=-1"),
    ("HTTP_ACCEPT", "application/json; indent=" + "9" * 5000),
    ("HTTP_ACCEPT", "application/json; indent=\xff"),
    ("HTTP_ACCEPT", "/"),
    ("HTTP_ACCEPT_LANGUAGE", "\xff;q=x," * 100),
    ("HTTP_ACCEPT_ENCODING", "gzip;q=x, \x00"),
    ("HTTP_IF_NONE_MATCH", '"' * 999),
    ("HTTP_IF_NONE_MATCH", "*"),
    ("HTTP_IF_MATCH", 'W/"x", garbage'),
    ("HTTP_IF_MODIFIED_SINCE", "Sun, 99 Nov 99999 99:99:99 GMT"),
    ("HTTP_IF_UNMODIFIED_SINCE", "x" * 999),
    ("HTTP_RANGE", "bytes=" + "9" * 5000 + "-0"),
    ("HTTP_RANGE", "bytes=-,x"),
    ("HTTP_COOKIE", 'sessionid="aaaaaaaaaaaa\\000"'),
    ("HTTP_COOKIE", "sessionid=\xff\xfe; csrftoken=\x01; shared-zones=" + "." * 999),
    ("HTTP_COOKIE", "sessionid=" + "9" * 5000),
    ("HTTP_COOKIE", "messages=\xff:x; sessionid=../../x"),
    ("HTTP_COOKIE", 'shared-zones="' + "\\377" * 43 + '"'),
    ("HTTP_AUTHORIZATION", "Bearer"),
    ("HTTP_AUTHORIZATION", "Bearer a\x00b"),
    ("HTTP_AUTHORIZATION", "Bearer \xff\xfe"),
    ("HTTP_AUTHORIZATION", "Bearer a b c"),
    ("HTTP_X_FORWARDED_FOR", "\x00, x, " * 99),
    ("HTTP_X_FORWARDED_PROTO", "gopher"),
    ("HTTP_REFERER", "//\xff[" + "x" * 99),
    ("HTTP_ORIGIN", "null\x00"),
    ("HTTP_CONTENT_ENCODING", "gzip"),
    ("CONTENT_LENGTH", "9" * 5000),
    ("CONTENT_LENGTH", "9" * 15),
    ("CONTENT_LENGTH", "-1"),
    ("CONTENT_LENGTH", "x"),
    ("CONTENT_LENGTH", ""),
)

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "FOO")
