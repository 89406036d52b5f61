"""What a user writes behind an option, understood: NAME[,key=value...] and lists of names."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from .errors import UsageError

_QUOTED = re.compile(r"""\s*[^=,"']+=(["'])((?:(?!\1).|\1\1)*)\1\s*(?=,|\Z)""", re.S)
_SAYS_NOTHING = re.compile(  # what every training calls what it writes
    r"(?:checkpoint|ckpt|model|weights|final|best|last|latest|epoch|step|iter)s?(?:[-_]?\d+)?"
    r"(?:\.(?:pth|pt|bin|ckpt|safetensors))?",
    re.I,
)
_USERS = ("home", "Users")  # where the folders of users lie
_HUB = re.compile(r"\w[\w.-]*/\w[\w.-]*")  # OWNER/NAME


def named(text: str) -> tuple[str, dict[str, str]]:
    '''A name with its options.

    A value with a comma is put into quotes, which begin right behind the `=` and end before the next comma; a
    quote inside is written twice. Quotes elsewhere are what they are.

    >>> named("earthgpt,checkpoint=mine")
    ('earthgpt', {'checkpoint': 'mine'})
    >>> named("""command,run="python model.py --sizes 1,2",timeout=9""")
    ('command', {'run': 'python model.py --sizes 1,2', 'timeout': '9'})

    Raises:
        UsageError: a part without `=`, an empty name, or a key given twice.
    '''
    name, _, rest = text.partition(",")
    options: dict[str, str] = {}
    for part in _parts(rest) if "," in text else ():
        key, equals, value = part.partition("=")
        if not equals or not key:
            raise UsageError(
                f"{part!r} in {text!r} is not key=value.",
                "Write NAME,key=value,key=value; a value with a comma goes into quotes: key='a,b'.",
            )
        if key in options:
            raise UsageError(f"{key!r} stands twice in {text!r}.")
        options[key] = value
    if not name:
        raise UsageError(f"There is no name in {text!r}.", "Write NAME or NAME,key=value.")
    return name, options


def name_list(text: str) -> list[str]:
    """Names separated by commas, each once, in the order given.

    >>> name_list("mar20, clrs,mar20")
    ['mar20', 'clrs']
    """
    names = list(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if not names:
        raise UsageError("No name was given.", "Write one or more names, separated by commas.")
    return names


def number(options: Mapping[str, str], key: str, default: float, least: float = 0.0) -> float:
    """The value of an option that is a number of at least `least`.

    Raises:
        UsageError: it is none, or less.
    """
    text = options.get(key)
    try:
        value = default if text is None else float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or value < least:
        raise UsageError(f"{key}={text} is not possible.", f"Give a number of {least:g} or more.")
    return value


def whole(options: Mapping[str, str], key: str, default: int, least: int = 1) -> int:
    """The value of an option that is a whole number of at least `least`.

    Raises:
        UsageError: it is none, or less.
    """
    value = number(options, key, default, least)
    if value != int(value):
        raise UsageError(f"{key}={options[key]} is not possible.", "Give a whole number.")
    return int(value)


def portable(options: Mapping[str, str]) -> dict[str, str]:
    """The options as a Spec keeps them: no path of this machine, no credentials.

    A path becomes its last part, its content is in the digest; where that part is what every training calls
    its last weights (`checkpoint`, `checkpoint-100`, `best.pth`), the folder around it stays, so that two
    trainings have two names. These names are in the digest of a Spec: a run of such a path from before the
    folder was kept is not continued but begun anew. OWNER/NAME of a model hub stays, where there is no such
    folder; an address loses user, password, query and fragment.

    >>> portable({"answers": "/data/run7/answers.jsonl", "url": "http://me:pw@host:8000/v1?key=1"})
    {'answers': 'answers.jsonl', 'url': 'http://host:8000/v1'}
    >>> portable({"checkpoint": "/data/training/short/checkpoint"})
    {'checkpoint': 'short/checkpoint'}
    """
    return {key: portable_value(value) for key, value in sorted(options.items())}


def portable_value(value: str) -> str:
    """One value as a Spec keeps it: see `portable`."""
    if "://" in value:
        return without_credentials(value)
    if _HUB.fullmatch(value) and not Path(value).exists():
        return value
    return _last_of(Path(value)) if "/" in value or "\\" in value else value


def _last_of(path: Path) -> str:
    """The last part of a path, with the folder around it where that part says nothing.

    That folder stays away where it would tell of the machine: a user's, `..`, `~`, a drive, an option.
    """
    around = path.parent
    telling = re.search(r"\w\Z", around.name) and around.parent.name not in _USERS
    return f"{around.name}/{path.name}" if telling and _SAYS_NOTHING.fullmatch(path.name) else path.name


def without_credentials(address: str) -> str:
    """An address without user, password, query and fragment.

    >>> without_credentials("https://me:secret@[::1]:8000/v1/?key=1")
    'https://[::1]:8000/v1/'
    """
    parts = urlsplit(address)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def _parts(text: str) -> Iterator[str]:
    """What stands between commas, a quoted value being one part, without its quotes."""
    place = 0
    while place <= len(text):
        if quoted := _QUOTED.match(text, place):
            mark, value = quoted[1], quoted[2]
            yield text[place : quoted.start(1)].lstrip() + value.replace(mark * 2, mark)
            place = quoted.end() + 1
        else:
            end = text.find(",", place)
            end = len(text) if end < 0 else end
            yield text[place:end]
            place = end + 1
