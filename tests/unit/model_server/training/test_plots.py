import re
from xml.etree import ElementTree as ET

from model_server.training.plots import LEFT, SIDE, TOP, Line, Plot, svg

PLOT = Plot(
    "Gain & loss",
    "across",
    "up",
    [
        Line("<chance>", "reference", [(0.0, 0.0), (1.0, 1.0)]),
        Line("model", "model", [(0.0, 0.0), (0.25, 0.75), (1.0, 1.0)], marked=True),
    ],
)


def test_a_plot_is_well_formed_and_named() -> None:
    root = ET.fromstring(svg(PLOT))  # noqa: S314 - our own text

    assert root.attrib["aria-label"] == "Gain & loss"
    texts = [element.text for element in root.iter("text")]
    assert texts.count("0.2") == 2
    assert {"across", "up"} <= set(texts)
    assert texts[-2:] == ["model", "<chance>"]


def test_points_lie_where_the_axes_say() -> None:
    root = ET.fromstring(svg(PLOT))  # noqa: S314 - our own text

    line = next(path for path in root.iter("path") if path.attrib["class"] == "line model")
    assert line.attrib["d"] == (
        f"M{LEFT:.1f} {TOP + SIDE:.1f}L{LEFT + SIDE / 4:.1f} {TOP + SIDE / 4:.1f}"
        f"L{LEFT + SIDE:.1f} {TOP:.1f}"
    )
    dots = [(float(dot.attrib["cx"]), float(dot.attrib["cy"])) for dot in root.iter("circle")]
    assert dots[1] == (LEFT + SIDE / 4, TOP + SIDE / 4)


def test_the_legend_moves_to_where_there_is_room() -> None:
    def first_entry(*, on_top: bool) -> float:
        found = re.search(
            r'class="key" x="\d+" y="(\d+)"',
            svg(Plot("t", "x", "y", PLOT.lines, legend_on_top=on_top)),
        )
        assert found
        return float(found.group(1))

    assert first_entry(on_top=True) < TOP + SIDE / 2 < first_entry(on_top=False)
