"""What a request asks for, made ready: parsed, within the limits, valid. Whatever is wrong is refused as a whole."""

from dataclasses import dataclass

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
from schema.transport.documents import DocumentCache
from schema.transport.guard import check_document
from schema.transport.limits import Limits
from schema.transport.masking import ErrorPayload, coded, request_error, unexpected_error
from schema.transport.requests import GraphQLRequest

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

    @property
    def name(self) -> str | None:
        return self.definition.name.value if self.definition.name else None

    @property
    def kind(self) -> OperationType:
        return self.definition.operation

    @property
    def is_subscription(self) -> bool:
        return self.kind is OperationType.SUBSCRIPTION


class Preparation:
    """Makes operations of requests, for one schema."""

    def __init__(self, schema: GraphQLSchema, limits: Limits, *, introspection: bool, suggestions: bool) -> None:
        self._schema = schema
        self._limits = limits
        self._suggestions = suggestions
        self._cache = DocumentCache()
        self._rules = [*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule]
        if not introspection:
            self._rules.append(NoSchemaIntrospectionCustomRule)

    def prepare(self, request: GraphQLRequest) -> Operation:
        """For a request that has its document. Raises RefusedError."""
        text = request.query or ""
        known = self._cache.get(text)
        document = known or self._parse(text)
        definition = _selected(document, request.operation_name)
        try:
            cost = check_document(
                document, definition, schema=self._schema, variables=request.variables or {}, limits=self._limits
            )
        except CodedError as error:
            raise RefusedError(coded(error.code, error.message)) from None
        if known is None:
            self._validate(document)
            self._cache.put(text, document)
        return Operation(request, document, definition, cost, self._is_incremental(text))

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
