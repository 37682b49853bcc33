"""Nothing that a definition may say is lost on its way through a workbook, whatever its models learn."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from pyxform.xls2xform import convert

from firstcontact.definitions import models, rule_models
from firstcontact.definitions.translation_models import TranslationModel
from firstcontact.domain.answer import QuestionType
from tests.xlsform.everything import EVERYTHING, WELSH
from tests.xlsform.test_export import tree
from tests.xlsform.test_round_trip import there_and_back


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The checklist above, in a folder."""
    made = tmp_path / "everything"
    made.mkdir()
    (made / "checklist.yaml").write_text(EVERYTHING, encoding="utf-8")
    (made / "cy.yaml").write_text(WELSH, encoding="utf-8")
    (made / "figures.csv").write_text("name,value\na,1\n", encoding="utf-8")
    return made


def test_everything_comes_home(folder: Path, tmp_path: Path) -> None:
    """All that a definition may say: the same compiled form, and a workbook that pyxform accepts without a warning."""
    out = there_and_back(folder, tmp_path)
    warnings = convert(xlsform=str(out), validate=False).warnings
    assert not [words for words in warnings if "or_other" not in words]


def _said(value: Any) -> Iterator[tuple[str, ...]]:
    """Every key of a definition with the keys around it."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield (key,)
            for path in _said(each):
                yield (key, *path)
    elif isinstance(value, list):
        for each in value:
            yield from _said(each)


def _fields(model: type[BaseModel]) -> set[str]:
    return {field.alias or name for name, field in model.model_fields.items()}


def test_the_example_says_everything() -> None:
    """The control: a key that a model learns and the example does not use is told here, so that it is not forgotten."""
    used = {key for path in _said(tree(EVERYTHING)) for key in path}
    known = {
        field
        for module in (models, rule_models)
        for each in vars(module).values()
        if isinstance(each, type) and issubclass(each, BaseModel)
        for field in _fields(each)
    }
    assert sorted(known - used) == []
    assert sorted(_fields(TranslationModel) - set(tree(WELSH))) == []
    kinds = {each["type"] for each in _questions(tree(EVERYTHING))}
    assert sorted(set(QuestionType.__args__) - kinds) == []  # type: ignore[attr-defined]


def _questions(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if "question" in value and "type" in value:
            yield value
        for each in value.values():
            yield from _questions(each)
    elif isinstance(value, list):
        for each in value:
            yield from _questions(each)
