"""AWS where no engine runs: moto's server, made fit for a stack that works at full speed.

moto answers requests in threads that do not know of each other, and prepares each transaction by
copying its tables whole. Here DynamoDB answers one request at a time, so that a conditional write
cannot be overtaken, and a transaction checks all its conditions before it writes anything, so that
it needs no copy: its cost does not grow with the table, and open shard iterators stay good. A shard
that is read empty gives the iterator that it was asked with, because moto keeps each that it gives.
`python -m stack.aws_in_memory PORT` serves on 127.0.0.1.
"""

import sys
import threading
import uuid
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import waitress
from moto.dynamodb.comparisons import get_filter_expression
from moto.dynamodb.exceptions import ConditionalCheckFailed, TransactionCanceledException
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.table import Table
from moto.dynamodbstreams.models import ShardIterator
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

THREADS = 8
_write_unchecked = DynamoDBBackend.transact_write_items
_read = ShardIterator.get


def check(backend: DynamoDBBackend, operation: dict[str, Any]) -> tuple[Any, Any, Any]:
    """Give the reason for which one operation of a transaction fails, all `None` for none."""
    ((kind, request),) = operation.items()
    condition = request.get("ConditionExpression")
    if condition is None:
        return None, None, None
    key = request.get("Key")
    if kind == "Put":
        table = backend.get_table(request["TableName"])
        names = [name for name in (table.hash_key_attr, table.range_key_attr) if name]
        key = {name: request["Item"][name] for name in names}
    current = backend.get_item(request["TableName"], key)
    expression = get_filter_expression(
        condition,
        request.get("ExpressionAttributeNames"),
        request.get("ExpressionAttributeValues"),
    )
    if expression.expr(current):
        return None, None, None
    wanted = request.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"
    item = current.to_json()["Attributes"] if wanted and current else None
    return "ConditionalCheckFailed", ConditionalCheckFailed().message, item


def write_checked(backend: DynamoDBBackend, operations: list[dict[str, Any]]) -> None:
    """Write a transaction whose every condition holds; otherwise cancel it and write nothing."""
    reasons = [check(backend, operation) for operation in operations]
    if any(code for code, _, _ in reasons):
        raise TransactionCanceledException(reasons)
    _write_unchecked(backend, operations)


def read(iterator: ShardIterator, limit: int = 1000) -> dict[str, Any]:
    """Read a page of a stream; where there is nothing, go on with the same iterator."""
    if iterator.stream_shard.get(iterator.sequence_number, 1):
        page: dict[str, Any] = _read(iterator, limit)
        return page
    return {"NextShardIterator": iterator.arn, "Records": []}


class OneAtATime:
    """A WSGI application that takes turns on DynamoDB and its streams, and on nothing else."""

    def __init__(self, inner: "WSGIApplication") -> None:
        self._inner = inner
        self._turn = threading.Lock()
        self._life = uuid.uuid4().hex.encode()

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer a request; one to another service may take its time, as a long poll does.

        `/health` answers at once, with a text that only this process gives: whoever finds another
        there knows that all data is gone. moto's own page of all its data grows with the data.
        """
        if environ["PATH_INFO"] == "/health":
            start_response("200 OK", [("Content-Type", "text/plain")])
            return [self._life]
        if "DynamoDB" not in environ.get("HTTP_X_AMZ_TARGET", ""):
            return self._inner(environ, start_response)
        with self._turn:
            return list(self._inner(environ, start_response))


def application() -> OneAtATime:
    """Give moto's server as a WSGI application, its transactions checked before they write."""
    DynamoDBBackend.transact_write_items = write_checked  # type: ignore[assignment,method-assign] # as above
    ShardIterator.get = read  # type: ignore[assignment,method-assign] # as above
    Table.__deepcopy__ = lambda self, _memo: self  # type: ignore[attr-defined] # no copy is needed
    return OneAtATime(DomainDispatcherApplication(create_backend_app))


def main() -> None:
    """Serve until SIGTERM."""
    waitress.serve(
        application(),
        host="127.0.0.1",
        port=int(sys.argv[1]),
        threads=THREADS,
        connection_limit=1000,
        channel_timeout=3600,
    )


if __name__ == "__main__":
    main()
