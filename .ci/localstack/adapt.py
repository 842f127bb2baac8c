"""Fits LocalStack to the older DynamoDB Local: no Java agent, iterators passed on as they are."""

from pathlib import Path

from localstack import services

root = Path(services.__path__[0])


def replace(path: str, old: str, new: str) -> None:
    """Replace the one place where `old` stands in a LocalStack module; fail if it is not there."""
    module = root / path
    text = module.read_text()
    if text.count(old) != 1:
        raise SystemExit(f"{path}: expected the text once: {old!r}")
    module.write_text(text.replace(old, new))


replace(
    "dynamodb/server.py",
    '            f"-javaagent:{dynamodblocal_package.get_installer().get_ddb_agent_jar_path()}",\n',
    "",
)
replace(
    "dynamodbstreams/v2/provider.py",
    "        parsed_arn = parse_arn(stream_arn)\n",
    '        if stream_arn.startswith("000|"):\n'
    "            return stream_arn\n"
    "        parsed_arn = parse_arn(stream_arn)\n",
)
