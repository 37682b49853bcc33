"""From a checklist's folder to the Checklist: its files read and checked, everything that is wrong told at once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from firstcontact.definitions.building import Builder
from firstcontact.definitions.checking import check, check_translation
from firstcontact.definitions.compiled import digest_of
from firstcontact.definitions.models import ChecklistModel
from firstcontact.definitions.problems import DefinitionError, DefinitionProblem
from firstcontact.definitions.tables import read_table
from firstcontact.definitions.translation_models import TranslationModel
from firstcontact.definitions.yaml import Node, attempt, read_yaml
from firstcontact.domain.checklist import Checklist, Table
from firstcontact.domain.condition import ConditionError
from firstcontact.domain.dependencies import CycleError, with_order

MAIN_FILE = "checklist.yaml"
_LANGUAGE_FILE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*\.yaml")


def read_checklist(folder: Path) -> Checklist:
    """Read, check and build. Raises: DefinitionError, with everything that is wrong in all of its files."""
    root = read_yaml(folder / MAIN_FILE)
    model, problems = attempt(ChecklistModel, root)
    problems += check(root)
    translations: dict[str, TranslationModel] = {}
    for path in sorted(folder.glob("*.yaml")):
        if path.name == MAIN_FILE or not _LANGUAGE_FILE.fullmatch(path.name):
            continue
        translation, found = _read_translation(path, root)
        problems += found
        if translation is not None:
            translations[translation.language] = translation
    tables, found = _read_tables(folder, model, root)
    problems += found
    errors = [problem for problem in problems if problem.level == "error"]
    if model is None or errors:
        raise DefinitionError(errors)
    try:
        checklist = Builder(model, translations, tables).checklist()
        checklist = with_order(checklist)
    except CycleError as cycle:
        raise DefinitionError([_cycle_problem(root, cycle)]) from cycle
    except ConditionError as problem:
        raise DefinitionError([root.problem(problem.message, problem.suggestion)]) from problem
    return replace(checklist, digest=digest_of(checklist))


def _read_tables(
    folder: Path, model: ChecklistModel | None, root: Node
) -> tuple[Mapping[str, Table], list[DefinitionProblem]]:
    tables: dict[str, Table] = {}
    problems: list[DefinitionProblem] = []
    for name, file in (model.tables if model else {}).items():
        try:
            tables[name] = read_table(folder / file)
        except DefinitionError as problem:
            problems += [root.at("tables", name).problem(each.message) for each in problem.problems]
    return tables, problems


def _read_translation(path: Path, root: Node) -> tuple[TranslationModel | None, list[DefinitionProblem]]:
    try:
        node = read_yaml(path)
    except DefinitionError as problem:
        return None, list(problem.problems)
    translation, problems = attempt(TranslationModel, node)
    problems += check_translation(node, root)
    if translation is not None and translation.language != path.stem:
        words = f"the file is called {path.name}, so its language is {path.stem}"
        problems.append(node.at("language").problem(words))
    return translation, problems


def _cycle_problem(root: Node, cycle: CycleError) -> DefinitionProblem:
    names = set(cycle.names)
    waiting = [root]
    while waiting:
        node = waiting.pop(0)
        for key in ("question", "calculation", "group", "repeat"):
            if key in node.entries and node.entries[key].text in names:
                # Told from the place where it was found: A needs B needs A.
                first = node.entries[key].text
                turn = cycle.names.index(first)
                circle = (*cycle.names[turn:-1], *cycle.names[:turn], first)
                return node.entries[key].problem("these need each other: " + " needs ".join(circle))
        waiting.extend(node.items)
        waiting.extend(node.entries.values())
    return root.problem("these need each other: " + str(cycle))
