import pytest

from model_server.serving.formats import Formats, FormatsError


def test_known_settings_are_kept() -> None:
    formats = Formats("Application/JSON", ("probability", "predicted_label"), batch=True)

    assert formats.selected == ("probability", "predicted_label")
    assert Formats() == Formats("", (), batch=False)


@pytest.mark.parametrize(
    ("default_accept", "selected", "message"),
    [
        (
            "text/html",
            (),
            "SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT: expected one of text/csv, ",
        ),
        (
            "",
            ("score",),
            "SAGEMAKER_INFERENCE_OUTPUT: expected keys from predicted_label, labels, ",
        ),
        ("", ("labels",) * 2, "SAGEMAKER_INFERENCE_OUTPUT: the key 'labels' stands twice"),
    ],
)
def test_others_are_refused_by_name(
    default_accept: str, selected: tuple[str, ...], message: str
) -> None:
    with pytest.raises(FormatsError) as error:
        Formats(default_accept, selected)

    assert str(error.value).startswith(message)
    assert repr((*selected, default_accept)[0]) in str(error.value)
