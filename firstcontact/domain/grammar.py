"""The grammar of conditions, and how a text becomes an Ast by it. Imported only where conditions are written.

XPath 1.0 as ODK XForms uses it: paths are abbreviated (`.`, `..`, `/a/b`, `a/b`) and go to parents and children alone.

Forms repeat a few shapes a thousand times: `${B1} = 'yes'` and `${B2} = 'no'` differ in their leaves alone. So Lark
reads the shape, `${x} = ''`, once, and the names, texts and numbers of each condition are put into what it built.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate
from typing import Any, Final, NamedTuple, TypeAlias, cast

from lark import Lark, Transformer, UnexpectedInput, UnexpectedToken
from lark import Token as LarkToken
from lark.exceptions import VisitError

from firstcontact.domain.functions import FUNCTIONS
from firstcontact.domain.grammar_calls import NODE_CALLS, check_pattern
from firstcontact.domain.grammar_tokens import Token, shape_of, tokens_of, value_of
from firstcontact.domain.grammar_words import NODE_FUNCTIONS, check_count, expected_operand, explain, no_such_function
from firstcontact.domain.scope import Ast, ConditionError
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
_OPENING: Final = frozenset("([")
_CLOSING: Final = frozenset(")]")
_VALUE_ENDS: Final = frozenset({"string", "ref", "last", "number", "name"})
_OPERATORS: Final = {"*": "*", "div": "/", "mod": "%"}

Shape: TypeAlias = "list[Any]"
"""An Ast whose leaves are _Leaf and whose calls are _Call."""


class _Leaf(int):
    """Instead of a name, text or number: where in the shape its token begins; after locating, which token it is."""


class _Call(list[Any]):
    """[place of the name in the shape, name, *arguments]: checked when the leaves are there."""


class _Wrong(Exception):
    """Something in a shape cannot stand where it does. at: place in the shape; words: None to have it explained."""

    def __init__(self, at: int, words: str | None = None) -> None:
        super().__init__(words)
        self.at = at
        self.words = words


def parse_text(text: str, *, of_rows: bool = False, any_pattern: bool = False) -> Ast:
    """Parse, or say what is wrong. Raises: ConditionError."""
    tokens = tokens_of(text)
    stop = _refused(tokens, of_rows=of_rows)
    if stop is not None:
        raise _first_wrong(text, tokens, stop)
    try:
        shape = _shape(shape_of(tokens))
    except _Wrong as problem:
        raise _in_words(text, tokens, problem) from None
    return _Filler(tokens, any_pattern=any_pattern).fill(shape, in_rows=of_rows)


class _Filler:
    """Puts the leaves of one condition into its shape."""

    def __init__(self, tokens: list[Token], *, any_pattern: bool) -> None:
        self.tokens = tokens
        self.any_pattern = any_pattern

    def fill(self, shape: Shape, *, in_rows: bool) -> Ast:
        """The Ast; Raises: ConditionError, for a call that cannot be made like this."""
        if type(shape) is _Call:
            return self._call(shape, in_rows=in_rows)
        if shape[0] == "filter":
            base = self.fill(shape[1], in_rows=in_rows)
            return ["filter", base, *[self.fill(part, in_rows=True) for part in shape[2:]]]
        found: Ast = []
        for part in shape:
            if type(part) is _Leaf:
                found.append(value_of(self.tokens[part]))
            elif isinstance(part, list):
                found.append(self.fill(part, in_rows=in_rows))
            else:
                found.append(part)
        return found

    def _call(self, shape: _Call, *, in_rows: bool) -> Ast:
        name, at = shape[1], self.tokens[shape[0]].position
        args = [self.fill(arg, in_rows=in_rows) for arg in shape[2:]]
        if name in NODE_CALLS:
            return NODE_CALLS[name](args, at, in_rows)
        check_count(name, at, len(args))
        if name == "regex" and not self.any_pattern:
            check_pattern(args, at)
        return ["call", name, *args]


@lru_cache(maxsize=4096)
def _shape(text: str) -> Shape:
    """What Lark makes of a shape, each leaf and call with the number of its token. Raises: _Wrong."""
    try:
        built = _LARK.parse(text)
    except UnexpectedInput as problem:
        at = problem.pos_in_stream
        ended = isinstance(problem, UnexpectedToken) and problem.token.type == "$END"
        raise _Wrong(len(text) if ended or at is None or at < 0 else at) from None
    except VisitError as problem:
        if isinstance(problem.orig_exc, _Wrong):
            raise problem.orig_exc from None
        raise
    starts = {start: index for index, start in enumerate(_starts(text))}
    return cast(Shape, _located(built, starts))


def _starts(shape: str) -> Iterator[int]:
    """Where each token of a shape begins: `shape_of` sets a blank between any two."""
    return accumulate((len(word) + 1 for word in shape.split(" ")[:-1]), initial=0)


def _located(part: Any, starts: dict[int, int]) -> Any:
    if type(part) is _Leaf:
        return _Leaf(starts[part])
    if type(part) is _Call:
        return _Call([starts[part[0]], part[1], *[_located(each, starts) for each in part[2:]]])
    return [_located(each, starts) for each in part] if isinstance(part, list) else part


def _refused(tokens: list[Token], *, of_rows: bool) -> int | None:
    """The first token that cannot stand in any condition: bad, too deep, an unknown function, a bare word."""
    depth = rows = 0
    before = ""
    for index, (kind, word, _) in enumerate(tokens):
        if kind == "mark":
            if word in _OPENING:
                depth += 1
                rows += word == "["
                if depth > MAX_DEPTH:
                    return index
            elif word in _CLOSING:
                depth -= 1
                rows -= word == "]"
        elif kind == "name":
            if before != "/" and not of_rows and rows <= 0:
                return index
        elif kind == "call":
            if word not in FUNCTIONS and word not in NODE_FUNCTIONS and word not in NODE_CALLS:
                return index
        elif kind == "bad":
            return index
        before = word
    return None


def _first_wrong(text: str, tokens: list[Token], stop: int) -> ConditionError:
    """What is wrong at a refused token, or before it if something is wrong there already."""
    before = shape_of(tokens[:stop])
    try:
        _shape(before)
    except _Wrong as problem:
        if problem.words is not None or problem.at < len(before):
            return _in_words(text, tokens, problem)
    kind, word, position = tokens[stop]
    if kind == "mark":
        return ConditionError(f"brackets stand more than {MAX_DEPTH} deep here", position)
    if kind == "call" and not _ends_value(tokens[stop - 1] if stop else None):
        return no_such_function(word, position)
    return _about(text, tokens, stop)


def _in_words(text: str, tokens: list[Token], problem: _Wrong) -> ConditionError:
    starts = list(_starts(shape_of(tokens)))
    index = min(bisect_right(starts, problem.at) - 1, len(tokens) - 1)
    if problem.words is not None:
        return ConditionError(problem.words, tokens[index].position)
    return _about(text, tokens, index)


def _about(text: str, tokens: list[Token], index: int) -> ConditionError:
    """What is wrong with a token that cannot stand where it does."""
    kind, word, position = tokens[index]
    before = tokens[index - 1] if index else None
    after_step = before is not None and before.text == "/"
    if before is not None and after_step and not _ends_value(tokens[index - 2] if index > 1 else None):
        return expected_operand(text, before.position, "/")
    if kind == "end":
        return explain(text, len(text))
    if kind == "mark" and word in ("*", "/", "//") and not after_step and not _ends_value(before):
        return expected_operand(text, position, word)
    return explain(text, position)


def _ends_value(token: Token | None) -> bool:
    """Whether a token may be the last of a value, so that an operator or a step may follow."""
    if token is None:
        return False
    return token.kind in _VALUE_ENDS or (token.kind == "mark" and token.text in (")", "]", ".", ".."))


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
            raise _Wrong(_at(parts[1]), "| joins questions, and one of these is none")
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
            raise _Wrong(steps[0].at)
        return _stepped(inner, steps)

    def call(self, parts: list[Any]) -> Shape:
        name = str(parts[0])
        args = [part for part in parts[1:] if part is not None and not isinstance(part, _Step)]
        steps = [part for part in parts[1:] if isinstance(part, _Step)]
        if name == "current":
            if args:
                raise _Wrong(_at(parts[0]), "current() takes nothing in its brackets")
            return _path(["current", 0], steps)
        if name == "instance":
            if len(args) != 1 or args[0][0] != "str":
                raise _Wrong(_at(parts[0]), "instance() takes the id of a list or table in quotes")
            # instance('id')/root/item: the rows, whatever an XForm calls them
            return _stepped(["instance", args[0][1]], steps[sum(_is_down(step) for step in steps[:2]) :])
        if steps:
            raise _Wrong(steps[0].at)
        return _Call([_leaf(parts[0]), name, *args])


def _at(token: LarkToken) -> int:
    return token.start_pos or 0


def _leaf(token: LarkToken) -> _Leaf:
    return _Leaf(_at(token))


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
            elif isinstance(head[1], _Leaf):
                raise _Wrong(_at(step.to))
            else:
                head[1] += 1
    if head == ["path", 0] and not names:
        if count < len(steps):
            raise _Wrong(steps[count].at)
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
                raise _Wrong(step.at, f"a path may have at most {MAX_DEPTH} predicates")
            found = last = [head, found]
        if step.to is not None and step.to.type != "NAME":
            raise _Wrong(_at(step.to))
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
