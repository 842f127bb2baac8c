from pathlib import Path

import pytest

from image_check.options import UsageError, read
from image_check.seen import Sample


@pytest.fixture
def model(tmp_path: Path) -> Path:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "weights").write_text("1\n")
    return tmp_path / "model"


def test_the_image_alone_is_enough() -> None:
    options = read(["some/image"])

    assert (options.image, options.model, options.sample, options.train_folder) == (
        "some/image",
        None,
        None,
        None,
    )
    assert options.startup_seconds == 480  # SageMaker's window


def test_everything_can_be_told(model: Path) -> None:
    (model.parent / "input" / "config").mkdir(parents=True)
    options = read(
        [
            *("image", "--model", str(model), "--train-folder", str(model.parent)),
            *("--body", '{"a": 1}', "--content-type", "application/json"),
            *("--env", "A=1", "--env", "B=x=y", "--startup", "5", "--train-timeout", "7.5"),
            "--json",
        ]
    )

    assert options.model == model
    assert options.train_folder == model.parent
    assert options.sample == Sample(b'{"a": 1}', "application/json")
    assert options.environment == {"A": "1", "B": "x=y"}
    assert (options.startup_seconds, options.train_seconds, options.as_json) == (5, 7.5, True)


def test_a_body_can_stand_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "row.csv"
    file.write_bytes(b"1,2\n")

    assert read(["image", "--body", f"@{file}"]).sample == Sample(b"1,2\n", "text/csv")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--model", "nowhere"], "--model nowhere: expected a folder with files in it"),
        (["--model", "."], "--model .: expected a folder with files in it"),
        (["--train-folder", "."], "--train-folder .: expected input/config in it"),
        (["--body", "@nowhere"], "--body @nowhere: No such file"),
        (["--body", ""], "--body: it is empty"),
        (["--content-type", "image/png"], "--content-type image/png: give a --body of it"),
        (["--env", "A"], "--env A: expected KEY=VALUE"),
        (["--env", "1A=2"], "--env 1A=2: expected KEY=VALUE"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    arguments: list[str], says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    with pytest.raises(UsageError) as refused:
        read(["image", *arguments])

    assert str(refused.value).startswith(says)


@pytest.mark.parametrize("seconds", ["0", "-1", "inf", "nan", "soon"])
def test_a_time_is_above_0(seconds: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        read(["image", "--startup", seconds])

    assert left.value.code == 2
    assert "--startup" in capsys.readouterr().err
