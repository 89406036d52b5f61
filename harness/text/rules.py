"""The rules of the PTB tokenizer: what makes a token, in which surroundings, and how the token is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from . import characters, spelling, words
from .pattern import Membership

_BLANKS = r"\t\u00a0\u2000-\u200a\u3000"  # and the space
_TAG_NAME = r"[A-Za-z][A-Za-z0-9_:.\-]*"

NAMES: dict[str, str | Membership] = {
    # characters
    "letter": characters.letter,
    "uppercase": characters.uppercase,
    "digit": characters.digit,
    "mark": f"[{characters.MARKS}]",
    "alnum": "{letter}|{digit}",
    "space": f"[ {_BLANKS}]",
    "newline": r"[\r\n\u2028\u2029\u000b\u000c\u0085] | [\r][\n]",
    "blank": "{space}|{newline}",
    "apostrophe": r"['\u0092\u2019] | &apos;",
    "quote_inside": r"{apostrophe} | [`\u0091\u2018\u201b]",
    "quote": r"{apostrophe} | '' | [`\u2018\u2019\u201a-\u201f\u0091-\u0094\u2039\u203a\u00ab\u00bb]{1,2}",
    "hyphen": r"[\-_\u058a\u2010\u2011]",
    "comma": r"[,;:\u3001]",
    # parts of words
    "in_word": "{letter} | {mark} | &[aeiouAEIOU](acute|grave|uml);",
    "word": "{in_word} ({in_word}|{digit})* ([.!?] {in_word} ({in_word}|{digit})*)*",
    "contraction": "{apostrophe} ([msdMSD]|re|ve|ll)",
    "negation": "n {quote_inside} t",
    # markup
    "tag": rf"< ([!?][A-Za-z\-][^>\r\n]*"
    rf"| {_TAG_NAME} ([ ]+ ({_TAG_NAME} | {_TAG_NAME} [ ]* = [ ]* ('[^']*' | \"[^\"]*\")))* [ ]* /?"
    rf"| / {_TAG_NAME}) [ ]* >",
    # numbers
    "number": r"{digit}+ ([.:,\u00ad\u066b\u066c]{digit}+)* | {digit}* ([.:,\u00ad\u066b\u066c]{digit}+)+",
    # abbreviations
    "initials": r"[A-Za-z](\.[A-Za-z])* | (canada|sino|korean|eu|japan|non)-u\.s | u\.s\.-(u\.k|u\.s\.s\.r)",
    "several_initials": r"[A-Za-z](\.[A-Za-z])+ | (canada|sino|korean|eu|japan|non)-u\.s | u\.s\.-(u\.k|u\.s\.s\.r)",
    "mid_sentence": words.MID_SENTENCE + r"\.",
    "before_name": words.BEFORE_NAME + "|{initials}",
    "before_number": words.BEFORE_NUMBER + r"\.",
    "hyphenated": r"[A-Za-z0-9][A-Za-z0-9.,\u00ad]* (- ([A-Za-z0-9\u00ad]+ | {several_initials}\.))+",
    "elided": "[dDoOlL]{quote_inside}{alnum}",
    "with_quote": "{elided}? {alnum}+ ({hyphen} {elided}? {alnum}+)*",
    "with_ampersand": r"[A-Z]+ (([+&]|&amp;) [A-Z]+)+",
    # the web
    "url": r"[^ \t\n\f\r\"<>|()]",
    "full_url": r"[^ \t\n\f\r\"<>|(){}]",
    "url_end": r"[^ \t\n\f\r\"<>|.!?(){},\-]",
    "file_part": "{in_word}|{digit}",
    "file": r"{file_part}+(\.{file_part}+)*\." + words.FILE_ENDINGS,
    "dots": r"\.{3,5} | [\u0085\u2026]",
    "spaced_dots": r"(\. [ \u00a0]){2,4} \.",
    "any": r"[\s\S]",
}


@dataclass(frozen=True)
class Rule:
    """A token: its pattern, the pattern of what must follow, and how it is written (None: not at all)."""

    token: str
    write: Callable[[str], str] | None = spelling.as_is
    before: str = ""
    period: bool = False


RULES = (
    # words
    Rule("c[+][+] | (c|f)[#]"),
    Rule("can", before="not"),
    Rule("'t", before="was"),
    Rule("'t", before="is"),
    Rule("gon|wan", before="na"),
    Rule("got", before="ta"),
    Rule("lem|gim", before="me"),
    Rule("{tag}", spelling.unbroken),
    Rule(r"&(md|mdash|ndash); | [\u0096\u0097\u2013-\u2015]", spelling.fixed("--")),
    Rule("&amp;", spelling.ampersand),
    Rule(r"&(ht|tl|ur|lr|qc|ql|qr|odq|cdq|\#[0-9]+);"),
    Rule("{word}", spelling.joined, before="{contraction}"),
    Rule(r"[A-Za-z\u00ad]*[A-MO-Za-mo-z][\u00ad]*", spelling.joined, before="{negation}"),
    Rule("{word}", spelling.joined),
    Rule(words.WITH_APOSTROPHE),
    Rule("y{apostrophe}", before="{letter}"),
    # the web
    Rule(r"(http|https)://{full_url}+{url_end}"),
    Rule(
        r"(www\.([^ \t\n\f\r\"<>|.!?(){},]+\.)+[a-zA-Z]{2,4} | ([^ \t\n\f\r\"`'<>|.!?(){},-_$]+\.)+(com|net|org|edu))"
        "(/{url}+{url_end})?"
    ),
    Rule(
        r"(&lt;|<)?[a-zA-Z0-9][^ \t\n\f\r\"<>|(){}\u00a0]*@([^ \t\n\f\r\"<>|(){}.\u00a0]+\.)*[^ \t\n\f\r\"<>|(){}.\u00a0]+(&gt;|>)?"
    ),
    Rule("@[a-zA-Z_][a-zA-Z_0-9]* | [#]{in_word}+"),
    Rule("{contraction}", spelling.closing_quote, before="[^A-Za-z]"),
    Rule("{negation}", spelling.closing_quote, before="[^A-Za-z]"),
    # numbers
    Rule(r"{digit}{1,2}[\-/]{digit}{1,2}[\-/]{digit}{2,4}"),
    Rule(r"[+\-]?{number}", spelling.joined),
    Rule(r"[\u207a\u207b\u208a\u208b]?([\u2070\u00b9\u00b2\u00b3\u2074-\u2079]+|[\u2080-\u2089]+)"),
    Rule(r"({digit}{1,4}[\- \u00a0])?{digit}{1,4}(\\?/|[\u2044]){digit}{1,4}", spelling.unbroken),
    Rule(r"[\u00bc\u00bd\u00be\u2153-\u215e]", spelling.fraction),
    Rule(
        r"-(rrb|lrb|rcb|lcb|rsb|lsb)- | c\.d\.s | pro- | anti- | s(&|&amp;)p-500 | s(&|&amp;)ls | cap{apostrophe}n | c{apostrophe}est",
        spelling.ampersand,
    ),
    Rule(r"[A-Za-z0-9]+(-[A-Za-z]+){0,2}(\\?/[A-Za-z0-9]+(-[A-Za-z]+){0,2}){1,2}"),
    Rule("[A-Z]*[$] | [#]"),
    Rule(r"[\u00a2-\u00a5\u0080\u20a0\u20ac\u060b\u0e3f\u20a4\uffe0\uffe1\uffe5\uffe6]", spelling.currency),
    # abbreviations
    Rule(r"({initials})\.", before="{blank}+(%s|{tag}){blank}" % words.SENTENCE_STARTS, period=True),
    Rule("{before_number}", before="{blank}?{digit}"),
    Rule(r"(pt[eyEY]|co)\.", before="{space}(ltd|lim)"),
    Rule("{mid_sentence}", before="{blank}({blank}|{uppercase}|{tag})", period=True),
    Rule("{mid_sentence}", before="{any}{any}"),
    Rule("{mid_sentence}", period=True),
    Rule(r"({before_name})\."),
    Rule("{before_name}", before="{space}"),
    Rule("{initials}", before="{blank}"),
    Rule("{apostrophe}[0-9][0-9]", before="{blank}"),
    Rule("{file}", before="{blank} | [.?!,]"),
    Rule(r"{word}\.", spelling.joined, before="{comma}"),
    Rule(
        r"(\([0-9]{2,3}\)[ \u00a0]?|(\+\+?)?([0-9]{2,4}[\- \u00a0])?[0-9]{2,4}[\- \u00a0])[0-9]{3,4}[\- \u00a0]?[0-9]{3,5}|((\+\+?)?[0-9]{2,4}\.)?[0-9]{2,4}\.[0-9]{3,4}\.[0-9]{3,5}",
        spelling.telephone,
    ),
    Rule('" | &quot;', spelling.opening_quote, before="[A-Za-z0-9$]"),
    Rule('" | &quot;', spelling.closing_quote),
    Rule(r"\u007f", None),
    Rule("<|&lt;", spelling.fixed("<")),
    Rule(">|&gt;", spelling.fixed(">")),
    Rule(r"[<>]?[:;=][\-o*']?[()DPdpO\\{@|\[\]]", spelling.brackets, before="[^A-Za-z0-9]"),
    Rule(
        r"[\^x=~<>]\.\[\^x=[^<]*<>\] | [\-\^x=~<>']_[\-\^x=~<>'] | \([\-\^x=~<>'][_.]?[\-\^x=~<>']\) | \([\^x=~<>']-[\^x=~<>'`]\)",
        spelling.brackets,
    ),
    Rule(r"\{", spelling.fixed("-LCB-")),
    Rule(r"\}", spelling.fixed("-RCB-")),
    Rule(r"\[", spelling.fixed("-LSB-")),
    Rule(r"\]", spelling.fixed("-RSB-")),
    Rule(r"\(", spelling.fixed("-LRB-")),
    Rule(r"\)", spelling.fixed("-RRB-")),
    Rule("-+", spelling.dashes),
    Rule("{dots}|{spaced_dots}", spelling.fixed("...")),
    Rule(r"@+ | \#+ | _+"),
    Rule(r"\*+ | (\\\*){1,3}"),
    Rule("{comma}"),
    Rule("[?!]+"),
    Rule(r"[.\u00a1\u00bf\u037e\u0589\u061f\u06d4\u0700-\u0702\u07fa\u3002]"),
    Rule("="),
    Rule("/"),
    Rule(r"{hyphenated}\.", spelling.joined, before="{comma}"),
    Rule("{hyphenated}", spelling.joined),
    Rule(r"{with_quote}\.", before="{comma}"),
    Rule("{with_quote}"),
    Rule(r"{with_ampersand}\.", spelling.ampersand, before="{comma}"),
    Rule("{with_ampersand}", spelling.ampersand),
    Rule("'", spelling.opening_quote, before=r"[A-Za-z][^ \t\n\r\u00a0]"),
    Rule("{contraction}", spelling.closing_quote),
    Rule("{negation}", spelling.closing_quote),
    Rule("{quote}", spelling.closing_quote),
    Rule("<< | >>"),
    Rule(f"[{characters.SIGNS}]"),
    Rule(r"\u0000 | {space}+ | [\u200b\u200e\u200f\ufeff]", None),
    Rule("{newline}", None),
    Rule("&nbsp;", None),
    Rule("{any}", None),
)
