"""Line plots as SVG elements that take their colours from the page: both axes go from 0 to 1."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from model_server.training.curves import Points

WIDTH, HEIGHT = 380, 360
LEFT, TOP, SIDE = 56, 14, 292
"""Where the square of the axes begins, and how long its sides are."""
TICKS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
LEGEND_WIDTH, LEGEND_LINE = 156, 18


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a plot; `style` is its class in the page's CSS."""

    name: str
    style: str
    points: Points
    marked: bool = False
    """Whether each point gets a dot."""


@dataclass(frozen=True, slots=True)
class Plot:
    """What a plot shows: the last line lies on top, and comes first in the legend."""

    title: str
    x: str
    y: str
    lines: Sequence[Line]
    legend_on_top: bool = False
    """The legend stands where the lines leave room: lower right, or upper left."""


def svg(plot: Plot) -> str:
    """Draw a plot."""
    x, y = LEFT + SIDE / 2, TOP + SIDE / 2
    turn = f"translate(16 {y:g}) rotate(-90)"
    return "\n".join(
        [
            f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(plot.title)}">',
            *(_grid(tick) for tick in TICKS),
            f'<text class="axis" x="{x:g}" y="{HEIGHT - 10}">{escape(plot.x)}</text>',
            f'<text class="axis" transform="{turn}">{escape(plot.y)}</text>',
            *(_line(line) for line in plot.lines),
            *_legend(plot),
            "</svg>",
        ]
    )


def _x(value: float) -> float:
    return LEFT + SIDE * value


def _y(value: float) -> float:
    return TOP + SIDE * (1 - value)


def _grid(tick: float) -> str:
    x, y = _x(tick), _y(tick)
    return (
        f'<path class="grid" d="M{x:.1f} {_y(0):.1f}V{_y(1):.1f}M{_x(0):.1f} {y:.1f}H{_x(1):.1f}"/>'
        f'<text class="tick" text-anchor="middle" x="{x:.1f}" y="{_y(0) + 16:.1f}">{tick:g}</text>'
        f'<text class="tick" text-anchor="end" x="{LEFT - 8}" y="{y + 4:.1f}">{tick:g}</text>'
    )


def _line(line: Line) -> str:
    places = [f"{_x(x):.1f} {_y(y):.1f}" for x, y in line.points]
    drawn = f'<path class="line {line.style}" d="M{"L".join(places)}"/>'
    if line.marked:
        drawn += "".join(
            f'<circle class="dot {line.style}" cx="{x}" cy="{y}" r="3.5"/>'
            for x, y in (place.split() for place in places)
        )
    return drawn


def _legend(plot: Plot) -> list[str]:
    x = LEFT + 12 if plot.legend_on_top else LEFT + SIDE - LEGEND_WIDTH
    y = TOP + 18 if plot.legend_on_top else TOP + SIDE - 12 - LEGEND_LINE * (len(plot.lines) - 1)
    return [
        f'<path class="line {line.style}" d="M{x} {y + LEGEND_LINE * number - 4}h22"/>'
        f'<text class="key" x="{x + 30}" y="{y + LEGEND_LINE * number}">{escape(line.name)}</text>'
        for number, line in enumerate(reversed(plot.lines))
    ]
