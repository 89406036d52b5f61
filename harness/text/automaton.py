"""Many patterns at once: the longest match, of equally long ones the earliest pattern's, in one pass.

The states are sets of places in the patterns (Glushkov's construction) and are made when a text first reaches
them, so that no pattern, however ambiguous, costs more than one step a character.
"""

from __future__ import annotations

from collections.abc import Sequence

from .pattern import All, Any, Membership, One, Times, Tree

_ENDS: Membership = frozenset[str]().__contains__


class State:
    """Where a text has led: the pattern that ends here, if any, and where each kind of character leads."""

    __slots__ = ("places", "ends", "final", "moves")

    def __init__(self, places: frozenset[int], ends: int | None, final: bool) -> None:
        self.places = places
        self.ends = ends
        self.final = final  # nothing longer can match
        self.moves: dict[int, State | None] = {}


class Automaton:
    """The patterns `trees`; the number of a pattern is its place in the sequence."""

    def __init__(self, trees: Sequence[Tree]) -> None:
        self._names: list[str] = []
        self._holds: dict[str, Membership] = {}
        self._follow: list[set[int]] = []
        self._pattern_at: dict[int, int] = {}
        self._kinds: dict[frozenset[str], int] = {}
        self._kind_of: dict[str, int] = {}
        self._names_of: list[frozenset[str]] = []
        self._states: dict[frozenset[int], State] = {}
        start: set[int] = set()
        for number, tree in enumerate(trees):
            empty, first, last = self._lay(tree)
            end = self._place("", _ENDS)
            self._pattern_at[end] = number
            for place in last:
                self._follow[place].add(end)
            start |= first | ({end} if empty else set())
        self.start = self._state(frozenset(start))

    def match(self, text: str, at: int) -> tuple[int | None, int, int]:
        """The longest match from `at` on: (its pattern or None, its end, the end of what was looked at)."""
        state, best, end, size = self.start, self.start.ends, at, len(text)
        kind_of = self._kind_of
        while at < size:
            character = text[at]
            at += 1
            kind = kind_of.get(character)
            if kind is None:
                kind = self.kind(character)
            try:
                after = state.moves[kind]
            except KeyError:
                after = self._move(state, kind)
            if after is None:
                return best, end, at
            state = after
            if state.ends is not None:
                best, end = state.ends, at
                if state.final:
                    return best, end, at
        return best, end, size + 1  # what comes after the text could have mattered

    def ends(self, text: str, at: int, stop: int) -> list[int]:
        """Every end up to `stop` of a match of any pattern from `at` on, shortest first."""
        state, found = self.start, []
        for place in range(at, stop + 1):
            if state.ends is not None:
                found.append(place)
            if place == stop:
                break
            after = self.after(state, text[place])
            if after is None:
                break
            state = after
        return found

    def after(self, state: State, character: str) -> State | None:
        """Where the character leads from the state; None if no pattern goes on with it."""
        kind = self.kind(character)
        return state.moves[kind] if kind in state.moves else self._move(state, kind)

    def _place(self, name: str, holds: Membership) -> int:
        self._names.append(name)
        self._holds[name] = holds
        self._follow.append(set())
        return len(self._names) - 1

    def _lay(self, tree: Tree) -> tuple[bool, set[int], set[int]]:
        """(may be empty, places it may begin with, places it may end with)."""
        match tree:
            case One(name, holds):
                only = {self._place(name, holds)}
                return False, only, only
            case Any(parts):
                laid = [self._lay(part) for part in parts]
                empty = any(each[0] for each in laid)
                return empty, set().union(*(e[1] for e in laid)), set().union(*(e[2] for e in laid))
            case All(parts):
                return self._chain(parts)
            case Times(part, least, None):
                empty, first, last = self._lay(part)
                for place in last:
                    self._follow[place] |= first
                if least > 1:
                    raise ValueError("an open number of times starts at 0 or 1")
                return empty or not least, first, last
            case Times(part, least, most):
                optional = Any((part, All(())))
                return self._chain((part,) * least + (optional,) * ((most or 0) - least))

    def _chain(self, parts: Sequence[Tree]) -> tuple[bool, set[int], set[int]]:
        empty, first, last = True, set[int](), set[int]()
        for part in parts:
            skip, begins, ends = self._lay(part)
            for place in last:
                self._follow[place] |= begins
            first = first | begins if empty else first
            last = last | ends if skip else ends
            empty = empty and skip
        return empty, first, last

    def kind(self, character: str) -> int:
        """The kind of the character: a number for the sets that hold it."""
        kind = self._kind_of.get(character)
        if kind is None:
            names = frozenset(name for name, holds in self._holds.items() if holds(character))
            kind = self._kinds.setdefault(names, len(self._kinds))
            if kind == len(self._names_of):
                self._names_of.append(names)
            self._kind_of[character] = kind
        return kind

    def _state(self, places: frozenset[int]) -> State:
        if places not in self._states:
            ends = [self._pattern_at[place] for place in places if place in self._pattern_at]
            self._states[places] = State(places, min(ends, default=None), len(ends) == len(places))
        return self._states[places]

    def _move(self, state: State, kind: int) -> State | None:
        names = self._names_of[kind]
        after: set[int] = set()
        for place in state.places:
            if self._names[place] in names:
                after |= self._follow[place]
        moved = self._state(frozenset(after)) if after else None
        state.moves[kind] = moved
        return moved
