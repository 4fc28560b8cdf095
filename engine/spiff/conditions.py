"""Conditions of a diagram, evaluated by our own small language; nothing of a diagram is ever run as code."""

from __future__ import annotations

from typing import NoReturn

from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.script_engine.python_environment import BasePythonScriptEngineEnvironment

from bpmn.expressions import compile_condition


class ConditionEnvironment(BasePythonScriptEngineEnvironment):  # type: ignore[misc]
    """Stands where SpiffWorkflow would call `eval` and `exec`.

    `variables` are the routing variables of the run, set so far on any branch and in any subprocess, as on Camunda 7.
    """

    def __init__(self, variables: dict[str, str]) -> None:
        super().__init__()
        self.variables = variables

    def evaluate(self, expression: str, context: object, external_context: object = None) -> bool:
        """The truth of a condition over the run's variables."""
        return compile_condition(expression).evaluate(self.variables)

    def execute(self, script: str, context: object, external_context: object = None) -> NoReturn:
        """Refused: scripts never reach a spec, and would not run if one did."""
        raise PermissionError("a diagram does not run code")

    def call_service(self, context: object, **kwargs: object) -> NoReturn:
        """Refused as scripts are."""
        raise PermissionError("a diagram does not call services")


def engine(variables: dict[str, str]) -> PythonScriptEngine:
    """A script engine that knows conditions only."""
    return PythonScriptEngine(environment=ConditionEnvironment(variables))
