from model_server.training.markup import bars, document, figure, table
from model_server.training.plots import Line, Plot


def test_what_is_said_is_no_markup() -> None:
    assert "<td>&lt;a&gt;</td>" in table(["Name", "Value"], [["<a>", "1"]])
    assert "<td>&lt;a&gt;</td>" in bars(["Name", "Value", "Words"], [("<a>", 1.0, "&")])
    assert "<figcaption>&lt;a&gt;</figcaption>" in figure(
        Plot("t", "x", "y", [Line("l", "model", [(0.0, 0.0), (1.0, 1.0)])]), "<a>"
    )
    assert "<title>&lt;a&gt;</title>" in document("<a>", [])


def test_figures_are_aligned() -> None:
    text = table(["Name", "A", "B", "Words"], [["x", "1", "2", "w"]], numbers=2)

    assert '<td>x</td><td class="number">1</td><td class="number">2</td><td>w</td>' in text


def test_the_longest_bar_is_the_whole_width() -> None:
    text = bars(["Name", "Value", "Words"], [("a", 2.0, ""), ("b", 0.5, "")])

    assert 'width="100.0"' in text
    assert 'width="25.0"' in text
    assert 'width="0.0"' in bars(["Name", "Value", "Words"], [("a", 0.0, "")])
    assert "<tbody>" in bars(["Name", "Value", "Words"], [])
