"""The grammar of conditions, and what it builds. Imported only where conditions are written.

XPath 1.0 as ODK XForms uses it: paths are abbreviated (`.`, `..`, `/a/b`, `a/b`) and go to parents and children alone.

Forms repeat a few shapes a thousand times: `${B1} = 'yes'` and `${B2} = 'no'` differ in their leaves alone. So Lark
reads the shape, `${x} = ''`, once, and the names, texts and numbers of each condition are put into what it built.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate
from typing import Any, Final, NamedTuple, TypeAlias, cast

from lark import Lark, Transformer, UnexpectedInput, UnexpectedToken
from lark import Token as LarkToken
from lark.exceptions import VisitError

from firstcontact.domain.standpoint import NODE_HEADS

GRAMMAR: Final = r"""
?start: either
?either: both (_OR both)*
?both: comparison (_AND comparison)*
?comparison: addition (COMPARE addition)?
?addition: product (ADD product)*
?product: signed (MULTIPLY signed)*
?signed: MINUS+ union                   -> negative
       | union
?union: operand (UNION operand)*

?operand: STRING                        -> text
        | NUMBER                        -> number
        | REF step*                     -> ref
        | LAST step*                    -> last
        | (HERE | PARENT) step*         -> relative
        | SLASH NAME step*              -> absolute
        | NAME step*                    -> column
        | CALL "(" [either ("," either)*] ")" step*   -> call
        | "(" either ")" step*          -> bracketed
step: SLASH (NAME | HERE | PARENT)      -> down
    | OPEN either "]"                   -> predicate

_OR.3: /or(?![\w.\-])/
_AND.3: /and(?![\w.\-])/
MULTIPLY.3: /\*|(div|mod)(?![\w.\-])/
COMPARE: /!=|<=|>=|=|<|>/
ADD.2: /[+\-]/
MINUS: "-"
UNION: "|"
SLASH: "/"
OPEN: "["
LAST.2: /\$\{\s*last-saved#[^\W\d][\w.\-]*\s*\}/
REF: /\$\{\s*[^\W\d][\w.\-]*\s*\}/
STRING: /'[^']*'|"[^"]*"/
NUMBER.2: /\d{1,24}(\.\d{0,24})?|\.\d{1,24}/
PARENT.2: ".."
HERE: "."
CALL.2: /(?!(and|or|div|mod)(?![\w.\-]))[^\W\d][\w.\-]*(:[^\W\d][\w.\-]*)?(?=\s*\()/
NAME: /(?!(and|or|div|mod)(?![\w.\-]))[^\W\d][\w.\-]*(:[^\W\d][\w.\-]*)?/
%ignore /[ \t\r\n]+/
"""
MAX_DEPTH: Final = 40
"""How deep brackets, calls and predicates may stand inside each other, and how many predicates one path may have."""
_OFTEN: Final = 4000
"""Characters of a shape that may come again; longer ones are not kept, so that no file fills the memory with them."""
_OPERATORS: Final = {"*": "*", "div": "/", "mod": "%"}

Shape: TypeAlias = "list[Any]"
"""An Ast whose leaves are Leaf and whose calls are Call."""


class Leaf(int):
    """Instead of a name, text or number: where in the shape its token begins; after locating, which token it is."""


class Call(list[Any]):
    """[place of the name in the shape, name, *arguments]: checked when the leaves are there."""


class Wrong(Exception):
    """Something in a shape cannot stand where it does. at: place in the shape; words: None to have it explained."""

    def __init__(self, at: int, words: str | None = None) -> None:
        super().__init__(words)
        self.at = at
        self.words = words


def shape_built(text: str) -> Shape:
    """What Lark makes of a shape, each leaf and call with the number of its token. Raises: Wrong."""
    return _known_shape(text) if len(text) <= _OFTEN else _read_shape(text)


@lru_cache(maxsize=2048)
def _known_shape(text: str) -> Shape:
    return _read_shape(text)


def _read_shape(text: str) -> Shape:
    try:
        built = _LARK.parse(text)
    except UnexpectedInput as problem:
        at = problem.pos_in_stream
        ended = isinstance(problem, UnexpectedToken) and problem.token.type == "$END"
        raise Wrong(len(text) if ended or at is None or at < 0 else at) from None
    except VisitError as problem:
        if isinstance(problem.orig_exc, Wrong):
            raise problem.orig_exc from None
        raise
    starts = {start: index for index, start in enumerate(starts_of(text))}
    return cast(Shape, _located(built, starts))


def starts_of(shape: str) -> Iterator[int]:
    """Where each token of a shape begins: `shape_of` sets a blank between any two."""
    return accumulate((len(word) + 1 for word in shape.split(" ")[:-1]), initial=0)


def _located(part: Any, starts: dict[int, int]) -> Any:
    if type(part) is Leaf:
        return Leaf(starts[part])
    if type(part) is Call:
        return Call([starts[part[0]], part[1], *[_located(each, starts) for each in part[2:]]])
    return [_located(each, starts) for each in part] if isinstance(part, list) else part


class _Step(NamedTuple):
    """`/name`, `/..` or `[predicate]`, and where in the shape it begins."""

    at: int
    to: LarkToken | None = None
    predicate: Shape | None = None


class _Builder(Transformer[LarkToken, Any]):
    """Builds the shape while parsing."""

    def text(self, parts: list[LarkToken]) -> Shape:
        return ["str", _leaf(parts[0])]

    def number(self, parts: list[LarkToken]) -> Shape:
        return ["num", _leaf(parts[0])]

    def either(self, parts: list[Shape]) -> Shape:
        return ["or", *parts]

    def both(self, parts: list[Shape]) -> Shape:
        return ["and", *parts]

    def comparison(self, parts: list[Any]) -> Shape:
        return [str(parts[1]), parts[0], parts[2]]

    def addition(self, parts: list[Any]) -> Shape:
        return ["sum", "".join(parts[1::2]), *parts[::2]]

    def product(self, parts: list[Any]) -> Shape:
        return ["product", "".join(_OPERATORS[sign] for sign in parts[1::2]), *parts[::2]]

    def negative(self, parts: list[Any]) -> Shape:
        operand = parts[-1]
        return ["neg", operand] if len(parts) % 2 == 0 else cast(Shape, operand)

    def union(self, parts: list[Any]) -> Shape:
        sets = parts[::2]
        if any(each[0] not in NODE_HEADS for each in sets):
            raise Wrong(_at(parts[1]), "| joins questions, and one of these is none")
        return ["union", *sets]

    def down(self, parts: list[LarkToken]) -> _Step:
        return _Step(_at(parts[0]), to=parts[1])

    def predicate(self, parts: list[Any]) -> _Step:
        return _Step(_at(parts[0]), predicate=parts[1])

    def ref(self, parts: list[Any]) -> Shape:
        return _stepped(["ref", _leaf(parts[0])], parts[1:])

    def last(self, parts: list[Any]) -> Shape:
        return _stepped(["last", _leaf(parts[0])], parts[1:])

    def relative(self, parts: list[Any]) -> Shape:
        return _path(["path", int(parts[0] == "..")], parts[1:])

    def absolute(self, parts: list[Any]) -> Shape:
        return _path(["abs", _leaf(parts[1])], parts[2:])

    def column(self, parts: list[Any]) -> Shape:
        return _path(["name", _leaf(parts[0])], parts[1:])

    def bracketed(self, parts: list[Any]) -> Shape:
        inner, *steps = parts
        if steps and inner[0] not in NODE_HEADS:
            raise Wrong(steps[0].at)
        return _stepped(inner, steps)

    def call(self, parts: list[Any]) -> Shape:
        name = str(parts[0])
        args = [part for part in parts[1:] if part is not None and not isinstance(part, _Step)]
        steps = [part for part in parts[1:] if isinstance(part, _Step)]
        if name == "current":
            if args:
                raise Wrong(_at(parts[0]), "current() takes nothing in its brackets")
            return _path(["current", 0], steps)
        if name == "instance":
            if len(args) != 1 or args[0][0] != "str":
                raise Wrong(_at(parts[0]), "instance() takes the id of a list or table in quotes")
            # instance('id')/root/item: the rows, whatever an XForm calls them
            return _stepped(["instance", args[0][1]], steps[sum(_is_down(step) for step in steps[:2]) :])
        if steps:
            raise Wrong(steps[0].at)
        return Call([_leaf(parts[0]), name, *args])


def _at(token: LarkToken) -> int:
    return token.start_pos or 0


def _leaf(token: LarkToken) -> Leaf:
    return Leaf(_at(token))


def _is_down(step: _Step) -> bool:
    return step.to is not None and step.to.type == "NAME"


def _path(head: Shape, steps: list[_Step]) -> Shape:
    """A path up to its first predicate, with its `..` and `.` worked in; then the rest."""
    names: Shape = []
    count = 0
    for step in steps:
        if step.to is None:
            break
        count += 1
        if step.to.type == "NAME":
            names.append(_leaf(step.to))
        elif step.to == "..":
            if names:
                names.pop()
            elif isinstance(head[1], Leaf):
                raise Wrong(_at(step.to))
            else:
                head[1] += 1
    if head == ["path", 0] and not names:
        if count < len(steps):
            raise Wrong(steps[count].at)
        return ["self"]
    return _stepped([*head, *names], steps[count:])


def _stepped(base: Shape, steps: list[_Step]) -> Shape:
    """Predicates and further names behind what is a set of nodes already."""
    found, groups = base, 0
    last: Shape = []
    for step in steps:
        head = "filter" if step.to is None else "step"
        if not last or last[0] != head:
            groups += 1
            if groups > MAX_DEPTH:
                raise Wrong(step.at, f"a path may have at most {MAX_DEPTH} predicates")
            found = last = [head, found]
        if step.to is not None and step.to.type != "NAME":
            raise Wrong(_at(step.to))
        last.append(step.predicate if step.to is None else _leaf(step.to))
    return found


_LARK: Final = Lark(
    GRAMMAR,
    parser="lalr",
    lexer="contextual",
    transformer=_Builder(),
    maybe_placeholders=True,
    propagate_positions=False,
)
