"""The named sets and patterns from which the rules of the PTB tokenizer are built."""

from __future__ import annotations

from . import characters, words
from .pattern import Membership

_TAG_NAME = r"[A-Za-z][A-Za-z0-9_:.\-]*"
_NATIONS = r"(canada|sino|korean|eu|japan|non)-u\.s | u\.s\.-(u\.k|u\.s\.s\.r)"

PIECES: dict[str, str | Membership] = {
    # characters
    "any": r"[\s\S]",
    "letter": characters.letter,
    "uppercase": characters.uppercase,
    "digit": characters.digit,
    "alnum": "{letter} | {digit}",
    "space": r"[ \t\u00a0\u2000-\u200a\u3000]",
    "newline": r"[\r\n\u2028\u2029\u000b\u000c\u0085] | [\r][\n]",
    "blank": "{space} | {newline}",
    "comma": r"[,;:\u3001]",
    "hyphen": r"[\-_\u058a\u2010\u2011]",
    "and": "[&] | &amp;",
    "apostrophe": r"['\u0092\u2019] | &apos;",
    "quote_inside": r"{apostrophe} | [`\u0091\u2018\u201b]",
    "double_quote": '" | &quot;',
    "quote": r"{apostrophe} | '' | [`\u2018\u2019\u201a-\u201f\u0091-\u0094\u2039\u203a\u00ab\u00bb]{1,2}",
    "dash": r"&(md|mdash|ndash); | [\u0096\u0097\u2013-\u2015]",
    "dots": r"\.{3,5} | [\u0085\u2026] | (\. [ \u00a0]){2,4} \.",
    "currency": r"[\u00a2-\u00a5\u0080\u20a0\u20a4\u20ac\u060b\u0e3f\uffe0\uffe1\uffe5\uffe6]",
    "sign": f"[{characters.SIGNS}]",
    # words
    "in_word": f"{{letter}} | [{characters.MARKS}] | &[aeiouAEIOU](acute|grave|uml);",
    "word": "{in_word} ({in_word}|{digit})* ([.!?] {in_word} ({in_word}|{digit})*)*",
    "verb": r"[A-Za-z\u00ad]* [A-MO-Za-mo-z] [\u00ad]*",
    "contraction": "{apostrophe} ([msdMSD]|re|ve|ll)",
    "negation": "n {quote_inside} t",
    "elided": "[dDoOlL] {quote_inside} {alnum}",
    "compound": "{elided}? {alnum}+ ({hyphen} {elided}? {alnum}+)*",
    "hyphenated": r"[A-Za-z0-9][A-Za-z0-9.,\u00ad]* (- ([A-Za-z0-9\u00ad]+ | {long_initials}\.))+",
    "alternatives": r"[A-Za-z0-9]+ (-[A-Za-z]+){0,2} (\\? / [A-Za-z0-9]+ (-[A-Za-z]+){0,2}){1,2}",
    "firm": "[A-Z]+ ((\\+|{and}) [A-Z]+)+",
    # abbreviations
    "initials": rf"[A-Za-z] (\.[A-Za-z])* | {_NATIONS}",
    "long_initials": rf"[A-Za-z] (\.[A-Za-z])+ | {_NATIONS}",
    "mid_sentence": rf"{words.MID_SENTENCE} \.",
    "before_name": f"{words.BEFORE_NAME} | {{initials}}",
    # numbers
    "part": r"[.:,\u00ad\u066b\u066c] {digit}+",
    "number": r"[+\-]? ({digit}+ {part}* | {digit}* {part}+)",
    "raised": r"[\u207a\u207b\u208a\u208b]? ([\u2070\u00b9\u00b2\u00b3\u2074-\u2079]+ | [\u2080-\u2089]+)",
    "date": r"{digit}{1,2} [\-/] {digit}{1,2} [\-/] {digit}{2,4}",
    "fraction": r"({digit}{1,4} [\- \u00a0])? {digit}{1,4} (\\?/ | [\u2044]) {digit}{1,4}",
    "telephone": r"""
        (\([0-9]{2,3}\) [ \u00a0]? | (\+\+?)? ([0-9]{2,4} [\- \u00a0])? [0-9]{2,4} [\- \u00a0])
        [0-9]{3,4} [\- \u00a0]? [0-9]{3,5}
        | ((\+\+?)? [0-9]{2,4} \.)? [0-9]{2,4} \. [0-9]{3,4} \. [0-9]{3,5}
    """,
    # markup and the web
    "tag": rf"""
        < ( [!?] [A-Za-z\-] [^>\r\n]*
          | {_TAG_NAME} ([ ]+ ({_TAG_NAME} | {_TAG_NAME} [ ]* = [ ]* ('[^']*' | "[^"]*")))* [ ]* /?
          | / {_TAG_NAME}
          ) [ ]* >
    """,
    "url": r"https? :// [^ \t\n\f\r\"<>|(){}]+ {url_end}",
    "url_end": r"[^ \t\n\f\r\"<>|.!?(){},\-]",
    "site": r"""
        ( www\. ([^ \t\n\f\r\"<>|.!?(){},]+ \.)+ [a-zA-Z]{2,4}
        | ([^ \t\n\f\r\"`'<>|.!?(){},-_$]+ \.)+ (com|net|org|edu)
        ) (/ [^ \t\n\f\r\"<>|()]+ {url_end})?
    """,
    "mail": r"""
        (&lt;|<)? [a-zA-Z0-9] [^ \t\n\f\r\"<>|(){}\u00a0]* @
        ([^ \t\n\f\r\"<>|(){}.\u00a0]+ \.)* [^ \t\n\f\r\"<>|(){}.\u00a0]+ (&gt;|>)?
    """,
    "handle": "@ [a-zA-Z_] [a-zA-Z_0-9]* | \\# {in_word}+",
    "file": rf"({{in_word}}|{{digit}})+ (\. ({{in_word}}|{{digit}})+)* \. {words.FILE_ENDINGS}",
    "smiley": r"[<>]? [:;=] [\-o*']? [()DPdpO\\{@|\[\]]",
    "asian_smiley": r"""
        [\^x=~<>] \.\[\^x= [^<]* <>\]
        | [\-\^x=~<>'] _ [\-\^x=~<>']
        | \( [\-\^x=~<>'] [_.]? [\-\^x=~<>'] \)
        | \( [\^x=~<>'] - [\^x=~<>'`] \)
    """,
}
