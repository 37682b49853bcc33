"""The scalars that definition files are written with, and the mapping that knows its keys."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, WithJsonSchema

from firstcontact.domain.checklist import FACTS

Flag = Annotated[bool, WithJsonSchema({"enum": ["yes", "no", True, False]})]
"""yes or no, without quotes. Editors read YAML 1.2, where `yes` is a word: the schema lists both."""
_SCALAR = {"type": ["string", "number", "boolean"]}
Id = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]*(-[A-Za-z0-9_]+)*$", max_length=60),
    WithJsonSchema({"type": "string", "pattern": "^[A-Za-z][A-Za-z0-9_]*(-[A-Za-z0-9_]+)*$"}),
]
"""A letter, then letters, digits, _ and single hyphens."""
Name = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_.-]*$", max_length=120),
    WithJsonSchema({"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_.-]*$"}),
]
"""Of what a condition can read, and of what came from a workbook: letters, digits, _, . and hyphens."""
Token = Annotated[
    str,
    StringConstraints(pattern=r"^\S+( \S+)*$", max_length=255),
    WithJsonSchema({"type": ["string", "number", "boolean"]}),
]
"""A choice as it is stored and compared. Single spaces only where one of a list is chosen: `2 or more`."""
Words = Annotated[str, StringConstraints(min_length=1, max_length=20_000), WithJsonSchema(_SCALAR)]
"""What people read: plain text, no markup."""
Short = Annotated[str, StringConstraints(min_length=1, max_length=60), WithJsonSchema(_SCALAR)]
"""A name for something, to stand in a list or in the middle of a sentence."""
Condition = Annotated[str, StringConstraints(min_length=1, max_length=20_000), WithJsonSchema(_SCALAR)]
"""A condition in the language of XLSForm."""


def _required(value: Any) -> Any:
    return {"yes": "true()", "no": None}.get(value, value) if isinstance(value, str) else value


Required = Annotated[Condition | None, BeforeValidator(_required, json_schema_input_type=str | bool | None)]
"""yes, no, or a condition."""
Scalar = Annotated[str, StringConstraints(max_length=20_000), WithJsonSchema(_SCALAR)]
FileName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_ .-]*\.csv$", max_length=120)]
"""A file beside this one."""
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
FactName = Annotated[str, StringConstraints(max_length=40), WithJsonSchema({"type": "string", "enum": sorted(FACTS)})]
PackCode = Literal["ADDR", "DOB", "BAND", "TEN", "HH", "LIVES", "GP", "ALT", "LTC", "PHONE"]


class DefinitionModel(BaseModel):
    """A mapping in a definition file: an unknown key is an error, and every scalar arrives as text."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, use_enum_values=False)


class TableModel(DefinitionModel):
    """Rows that are kept as they came."""

    columns: tuple[Words, ...] = ()
    rows: tuple[tuple[Scalar, ...], ...] = ()


class KeptModel(DefinitionModel):
    """What a workbook said that means nothing here; written back when it goes out again."""

    settings: dict[str, Scalar] = Field(default={})
    sheets: dict[str, TableModel] = Field(default={})


def schema_of(model: type[DefinitionModel], title: str) -> dict[str, Any]:
    """The JSON Schema that editors complete and check a file of this model with."""
    schema = model.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": title}
