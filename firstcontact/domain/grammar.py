"""The grammar of conditions and the words for what is wrong in one. Imported only where conditions are written."""

from __future__ import annotations

import re
from typing import Any, Final, cast

from lark import Lark, Token, Transformer, UnexpectedInput, UnexpectedToken
from lark.exceptions import VisitError

from firstcontact.domain.condition import MAX_DEPTH, Ast, ConditionError, nearest
from firstcontact.domain.functions import FUNCTIONS, UnusablePattern, pattern

_GRAMMAR: Final = r"""
?start: either
?either: both (_OR both)*
?both: comparison (_AND comparison)*
?comparison: addition (COMPARE addition)?
?addition: product (ADD product)*
?product: signed (MULTIPLY signed)*
?signed: MINUS+ operand -> negative
       | operand
?operand: REF -> ref
        | STRING -> text
        | NUMBER -> number
        | SELF -> itself
        | CALL "(" [either ("," either)*] ")" -> call
        | "(" either ")"

_OR.3: /or(?![\w.\-])/
_AND.3: /and(?![\w.\-])/
MULTIPLY.3: /\*|(div|mod)(?![\w.\-])/
COMPARE: /!=|<=|>=|=|<|>/
ADD.2: /[+\-]/
MINUS: "-"
REF: /\$\{\s*[A-Za-z_][\w.\-]*\s*\}/
STRING: /'[^']*'|"[^"]*"/
NUMBER.2: /\d{1,24}(\.\d{0,24})?|\.\d{1,24}/
SELF: "."
CALL: /[A-Za-z_][\w.\-]*(?=\s*\()/
%ignore /[ \t\r\n]+/
"""

_LATER: Final = {
    "position": "there is no position() here: a checklist has no repeats",
    "indexed-repeat": "there is no indexed-repeat() here: a checklist has no repeats",
    "pulldata": "there is no pulldata() here: a checklist carries no tables",
    "jr:choice-name": "there is no jr:choice-name() here: compare the choice itself",
}
_INSTEAD: Final = {"==": "=", "&&": "and", "||": "or", "<>": "!=", "!": "not(...)", "/": "div", "%": "mod"}
_CURLY: Final = "‘’“”"


class _Builder(Transformer[Token, Ast]):
    """Builds the Ast while parsing, so that a long condition needs no second walk."""

    def ref(self, parts: list[Token]) -> Ast:
        return ["ref", parts[0][2:-1].strip()]

    def text(self, parts: list[Token]) -> Ast:
        return ["str", str(parts[0][1:-1])]

    def number(self, parts: list[Token]) -> Ast:
        digits = str(parts[0])
        return ["num", int(digits) if digits.isdigit() and len(digits) < 16 else digits]

    def itself(self, _parts: list[Token]) -> Ast:
        return ["self"]

    def either(self, parts: list[Ast]) -> Ast:
        return ["or", *parts]

    def both(self, parts: list[Ast]) -> Ast:
        return ["and", *parts]

    def comparison(self, parts: list[Any]) -> Ast:
        return [str(parts[1]), parts[0], parts[2]]

    def addition(self, parts: list[Any]) -> Ast:
        return ["sum", "".join(parts[1::2]), *parts[::2]]

    def product(self, parts: list[Any]) -> Ast:
        signs = {"*": "*", "div": "/", "mod": "%"}
        return ["product", "".join(signs[sign] for sign in parts[1::2]), *parts[::2]]

    def negative(self, parts: list[Any]) -> Ast:
        operand = parts[-1]
        return ["neg", operand] if len(parts) % 2 == 0 else cast(Ast, operand)

    def call(self, parts: list[Any]) -> Ast:
        name = parts[0]
        args = [part for part in parts[1:] if part is not None]
        _check_call(name, args)
        return ["call", str(name), *args]


_PARSER: Final = Lark(
    _GRAMMAR,
    parser="lalr",
    lexer="contextual",
    transformer=_Builder(),
    maybe_placeholders=True,
    propagate_positions=False,
)


def parse_text(text: str) -> Ast:
    """Parse, or say what is wrong. Raises: ConditionError."""
    _check_depth(text)
    try:
        return cast(Ast, _PARSER.parse(text))
    except UnexpectedInput as problem:
        raise _explain(text, problem) from None
    except VisitError as problem:
        if isinstance(problem.orig_exc, ConditionError):
            raise problem.orig_exc from None
        raise


def _check_depth(text: str) -> None:
    depth = 0
    for match in re.finditer(r"'[^']*'|\"[^\"]*\"|[()]", text):
        if match[0] == "(":
            depth += 1
            if depth > MAX_DEPTH:
                raise ConditionError(f"brackets stand more than {MAX_DEPTH} deep here", match.start())
        elif match[0] == ")":
            depth -= 1


def _check_call(name: Token, args: list[Ast]) -> None:
    position = name.start_pos or 0
    function = FUNCTIONS.get(str(name))
    if function is None:
        if str(name) in _LATER:
            raise ConditionError(_LATER[str(name)], position)
        near = nearest(str(name), FUNCTIONS)
        raise ConditionError(f"there is no function {name}()", position, f"{near}()" if near else None)
    if not function.least <= len(args) <= function.most:
        wanted = str(function.least) if function.least == function.most else f"{function.least} or more"
        if function.least < function.most <= 3:
            wanted = f"{function.least} to {function.most}"
        things = "thing" if wanted == "1" else "things"
        raise ConditionError(f"{name}() takes {wanted} {things} in its brackets, here are {len(args)}", position)
    if str(name) == "regex" and args[1][0] == "str":
        try:
            pattern(args[1][1])
        except UnusablePattern as problem:
            raise ConditionError(f"this pattern cannot be run: {problem}", position) from problem


def _explain(text: str, problem: UnexpectedInput) -> ConditionError:
    position = problem.pos_in_stream
    rest = text[position:] if position is not None and position >= 0 else ""
    if not text.strip():
        return ConditionError("there is nothing here", 0)
    at_end = isinstance(problem, UnexpectedToken) and problem.token.type == "$END"
    if at_end or position is None or position < 0 or not rest.strip():
        return ConditionError("the condition ends too soon", len(text))
    if rest[0] in "'\"":
        if rest.count(rest[0]) == 1:
            return ConditionError("this quote is never closed", position)
        return ConditionError("an operator such as = or and is missing before this", position)
    if rest[0] in _CURLY:
        return ConditionError("curly quotes do not work here: use straight ones", position, "'")
    for wrong, right in _INSTEAD.items():
        before = text[position - 1 : position]
        if rest.startswith(wrong) or (wrong == "==" and before == "=" and rest[0] == "="):
            return ConditionError(f"{wrong} is not known here", position, right)
    if rest.startswith("$"):
        whole_name = re.match(r"\$\{[^}]*\}", rest)
        if whole_name is None:
            return ConditionError("a question is written ${name}; this one is not closed", position)
        return ConditionError(f"an operator such as = or and is missing before {whole_name[0][:60]}", position)
    word = re.match(r"[A-Za-z_][\w.\-]*", rest)
    if word:
        if word[0].lower() in ("and", "or", "div", "mod") and word[0] != word[0].lower():
            return ConditionError(f"{word[0]} is written in small letters", position, word[0].lower())
        if word[0] in ("and", "or", "div", "mod"):
            return ConditionError(f"something is missing before '{word[0]}'", position)
        return ConditionError(
            f"'{word[0][:60]}' cannot stand here: words stand in quotes, questions as ${{name}}", position
        )
    if rest[0] in "=!<>":
        return ConditionError("compare two things at a time, and join comparisons with and", position)
    return ConditionError(f"'{rest[0]}' cannot stand here", position)
