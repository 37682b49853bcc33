"""The words for what is wrong in a condition: at its place, in plain language, with what was probably meant."""

from __future__ import annotations

import re
from typing import Final

from firstcontact.domain.functions import FUNCTIONS
from firstcontact.domain.names import nearest
from firstcontact.domain.scope import ConditionError

UNSUPPORTED: Final = {
    "area": "places are not measured here",
    "distance": "places are not measured here",
    "geofence": "places are not measured here",
    "intersects": "places are not measured here",
    "digest": "nothing is enciphered in a checklist",
    "extract-signed": "nothing is enciphered in a checklist",
    "base64-decode": "nothing is enciphered in a checklist",
    "random": "nothing is drawn by lot here, so that the same answers give the same offers",
    "randomize": "nothing is drawn by lot here, so that the same answers give the same offers",
    "uuid": "nothing is drawn by lot here, so that the same answers give the same offers",
    "jr:itext": "translations are files of their own here, and only a row's itextId can be asked for",
    "id": "nodes have no XML ids here",
    "name": "nodes have no XML names here",
    "local-name": "nodes have no XML names here",
    "namespace-uri": "nodes have no XML names here",
    "lang": "nodes have no XML attributes here",
}
"""Functions of ODK XForms or XPath that this language leaves out, and why."""
NODE_FUNCTIONS: Final = (
    "count",
    "current",
    "indexed-repeat",
    "instance",
    "jr:choice-name",
    "last",
    "position",
    "pulldata",
)
"""Functions that are about nodes, and so no entries of FUNCTIONS."""
_MEANT: Final = {"trim": "normalize-space", "len": "string-length", "length": "string-length"}
"""Functions of other languages, and what does the same here."""
_INSTEAD: Final = {"==": "=", "&&": "and", "||": "or", "<>": "!=", "!": "not(...)", "%": "mod"}
_CURLY: Final = "‘’“”"
_WORD: Final = re.compile(r"[^\W\d][\w.\-]*")


def no_such_function(name: str, position: int) -> ConditionError:
    """The function is not one of ours."""
    if name in UNSUPPORTED:
        return ConditionError(f"{name}() is not supported: {UNSUPPORTED[name]}", position)
    if name in ("and", "or", "div", "mod"):
        return ConditionError(f"something is missing before '{name}'", position)
    near = _MEANT.get(name) or nearest(name, (*FUNCTIONS, *NODE_FUNCTIONS))
    return ConditionError(f"there is no function {name[:60]}()", position, f"{near}()" if near else None)


def check_count(name: str, position: int, count: int) -> None:
    """Whether a call has as many arguments as the function takes. Raises: ConditionError."""
    function = FUNCTIONS[name]
    if function.least <= count <= function.most:
        return
    wanted = str(function.least) if function.least == function.most else f"{function.least} or more"
    if function.least < function.most <= 6:
        wanted = f"{function.least} to {function.most}"
    things = "thing" if wanted == "1" else "things"
    raise ConditionError(f"{name}() takes {wanted} {things} in its brackets, here are {count}", position)


def expected_operand(text: str, position: int, found: str) -> ConditionError:
    """A value should stand where something else does."""
    if found == "*":
        return ConditionError("* stands between two numbers; paths have no * here", position)
    if found in ("/", "//"):
        before = text[:position].rstrip()
        if found == "//" or not before or before[-1] in "(,=<>+-[":
            return ConditionError("a path goes by names: ../name or ${name}", position)
        return ConditionError("/ is not known here", position, "div")
    return explain(text, position)


def explain(text: str, position: int) -> ConditionError:
    """What is wrong with what stands at this place."""
    rest = text[position:]
    if not text.strip():
        return ConditionError("there is nothing here", 0)
    if not rest.strip():
        return ConditionError("the condition ends too soon", len(text))
    if rest[0] in "'\"":
        if rest.count(rest[0]) == 1:
            return ConditionError("this quote is never closed", position)
        return ConditionError("an operator such as = or and is missing before this", position)
    if rest[0] in _CURLY:
        return ConditionError("curly quotes do not work here: use straight ones", position, "'")
    instead = _instead(text, position)
    if instead is not None:
        return instead
    if rest.startswith("$"):
        whole_name = re.match(r"\$\{[^}]*\}", rest)
        if whole_name is None:
            return ConditionError("a question is written ${name}; this one is not closed", position)
        if not _WORD.fullmatch(whole_name[0][2:-1].strip().removeprefix("last-saved#")):
            words = "this is no name: a name begins with a letter, and has letters, digits, _, - and . in it"
            return ConditionError(words, position)
        if text[:position].rstrip().endswith("/"):
            return ConditionError("/ is not known here", text[:position].rindex("/"), "div")
        return ConditionError(f"an operator such as = or and is missing before {whole_name[0][:60]}", position)
    word = _WORD.match(rest)
    if word:
        after_value = text[:position].rstrip()[-1:] in ("'", '"', "}", ")", "]")
        return _about_word(word[0], position, after_value=after_value)
    if rest[0] in "=!<>":
        return ConditionError("compare two things at a time, and join comparisons with and", position)
    return ConditionError(f"'{rest[0]}' cannot stand here", position)


def _instead(text: str, position: int) -> ConditionError | None:
    """A spelling of another language."""
    rest, with_one_before = text[position:], text[max(position - 1, 0) :]
    for wrong, right in _INSTEAD.items():
        begun = len(wrong) == 2 and position > 0 and with_one_before.startswith(wrong)
        if rest.startswith(wrong) or begun:
            return ConditionError(f"{wrong} is not known here", position, right)
    if rest.startswith("/"):
        return ConditionError("/ is not known here", position, "div")
    return None


def _about_word(word: str, position: int, *, after_value: bool) -> ConditionError:
    if word.lower() in ("and", "or", "div", "mod"):
        if word != word.lower():
            return ConditionError(f"{word} is written in small letters", position, word.lower())
        return ConditionError(f"something is missing before '{word}'", position)
    if after_value:
        return ConditionError(f"an operator such as = or and is missing before '{word[:60]}'", position)
    return ConditionError(f"'{word[:60]}' cannot stand here: words stand in quotes, questions as ${{name}}", position)
