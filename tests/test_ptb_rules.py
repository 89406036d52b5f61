"""The rules of harness/text against the tables of the very lexer that pycocoevalcap runs, state by state.

Both are automata. Walking them side by side visits every pair of states that any text can lead to: both
must find a match in the same places, whatever the text. What they make of it (the token's end where
something must follow it, and its spelling) is compared on the text that first led there. Java is not
needed: the tables are read from the jar.
"""

from __future__ import annotations

import struct
import zipfile
from collections import deque
from pathlib import Path

import pytest

from rsbench.harness.text import spelling
from rsbench.harness.text.automaton import State
from rsbench.harness.text.lexer import Lexer, lower

# How the lexer's actions write a token, and how many characters they give back.
WRITES = {
    spelling.joined: {6: 0, 12: 0, 29: 0, 32: 1, 46: 1},
    spelling.closing_quote: {8: 0, 36: 1},
    spelling.opening_quote: {26: 1, 35: 2},
    spelling.unbroken: {27: 0, 38: 0, 39: 0},
    spelling.brackets: {28: 0, 34: 1},
    spelling.ampersand: {37: 0, 51: 1},
    spelling.telephone: {54: 0},
    spelling.dashes: {4: 0},
    spelling.fraction: {14: 0},
    spelling.currency: {15: 0},
    spelling.as_is: dict.fromkeys([3, 9, 19, 31, 33, 45, 52], 0) | {25: 1, 42: 2, 48: 2, 50: 3, 53: 4},
}
FIXED = {
    2: "<",
    10: ">",
    11: "--",
    13: "...",
    16: "-RCB-",
    17: "-LRB-",
    18: "-RRB-",
    20: "-LCB-",
    21: "-RSB-",
    22: "-LSB-",
}
LEFT_OUT = {1, 5, 7, 23}
# Actions that look for the token's end with two more automata: of the token, and of what follows, backwards.
ENDS = {
    24: (13, 14),
    30: (3, 4),
    40: (5, 6),
    41: (16, 17),
    43: (15, 14),
    44: (9, 10),
    47: (7, 8),
    49: (11, 12),
}
WRITES[spelling.joined] |= {30: 0, 40: 0}
WRITES[spelling.as_is] |= dict.fromkeys([24, 41, 43, 44, 47, 49], 0)
ENDS_SENTENCE = {33, 47, 49}
WRITE = {action: (write, back) for write, actions in WRITES.items() for action, back in actions.items()}
START = 2


class Tables:
    """The automaton of a class made by JFlex."""

    def __init__(self, code: bytes) -> None:
        packed = _constants(code)

        def runs(name: str) -> list[int]:
            pairs = "".join(packed[key] for key in sorted(packed) if key.startswith(f"ZZ_{name}_PACKED"))
            return [ord(v) for n, v in zip(pairs[::2], pairs[1::2], strict=True) for _ in range(ord(n))]

        rows = packed["ZZ_ROWMAP_PACKED_0"]
        self.rows = [ord(high) << 16 | ord(low) for high, low in zip(rows[::2], rows[1::2], strict=True)]
        self.kinds, self.actions, self.attributes = runs("CMAP"), runs("ACTION"), runs("ATTRIBUTE")
        self.moves = [target - 1 for target in runs("TRANS")]

    def after(self, state: int, kind: int) -> int:
        return -1 if state < 0 else self.moves[self.rows[state] + kind]

    def ends(self, state: int) -> bool:
        return state >= 0 and bool(self.attributes[state] & 1)

    def token(self, action: int, text: str) -> tuple[str | None, int]:
        """What the action makes of the matched text: the token and where the next one begins."""
        if action in LEFT_OUT:
            return None, len(text)
        if action in FIXED:
            return FIXED[action].lower(), len(text)
        write, back = WRITE[action]
        end = self._end(action, text) if action in ENDS else len(text) - back
        token = text[:end]
        if action in ENDS_SENTENCE:
            end -= 1
            token = token[:end] if end == 1 else token
        return lower(write(token)), end

    def _end(self, action: int, text: str) -> int:
        state, behind = ENDS[action]
        possible = [self.ends(state)]
        for character in text:
            state = self.after(state, self.kinds[ord(character)])
            possible.append(self.ends(state))
        end = len(text)
        while not (possible[end] and self.ends(behind)):
            end -= 1
            behind = self.after(behind, self.kinds[ord(text[end])])
        return end


def _constants(code: bytes) -> dict[str, str]:
    """The constant strings of a class file by the names of their fields."""
    at, pool = 10, {}
    number, (count,) = 1, struct.unpack_from(">H", code, 8)
    sizes = {3: 4, 4: 4, 5: 8, 6: 8, 7: 2, 8: 2, 9: 4, 10: 4, 11: 4, 12: 4}
    while number < count:
        tag = code[at]
        size = 2 + struct.unpack_from(">H", code, at + 1)[0] if tag == 1 else sizes[tag]
        pool[number] = code[at + 1 : at + 1 + size]
        at, number = at + 1 + size, number + (2 if tag in (5, 6) else 1)

    def text(index: int) -> str:
        return pool[index][2:].replace(b"\xc0\x80", b"\0").decode("utf-8", "surrogatepass")

    (interfaces,) = struct.unpack_from(">H", code, at + 6)
    at += 8 + 2 * interfaces
    (fields,) = struct.unpack_from(">H", code, at)
    at, found = at + 2, {}
    for _ in range(fields):
        _, name, descriptor, attributes = struct.unpack_from(">4H", code, at)
        at += 8
        for _ in range(attributes):
            kind, size, value = struct.unpack_from(">HIH", code, at)
            if text(kind) == "ConstantValue" and text(descriptor) == "Ljava/lang/String;":
                found[text(name)] = text(int.from_bytes(pool[value]))
            at += 6 + size
    return found


@pytest.fixture(scope="module")
def tables() -> Tables:
    module = pytest.importorskip("pycocoevalcap.tokenizer.ptbtokenizer")
    with zipfile.ZipFile(Path(module.__file__).parent / module.STANFORD_CORENLP_3_4_1_JAR) as archive:
        return Tables(archive.read("edu/stanford/nlp/process/PTBLexer.class"))


def test_same_matches_on_every_text(tables: Tables) -> None:
    lexer = Lexer()
    rules = lexer.rules
    kinds = {(tables.kinds[n], rules.kind(chr(n))): chr(n) for n in reversed(range(0x10000))}
    todo: deque[tuple[int, State | None, str]] = deque([(START, rules.start, "")])
    seen = {(START, id(rules.start))}
    compared = 0
    while todo:
        theirs, ours, text = todo.popleft()
        for (kind, _), character in kinds.items():
            their_next = tables.after(theirs, kind)
            our_next = rules.after(ours, character) if ours is not None else None
            pair = their_next, id(our_next)
            if pair in seen or (their_next < 0 and our_next is None):
                continue
            seen.add(pair)
            longer = text + character
            todo.append((their_next, our_next, longer))
            ends = our_next is not None and our_next.ends is not None
            assert tables.ends(their_next) == ends, longer
            if ends:
                expected = tables.token(tables.actions[their_next], longer)
                assert lexer.next(longer, 0, with_at=True)[:2] == expected, longer
                compared += 1
    assert compared > 1500
