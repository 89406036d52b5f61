"""The kinds of characters that the PTB tokenizer tells apart: the Unicode of its day, not of this Python."""

from __future__ import annotations

import re


def _ranges(table: str) -> str:
    """The inside of a bracket expression from hexadecimal code points and ranges."""
    bounds = (each.partition("-") for each in table.split())
    return "".join(f"\\u{low:0>4}-\\u{high or low:0>4}" for low, _, high in bounds)


# Letters that Unicode took up after the tokenizer was built, with the empty places around them.
_LATER = _ranges("""
    37F-383 528-530 560 588 5EB-5EF 85F-887 889-88F 8A1 8AD-8C9 978 980 9FC AF2-AF9 C34 C5A-C5F C80 CD7-CDD
    D04 D50-D56 D5F E85-E86 E89 E8B-E8C E8E-E93 E98 EA0 EA8-EA9 EAC 13F5-13FF 16F1-16FF 170D 1716-171F
    1878-187F 191D-191F 19AC-19C0 19C8-19CF 1B4C-1B4F 1C80-1CBF 1CF2-1CF3 1CFA-1CFF 2C2F 2C5F 312E-3130
    31BB-31BF 4DB6-4DBF 9FCD-9FFF A698-A69D A78F A794-A79F A7AB-A7F7 A8FD-A8FE A9E0-A9E4 A9E6-A9EF A9FA-A9FF
    AA7E-AA7F AB2F-AB5A AB5C-AB69 AB6C-ABBF
""")
_ONCE = "\u1885\u1886"  # letters then, marks now
# Accents, vowel signs and modifiers that stand in words.
MARKS = _ranges("""
    AD 2C2-379 384-385 3F6 483-487 55A-55F 591-5BD 5BF 5C1-5C2 5C4-5C5 5C7 615-61A 64B-65E 670 6D6-6EF
    6FA-6FF 70F-7B0 7CA-7F5 7FA 900-903 93C-94E 951-955 962-963 981-983 9BC-9C4 9C7-9C8 9CB-9CD 9D7 9E2-9E3
    A01-A03 A3C A3E-A4F A81-A83 ABC-ACF B82 BBE-BC2 BC6-BC8 BCA-BCD C01-C03 C3E-C56 D3E-D44 D46-D48 E30-E3A
    E47-E4E EB1-EBC EC8-ECD
""")
# Mathematical, technical and other signs that are tokens of their own.
SIGNS = _ranges("""
    25-26 2B 5C 5E 7C 7E A6-A9 AC AE-B8 BA D7 F7 387 5BE 5C0 5C3 5C6 5F3-5F4 600-603 606-60A 60C 614 61B 61E
    66A 66D 703-70D 7F6-7F8 964-965 E4F 1FBD 2016-2017 2020-2023 2030-2038 203B 203E-2042 2044 207A-207F
    208A-208E 2100-214F 2190-2BFF 3012 30FB FF01-FF0F FF1A-FF20 FF3B-FF40 FF5B-FF65
""")
_is_later = re.compile(f"[{_LATER}]").match
_is_upper_later = re.compile(f"[{_LATER}\u13a0-\u13f4\ua698-\ua69b]").match
_is_digit = re.compile(r"(?![\u0de6-\u0def\ua9f0-\ua9f9])[\u0000-\uffff]").match


def letter(character: str) -> bool:
    """Is it a letter of the Basic Multilingual Plane in Unicode 6.2?"""
    return (character.isalpha() or character in _ONCE) and character <= "\uffff" and not _is_later(character)


def uppercase(character: str) -> bool:
    """Is it an upper-case letter, Roman numeral or circled letter of Unicode 6.2?"""
    return character.isupper() and character <= "\uffff" and not _is_upper_later(character)


def digit(character: str) -> bool:
    """Is it a decimal digit of Unicode 6.2?"""
    return character.isdecimal() and _is_digit(character) is not None
