from pathlib import Path

import pytest

from model_server.settings import Settings, SettingsError

MIB = 2**20


def test_sagemaker_sets_nothing() -> None:
    settings = Settings.from_environment({})

    assert settings == Settings(Path("/opt/ml"), "0.0.0.0", 8080, "INFO")  # noqa: S104 - a value
    assert settings.max_body_bytes == 25 * MIB
    assert settings.model == Path("/opt/ml/model")
    assert settings.input == Path("/opt/ml/input")
    assert settings.output == Path("/opt/ml/output")


def test_every_variable_counts() -> None:
    settings = Settings.from_environment(
        {
            "SAGEMAKER_BASE_DIR": "/data/ml",
            "SAGEMAKER_BIND_TO_PORT": "65535",
            "HOST": "127.0.0.1",
            "LOG_LEVEL": "debug",
            "MAX_CONTENT_LENGTH": "1000",
            "SAGEMAKER_MULTI_MODEL": "true",
            "MODEL_SERVER_MAX_MODELS": "3",
            "MODEL_SERVER_MAX_MEMORY_PERCENT": "50",
            "SAGEMAKER_BATCH": "True",
            "SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT": "application/json",
            "SAGEMAKER_INFERENCE_OUTPUT": "predicted_label, Probability,",
            "SAGEMAKER_INFERENCE_ENSEMBLE": "false",
            "MODEL_SERVER_ALLOW_PICKLE": "true",
            "MODEL_SERVER_ALLOW_BINARIES": "true",
            "MODEL_SERVER_NATIVE_CODE": "False",
            "SAGEMAKER_PROGRAM": "score.py",
            "SAGEMAKER_SUBMIT_DIRECTORY": "file:///opt/ml/model/code",
            "SAGEMAKER_MODEL_SERVER_WORKERS": "4",
            "SAGEMAKER_MODEL_SERVER_TIMEOUT": "300",
        }
    )

    assert settings == Settings(
        Path("/data/ml"),
        "127.0.0.1",
        65535,
        "DEBUG",
        max_body_bytes=1000,
        multi_model=True,
        max_models=3,
        max_memory_percent=50,
        batch=True,
        default_accept="application/json",
        selected_outputs=("predicted_label", "probability"),
        ensemble=False,
        allow_pickle=True,
        allow_binaries=True,
        native_code=False,
        program="score.py",
        submit_directory=Path("/opt/ml/model/code"),
        script_threads=4,
        script_seconds=300,
    )


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1", "8_0", "²"])
def test_a_bad_port_is_named(port: str) -> None:
    with pytest.raises(
        SettingsError, match="SAGEMAKER_BIND_TO_PORT: expected a number from 1 to 65535"
    ):
        Settings.from_environment({"SAGEMAKER_BIND_TO_PORT": port})


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"SAGEMAKER_MAX_PAYLOAD_IN_MB": "6"}, 6 * MIB),
        ({"SAGEMAKER_MAX_PAYLOAD_IN_MB": "100"}, 100 * MIB),
        ({"SAGEMAKER_MAX_PAYLOAD_IN_MB": "0"}, 100 * MIB),
        ({"SAGEMAKER_MAX_PAYLOAD_IN_MB": "6", "MAX_CONTENT_LENGTH": "20"}, 20),
    ],
)
def test_the_largest_body_is_what_awss_images_read(environ: dict[str, str], expected: int) -> None:
    assert Settings.from_environment(environ).max_body_bytes == expected


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("SAGEMAKER_MAX_PAYLOAD_IN_MB", "101", "expected a number from 0 to 100, found '101'"),
        ("MAX_CONTENT_LENGTH", "6MB", "expected a number from 1 to"),
        ("SAGEMAKER_MULTI_MODEL", "yes", "expected true or false, found 'yes'"),
        ("MODEL_SERVER_ALLOW_PICKLE", "1", "expected true or false, found '1'"),
        ("LOG_LEVEL", "loud", "expected a level such as INFO, found 'loud'"),
        ("SAGEMAKER_CONTAINER_LOG_LEVEL", "17", "expected a level such as INFO, found '17'"),
        ("SAGEMAKER_SUBMIT_DIRECTORY", "s3://b/code.tar.gz", "nothing is downloaded"),
        ("SAGEMAKER_SUBMIT_DIRECTORY", "/opt/ml/sourcedir.tar.gz", "expected a folder"),
    ],
)
def test_a_bad_value_is_named(name: str, value: str, text: str) -> None:
    with pytest.raises(SettingsError) as error:
        Settings.from_environment({name: value})

    assert str(error.value).startswith(f"{name}: ")
    assert text in str(error.value)


def test_the_sdks_number_of_a_log_level_is_understood() -> None:
    level = {"SAGEMAKER_CONTAINER_LOG_LEVEL": "30"}

    assert Settings.from_environment(level).log_level == "WARNING"
    assert Settings.from_environment({**level, "LOG_LEVEL": "error"}).log_level == "ERROR"
