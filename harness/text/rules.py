"""The rules of the PTB tokenizer: what makes a token, before what, and how it is written."""

from __future__ import annotations

from dataclasses import dataclass

from . import spelling, words
from .spelling import Spelling, fixed


@dataclass(frozen=True)
class Rule:
    """A token: its pattern, how it is written (None: not at all), and the pattern of what must follow.

    Ends_sentence: the token's period is a token once more. Needs_at: it can only match text with an @.
    """

    token: str
    write: Spelling | None = spelling.as_is
    before: str = ""
    ends_sentence: bool = False
    needs_at: bool = False


# The longest match with what must follow wins, of equally long ones the first.
RULES = (
    Rule(r"c\+\+ | (c|f)\#"),
    Rule("can", before="not"),
    Rule("'t", before="was|is"),
    Rule("gon|wan", before="na"),
    Rule("got", before="ta"),
    Rule("lem|gim", before="me"),
    Rule("{tag}", spelling.unbroken),
    Rule("{dash}", fixed("--")),
    Rule("{and}", spelling.ampersand),
    Rule(r"& (ht|tl|ur|lr|qc|ql|qr|odq|cdq|\#[0-9]+) ;"),
    Rule("{word}", spelling.joined, before="{contraction}"),
    Rule("{verb}", spelling.joined, before="{negation}"),
    Rule("{word}", spelling.joined),
    Rule(words.WITH_APOSTROPHE),
    Rule("y{apostrophe}", before="{letter}"),
    Rule("{url} | {site}"),
    Rule("{mail}", needs_at=True),
    Rule("{handle}"),
    Rule("{contraction} | {negation}", spelling.closing_quote, before="[^A-Za-z]"),
    Rule("{date}"),
    Rule("{number}", spelling.joined),
    Rule("{raised}"),
    Rule("{fraction}", spelling.unbroken),
    Rule(r"[\u00bc\u00bd\u00be\u2153-\u215e]", spelling.fraction),
    Rule(words.PENN, spelling.ampersand),
    Rule("{alternatives}"),
    Rule("[A-Z]* [$] | \\#"),
    Rule("{currency}", spelling.currency),
    Rule(
        r"({initials})\.",
        before=f"{{blank}}+ ({words.SENTENCE_STARTS}|{{tag}}) {{blank}}",
        ends_sentence=True,
    ),
    Rule(rf"{words.BEFORE_NUMBER}\.", before="{blank}? {digit}"),
    Rule(r"(pt[eyEY]|co)\.", before="{space}(ltd|lim)"),
    Rule("{mid_sentence}", before="{blank} ({blank}|{uppercase}|{tag})", ends_sentence=True),
    Rule("{mid_sentence}", before="{any}{any}"),
    Rule("{mid_sentence}", ends_sentence=True),
    Rule(r"({before_name})\."),
    Rule("{before_name}", before="{space}"),
    Rule("{initials} | {apostrophe}[0-9][0-9]", before="{blank}"),
    Rule("{file}", before="{blank} | [.?!,]"),
    Rule(r"{word}\.", spelling.joined, before="{comma}"),
    Rule("{telephone}", spelling.telephone),
    Rule("{double_quote}", spelling.opening_quote, before="[A-Za-z0-9$]"),
    Rule("{double_quote}", spelling.closing_quote),
    Rule("< | &lt;", fixed("<")),
    Rule("> | &gt;", fixed(">")),
    Rule("{smiley}", spelling.brackets, before="[^A-Za-z0-9]"),
    Rule("{asian_smiley}", spelling.brackets),
    Rule(r"\{", fixed("-LCB-")),
    Rule(r"\}", fixed("-RCB-")),
    Rule(r"\[", fixed("-LSB-")),
    Rule(r"\]", fixed("-RSB-")),
    Rule(r"\(", fixed("-LRB-")),
    Rule(r"\)", fixed("-RRB-")),
    Rule("-+", spelling.dashes),
    Rule("{dots}", fixed("...")),
    Rule(r"@+ | \#+ | _+ | \*+ | (\\\*){1,3} | [?!]+ | {comma} | = | /"),
    Rule(r"[.\u00a1\u00bf\u037e\u0589\u061f\u06d4\u0700-\u0702\u07fa\u3002]"),
    Rule(r"{hyphenated}\.", spelling.joined, before="{comma}"),
    Rule("{hyphenated}", spelling.joined),
    Rule(r"{compound}\.", before="{comma}"),
    Rule("{compound}"),
    Rule(r"{firm}\.", spelling.ampersand, before="{comma}"),
    Rule("{firm}", spelling.ampersand),
    Rule("'", spelling.opening_quote, before=r"[A-Za-z] [^ \t\n\r\u00a0]"),
    Rule("{contraction} | {negation} | {quote}", spelling.closing_quote),
    Rule("<< | >> | {sign}"),
    Rule("{space}+ | {newline} | &nbsp; | {any}", None),
)
