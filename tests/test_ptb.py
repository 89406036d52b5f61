"""Tests of harness/text/ptb.py: the words of captions as frozen and, with Java, as pycocoevalcap has them."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from rsbench.harness.text.ptb import tokenize, tokens_all

# What pycocoevalcap 1.2 returned with Java 17.
FROZEN = [
    ("A harbour's colours aren't grey.", "a harbour 's colours are n't grey"),
    ("They cannot see it; I'm gonna go, y'all.", "they can not see it i 'm gon na go y' all"),
    ("'Twas the crew's boat, wasn't it? 'Tis. DON'T!", "'t was the crew 's boat was n't it 't is do n't"),
    ("rock 'n' roll o'clock O'Neil l'eau c'mon", "rock 'n' roll o'clock o'neil l'eau c'mon"),
    (
        "\"two (2) planes\" -- and 'a' [few] {more}",
        "two -lrb- 2 -rrb- planes and a -lsb- few -rsb- -lcb- more -rcb-",
    ),
    ("``quoted'' “curly” ‘single’ don’t «abc»", "quoted curly single do n't abc"),
    ("e.g. the U.S. Navy, i.e. No. 5, fig. 3, etc.", "e.g. the u.s. navy i.e. no. 5 fig. 3 etc."),
    ("at 3:30 p.m. on 12/25/2014, 1,234.5 m", "at 3:30 p.m. on 12/25/2014 1,234.5 m"),
    ("(5 1/2 ft), 1/2, ½, 5-1/2, -5, +5, .5", "-lrb- 5\xa01/2 ft -rrb- 1/2 1/2 5-1/2 -5 +5 .5"),
    ("call (555) 123-4567 or 555.123.4567", "call -lrb-555-rrb-\xa0123-4567 or 555.123.4567"),
    ("$5, US$5, £5, €5, 5¢, 5%, 20°C, x², 3×4", "$ 5 us$ 5 # 5 $ 5 5 cents 5 % 20 ° c x ² 3 × 4"),
    ("www.foo.com/a, http://a.b/c?d=e. or me@x.org", "www.foo.com / a http://a.b/c?d=e or me@x.org"),
    ("a.html, index.php. @user #tag", "a.html index.php @user #tag"),
    ("AT&T, R&B, A&amp;B, C++, C#, &lt;b&gt;, a&nbsp;b", "at&t r&b a&b c++ c# < b > a b"),
    ('<b>bold</b> <a href="x y">link</a>', '<b> bold </b> <a\xa0href="x\xa0y"> link </a>'),
    ("wait... what . . . no.. yes.... ok!! ?!", "wait what no yes ok !! ?!"),
    ("--- ----- - a-b co-ed 20-year-old", "----- a-b co-ed 20-year-old"),
    (":) :-( ;D ^_^ (^_^) :Px", ":-rrb- :--lrb- ;d ^_^ -lrb-^_^-rrb- px"),
    ("and/or 1/2/3 * ** \\ | ~ a_b # ## @ = ==", "and/or 1/2/3 * ** \\ | ~ a_b # ## @ = = ="),
    ("café 机场 — über Москва ﬁn co\xadop \xad", "café 机场 über москва ﬁn coop"),
    ("plane\xa0near\tthe   sea", "plane near the sea"),
    ("\U0001f600 ok \U0001f1e9\U0001f1ea ✈\ufe0f ™ \u200bx\ufeff", "ok ✈ ™ x"),
    ("İstanbul ſt \u212a ẞ", "i̇stanbul ſt k ß"),
    ("the end.The next", "the end.the next"),
    ("O.K. Ph.D. M.D., Jan. 5, Mon. the", "o.k. ph.d. m.d. jan. 5 mon. the"),
    ("x.[^x= any <>] y", "x.[^x= any <>] y"),
    ("foo.org/bar\xa0", "foo.org/bar"),
    ("", ""),
    (" ", ""),
    ("...", ""),
    (".", ""),
]


@pytest.mark.parametrize(("caption", "words"), FROZEN)
def test_frozen(caption: str, words: str) -> None:
    assert tokenize([caption]) == [words]


def test_many_at_once() -> None:
    apart = [case for case in FROZEN if not case[0].endswith("etc.")]
    assert tokenize([caption for caption, _ in apart]) == [words for _, words in apart]
    assert tokenize([]) == []


def test_the_next_caption_decides_whose_a_period_is() -> None:
    assert tokenize(["pier a.", "The sea"]) == ["pier a", "the sea"]
    assert tokenize(["pier a.", "Planes"]) == ["pier a.", "planes"]
    assert tokenize(["pier a.", ""]) == ["pier a.", ""]


def test_the_end_of_the_text_is_no_end_of_a_line() -> None:
    assert tokenize(["see 1.jpg", "see 1.jpg"]) == ["see 1.jpg", "see 1 jpg"]


def test_a_tag_may_reach_into_the_next_captions() -> None:
    captions = ['sea <a b="', "white", 'planes"> .', "12", "1/2"]
    assert tokenize(captions) == ['sea <a\xa0b="', "white", 'planes">', "12", "1/2"]


@pytest.mark.parametrize("line_end", ["\n", "\r", "\r\n", "\v", "\f", "\u2028", "\u2029"])
def test_line_ends_are_spaces(line_end: str) -> None:
    assert tokenize([f"many planes{line_end}are parked.", "x"]) == ["many planes are parked", "x"]


def test_half_a_character_is_left_out_or_a_question_mark() -> None:
    assert tokenize(["a \ud83d b"]) == ["a b"]
    assert tokenize(["http://a\ud83d"]) == ["http://a?"]


def test_tokens_all() -> None:
    assert tokens_all('It\'s "big" (very).') == ["it", "'s", "``", "big", "''", "-lrb-", "very", "-rrb-", "."]
    assert tokens_all("Boats etc.") == ["boats", "etc.", "."]
    assert tokens_all("") == []


def test_repeated_calls_agree() -> None:
    captions = [caption for caption, _ in FROZEN]
    assert tokenize(captions) == tokenize(captions)


def test_golden(shared: Path) -> None:
    golden = json.loads((shared / "golden/captions.json").read_text(encoding="utf-8"))
    for side in ("refs", "hyps"):
        texts = {key: [v] if isinstance(v, str) else v for key, v in golden[side].items()}
        expected = [words for key in texts for words in _listed(golden["tokenised"][side][key])]
        assert tokenize([caption for captions in texts.values() for caption in captions]) == expected
    cases = golden["edge_cases"]
    cases["very long"]["hyp"] = "plane " * 300  # the file abridges it
    assert tokenize([case["hyp"] for case in cases.values()]) == [case["tokens"] for case in cases.values()]


def _listed(words: str | list[str]) -> list[str]:
    return [words] if isinstance(words, str) else words


# With Java: pycocoevalcap itself. The capital sigma is left out: Java has its own rules for its lower case.

FRAGMENTS = [
    *r"""
    cannot gonna 'tis 'twas DON'T isn't it's I'm y'all o'clock O'Neil d'Avignon 'em c'mon '90s '99
    cont'd. James' n't &apos;s &quot; &amp; &lt; &nbsp; &mdash; AT&T AT&amp;T R&B. C++ F# <b> <a href="x
    y"> <a x='1'> <!DOCTYPE <br/> :) ;D :'( ^_^ << x.[^x= <>] www.foo.com http://a.b/c?d=e. foo.org/bar
    me@x.com @user #tag #1 $5 US$5 5% -5 .5 1,000 3:30 1/2 5-1/2 5 1/2 12/25/1999 (555) 555-1234
    555.123.4567 - -- ---- . .. ... ...... ?! * \* / \ _ a_b a-b-c co-ed pre-1990s X-Y. `quoted' "a" 'I'
    -LRB- a.b.html index.htm. foo.c, U.S. u.k. e.g. a.m. Ph.D. A. b. etc. Inc. Co. Pty. ltd Mr. St. No.
    fig. pp. vs. v. Jan. Mass. mass. Ill. Blvd. Sr. non-U.S. The He A It 12 a b I plane runway. , ; ! ?
    ( ) [ ] { } ½ £5 € ° x² – … ‘ ’ “ ” « › don’t é 机场
    """.split(),
    *("\xad", "co\xadop", "\x92", "\x7f", "\u3000", "\U0001f600"),
]
SOUP = "abcnstdlmoNTS.,;:!?'\"`()[]{}<>-_/\\*&@#$%^+=~| 0129"


def _captions(rng: random.Random) -> list[str]:
    def unicode_text() -> str:
        points = [rng.randrange(rng.choice((0x7F, 0x300, 0x10000))) for _ in range(20)]
        return "".join(chr(p) for p in points if not 0xD800 <= p < 0xE000 and p != 0x3A3)

    makers: tuple[Callable[[], str], ...] = (
        lambda: " ".join(rng.choices(FRAGMENTS, k=rng.randint(0, 9))),
        lambda: "".join(f + rng.choice(("", "", " ", ".", ",", "\xa0")) for f in rng.choices(FRAGMENTS, k=6)),
        lambda: "".join(rng.choices(SOUP, k=rng.randint(1, 40))),
        lambda: "".join(rng.choices("0123.,:/- +()$%x", k=rng.randint(1, 20))),
        unicode_text,
    )
    captions = [make() for _ in range(600) for make in makers]
    return [" ".join(caption.splitlines()).replace("\x85", "") for caption in captions]


def _pycocoevalcap(captions: Sequence[str]) -> list[str]:
    tokenizer = pytest.importorskip("pycocoevalcap.tokenizer.ptbtokenizer")
    if shutil.which("java") is None:
        pytest.skip("needs Java")
    found = tokenizer.PTBTokenizer().tokenize(
        {n: [{"caption": caption}] for n, caption in enumerate(captions)}
    )
    return [words for number in range(len(captions)) for words in found[number]]


@pytest.mark.parametrize("seed", [1, 2])
def test_equals_pycocoevalcap(seed: int) -> None:
    captions = _captions(random.Random(seed))
    ours = tokenize(captions)
    differ = [
        each for each in zip(captions, _pycocoevalcap(captions), ours, strict=True) if each[1] != each[2]
    ]
    assert not differ


def test_frozen_cases_are_what_pycocoevalcap_says() -> None:
    captions = [caption for caption, _ in FROZEN]
    assert _pycocoevalcap([*captions, "x"])[:-1] == tokenize([*captions, "x"])[:-1]
