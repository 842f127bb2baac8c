"""SageMaker's configuration files of a training job: what they say, and what is refused of it.

Pipe mode and several hosts are refused by name. (SageMaker developer guide, "How Amazon SageMaker
AI provides training information"; aws/sagemaker-xgboost-container channel_validation.py)
"""

import json
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from model_server.training.errors import TrainingError
from model_server.training.formats import FORMATS, Format, format_of
from model_server.training.quoting import quoted

TRAIN = "train"
VALIDATION = "validation"
OPT_ML = PurePosixPath("/opt/ml")
_REASONS: Mapping[str, str] = {
    "code": ", nor is script mode",
    "test": ": AWS's algorithm has none; ask the endpoint, or a batch transform",
}
_SUPPORTED: Mapping[str, tuple[str, ...]] = {
    "TrainingInputMode": ("File", "FastFile"),
    "CompressionType": ("None",),
    "RecordWrapperType": ("None",),
    # of one host, both give it every file
    "S3DistributionType": ("FullyReplicated", "ShardedByS3Key"),
}


def read(path: Path) -> dict[str, object]:
    """Read a file of input/config. Raises TrainingError."""
    try:
        document = json.loads(path.read_bytes())
    except OSError as error:
        raise TrainingError(f"{path.name}: cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise TrainingError(f"{path.name}: not JSON: {error}") from error
    if not isinstance(document, dict):
        raise TrainingError(f"{path.name}: expected an object")
    return document


def channels(document: Mapping[str, object]) -> dict[str, Format]:
    """Check inputdataconfig.json; give each channel's format. Raises TrainingError."""
    if TRAIN not in document:
        raise TrainingError(f"inputdataconfig.json: the channel {TRAIN!r} is missing")
    return {name: _channel(name, settings) for name, settings in document.items()}


def _channel(name: str, settings: object) -> Format:
    if name not in (TRAIN, VALIDATION):
        raise TrainingError(
            f"inputdataconfig.json: the channel {quoted(name)} is not supported"
            f"{_REASONS.get(name, f', only {TRAIN} and {VALIDATION}')}"
        )
    if not isinstance(settings, dict):
        raise TrainingError(f"inputdataconfig.json: {name}: expected an object")
    for key, allowed in _SUPPORTED.items():
        if settings.get(key, allowed[0]) not in allowed:
            raise TrainingError(
                f"inputdataconfig.json: {name}: {key} {quoted(settings[key])} is not supported, "
                f"only {' and '.join(allowed)}"
            )
    # AWS's default, where a channel does not say what it holds
    content_type = settings.get("ContentType", "text/libsvm")
    found = format_of(content_type) if isinstance(content_type, str) else None
    if found is None:
        raise TrainingError(
            f"inputdataconfig.json: {name}: ContentType {quoted(content_type)} is not supported, "
            f"only {', '.join(FORMATS)}"
        )
    return found


def check_hosts(document: Mapping[str, object]) -> None:
    """Check resourceconfig.json. Raises TrainingError."""
    hosts = document.get("hosts")
    if not isinstance(hosts, list) or len(hosts) != 1:
        raise TrainingError(f"resourceconfig.json: expected one host, found {quoted(hosts)}")


def checkpoint_folder(path: Path, base: Path) -> Path | None:
    """Read checkpointconfig.json; None where there is none: nothing is kept then.

    `LocalPath` is a path in the container; what it has below /opt/ml lies below `base`. Raises
    TrainingError.
    """
    if not path.exists():
        return None
    local = read(path).get("LocalPath")
    if local is None:
        return None
    if not isinstance(local, str) or not PurePosixPath(local).is_absolute():
        raise TrainingError(
            f"{path.name}: LocalPath: expected a path such as {OPT_ML}/checkpoints, "
            f"found {quoted(local)}"
        )
    folder = PurePosixPath(local)
    below = folder.is_relative_to(OPT_ML)
    return base / folder.relative_to(OPT_ML) if below else Path(folder)
