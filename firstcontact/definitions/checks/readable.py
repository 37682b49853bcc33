"""Parts of a condition as people write them, and where in the text they stand."""

from __future__ import annotations

from typing import Final

from firstcontact.domain.condition import Ast, references

MAX_SHOWN: Final = 90
_WORDS: Final = {"/": "div", "%": "mod"}
_LOOSE: Final = frozenset({"or", "and", "=", "!=", "<", "<=", ">", ">=", "sum"})


def written(ast: Ast) -> str:
    """A part of a condition in the language of conditions; the middle of a long one is left out."""
    text = _text(ast, 12)
    return text if len(text) <= MAX_SHOWN else f"{text[: MAX_SHOWN - 25]} ... {text[-20:]}"


def _text(ast: Ast, deep: int) -> str:
    if deep == 0:
        return "..."
    match ast[0]:
        case "ref":
            return f"${{{ast[1]}}}"
        case "str":
            quote = '"' if "'" in ast[1] else "'"
            return f"{quote}{ast[1]}{quote}"
        case "num":
            return str(ast[1])
        case "self":
            return "."
        case "neg":
            return f"-{_inner(ast[1], deep)}"
        case "call":
            return f"{ast[1]}({', '.join(_text(arg, deep - 1) for arg in ast[2:])})"
        case "and" | "or" | "=" | "!=" | "<" | "<=" | ">" | ">=":
            return f" {ast[0]} ".join(_inner(term, deep) for term in ast[1:])
        case "sum" | "product":
            head, *rest = (_inner(term, deep) for term in ast[2:])
            return head + "".join(f" {_WORDS.get(sign, sign)} {term}" for sign, term in zip(ast[1], rest, strict=False))
    return "..."


def _inner(ast: Ast, deep: int) -> str:
    text = _text(ast, deep - 1)
    return f"({text})" if ast[0] in _LOOSE else text


def offsets(text: str, ast: Ast) -> dict[int, int]:
    """The place in the text of each part that reads a name: that of its first name. By the part's `id()`."""
    places = [position - 2 for _, position in references(text)]
    found: dict[int, int] = {}
    count = 0
    # In the order of the text; every part on the way to a name gets that name's place if it has none yet.
    path: list[Ast] = []
    waiting: list[tuple[Ast, bool]] = [(ast, False)]
    while waiting:
        node, done = waiting.pop()
        if done:
            path.pop()
            continue
        if node[0] == "ref":
            if count < len(places):
                for part in (*path, node):
                    found.setdefault(id(part), places[count])
            count += 1
            continue
        path.append(node)
        waiting.append((node, True))
        waiting.extend((part, False) for part in reversed(node[1:]) if isinstance(part, list))
    return found if count == len(places) else {}
