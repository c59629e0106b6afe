"""Compiles operations on a Strawberry schema once and runs them many times; the rest is left to graphql-core."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import strawberry
from graphql import DocumentNode, ExecutionResult, OperationDefinitionNode
from graphql.execution.values import VariableValues

from engine.compile.compiler import Compiler, Plan
from engine.compile.fallback_reasons import FallbackError, FallbackReason
from engine.compile.fields import Switches, switch_names
from engine.compile.plans import PlanCache, PlanKey
from engine.runtime.frame import Frame

_MOST_DOCUMENTS = 256


class Engine:
    """Engine of one schema.

    `counts` counts cache hits ("hit"), compilations ("compiled") and fallback reasons; `note` is called with each.
    """

    def __init__(
        self,
        schema: strawberry.Schema,
        *,
        cache: PlanCache | None = None,
        note: Callable[[str], object] = lambda _: None,
    ) -> None:
        if schema.extensions:
            raise ValueError("The engine runs no schema extensions.")
        self._schema = schema
        self._graphql = schema._schema  # noqa: SLF001 - Strawberry keeps graphql-core's schema under a private name
        self._plans = PlanCache() if cache is None else cache
        self._note = note
        self._switches_of: dict[str, tuple[str, ...]] = {}
        self.counts: Counter[str] = Counter()

    def plan(
        self, document: DocumentNode, operation: OperationDefinitionNode, variables: VariableValues
    ) -> Plan | None:
        """Plan of an operation in a valid document; None if graphql-core has to execute it."""
        found = self._found(document, operation, variables)
        if isinstance(found, FallbackReason):
            self._count(found.value)
            return None
        return found

    async def run(
        self, plan: Plan, variables: VariableValues, *, context: Any = None, root: Any = None, extensions: Any = None
    ) -> ExecutionResult:
        frame = Frame(plan.document, variables, context=context, root=root, extensions=extensions)
        data = await plan.run(frame)
        return ExecutionResult(data, frame.failures.in_order() if frame.failures else None)

    def _found(
        self, document: DocumentNode, operation: OperationDefinitionNode, variables: VariableValues
    ) -> Plan | FallbackReason:
        text = document.loc.source.body if document.loc else None
        names = switch_names(document) if text is None else self._switch_names(text, document)
        switches = {name: variables.coerced[name] for name in names if name in variables.coerced}
        if not all(isinstance(value, bool) for value in switches.values()):
            return FallbackReason.SWITCH
        if text is None:
            return self._compiled(document, operation, switches)
        name = operation.name.value if operation.name else None
        key: PlanKey = (text, name, tuple(switches.items()))
        known = self._plans.get(key)
        if known is not None:
            self._count("hit")
            return known
        made = self._compiled(document, operation, switches)
        self._plans.put(key, made)
        return made

    def _switch_names(self, text: str, document: DocumentNode) -> tuple[str, ...]:
        # Most documents have no directive at all; the check is cheap.
        if "@" not in text:
            return ()
        names = self._switches_of.get(text)
        if names is None:
            if len(self._switches_of) >= _MOST_DOCUMENTS:
                self._switches_of.clear()
            names = self._switches_of[text] = switch_names(document)
        return names

    def _count(self, what: str) -> None:
        self.counts[what] += 1
        self._note(what)

    def _compiled(
        self, document: DocumentNode, operation: OperationDefinitionNode, switches: Switches
    ) -> Plan | FallbackReason:
        self._count("compiled")
        try:
            return Compiler(self._schema, self._graphql, document, operation, switches).plan()
        except FallbackError as error:
            return error.reason
