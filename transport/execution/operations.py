"""What a request asks for, made ready: parsed, within the limits, valid. Whatever is wrong is refused as a whole."""

from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    OperationType,
    get_operation_ast,
    parse,
    specified_rules,
    validate,
)
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from core.errors import CodedError, ErrorCode, RookeryError
from engine import Variables
from transport.execution.error_masking import ErrorPayload, coded, request_error, unexpected_error
from transport.limits.cost import check_document
from transport.limits.cost_cache import Prices
from transport.limits.limits import Limits
from transport.limits.multipliers import check_variables
from transport.request.document_cache import DocumentCache
from transport.request.graphql_request import GraphQLRequest

MOST_ERRORS = 10
INCREMENTAL_DIRECTIVES = ("defer", "stream")


class RefusedError(RookeryError):
    """A request of which nothing was executed, or a stream that can't go on; `errors` is what the client is told."""

    def __init__(self, *errors: ErrorPayload) -> None:
        super().__init__(", ".join(error["message"] for error in errors))
        self.errors = list(errors)

    @property
    def code(self) -> ErrorCode:
        return ErrorCode(self.errors[0]["extensions"]["code"])


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a valid document, with the variables as they were sent and its cost in points."""

    request: GraphQLRequest
    document: DocumentNode
    definition: OperationDefinitionNode
    cost: int
    is_incremental: bool
    digest: str
    """SHA-256 of the document's text, in hexadecimal digits."""
    variables: Variables

    @property
    def name(self) -> str | None:
        return self.definition.name.value if self.definition.name else None

    @property
    def kind(self) -> OperationType:
        return self.definition.operation

    @property
    def is_subscription(self) -> bool:
        return self.kind is OperationType.SUBSCRIPTION


class _Known(NamedTuple):
    """A document that is within the limits and valid."""

    document: DocumentNode
    digest: str
    is_incremental: bool
    prices: Prices
    variables: dict[str | None, Variables]


class Preparation:
    """Makes operations of requests, for one schema."""

    def __init__(self, schema: GraphQLSchema, limits: Limits, *, introspection: bool, suggestions: bool) -> None:
        self._schema = schema
        self._limits = limits
        self._suggestions = suggestions
        self._cache = DocumentCache[_Known]()
        self._rules = [*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule]
        if not introspection:
            self._rules.append(NoSchemaIntrospectionCustomRule)

    def prepare(self, request: GraphQLRequest) -> Operation:
        """For a request that has its document. Raises RefusedError."""
        text = request.query or ""
        known = self._cache.get(text)
        one = known or self._read(text)
        definition = _selected(one.document, request.operation_name)
        try:
            cost = self._cost(one, definition, request)
        except CodedError as error:
            raise RefusedError(coded(error.code, error.message)) from None
        if known is None:
            self._validate(one.document)
            self._cache.put(text, one)
        variables = one.variables.get(request.operation_name)
        if variables is None:
            variables = Variables(self._schema, definition.variable_definitions or ())
            one.variables[request.operation_name] = variables
        return Operation(request, one.document, definition, cost, one.is_incremental, one.digest, variables)

    def _read(self, text: str) -> "_Known":
        digest = sha256(text.encode()).hexdigest()
        return _Known(self._parse(text), digest, self._is_incremental(text), Prices(self._limits), {})

    def _cost(self, known: "_Known", definition: OperationDefinitionNode, request: GraphQLRequest) -> int:
        name, variables = request.operation_name, request.variables or {}
        check_variables(variables, self._limits)
        cost = known.prices.get(name, variables)
        if cost is not None:
            return cost
        price = check_document(
            known.document, definition, schema=self._schema, variables=variables, limits=self._limits
        )
        known.prices.put(name, variables, price.looked_at, price.cost)
        return price.cost

    def _parse(self, text: str) -> DocumentNode:
        if len(text) > self._limits.document_characters:
            message = f"The document is longer than {self._limits.document_characters:,} characters."
            raise RefusedError(coded(ErrorCode.QUERY_TOO_COMPLEX, message))
        try:
            return parse(text, max_tokens=self._limits.tokens)
        except GraphQLSyntaxError as error:
            # The parser gives its own limits up with "aborted"; whatever else it says is about the grammar.
            is_limit = error.message.endswith("Parsing aborted.")
            code = ErrorCode.QUERY_TOO_COMPLEX if is_limit else ErrorCode.GRAPHQL_PARSE_FAILED
            raise RefusedError(request_error(error, code)) from None

    def _validate(self, document: DocumentNode) -> None:
        errors = validate(
            self._schema, document, self._rules, max_errors=MOST_ERRORS, hide_suggestions=not self._suggestions
        )
        if errors:
            raise RefusedError(*(request_error(error, ErrorCode.GRAPHQL_VALIDATION_FAILED) for error in errors))

    def _is_incremental(self, text: str) -> bool:
        return any(f"@{name}" in text and self._schema.get_directive(name) for name in INCREMENTAL_DIRECTIVES)


def _selected(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    operation = get_operation_ast(document, name)
    if operation is None:
        problem = f"The document has no operation '{name}'." if name else "Say by operationName which operation to run."
        raise RefusedError(coded(ErrorCode.BAD_USER_INPUT, problem))
    return operation


def variable_errors(errors: list[GraphQLError]) -> RefusedError:
    return RefusedError(*(request_error(error, ErrorCode.BAD_USER_INPUT) for error in errors[:MOST_ERRORS]))


def errors_of(error: Exception, request_id: str) -> list[ErrorPayload]:
    """What the client is told of whatever ended its operation."""
    return error.errors if isinstance(error, RefusedError) else [unexpected_error(error, request_id)]
