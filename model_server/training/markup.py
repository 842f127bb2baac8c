"""The parts of the report page as HTML: tables, figures, bars. Not: what they say."""

from collections.abc import Iterable, Sequence
from html import escape
from importlib.resources import files

from model_server.training.plots import Plot, svg


def document(title: str, body: Iterable[str]) -> str:
    """Give a whole page without a script, a font or a picture from elsewhere."""
    style = files("model_server.training").joinpath("report.css").read_text(encoding="utf-8")
    lines = "\n".join(body)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>\n{style}</style>\n</head>\n"
        f"<body>\n{lines}\n</body>\n</html>\n"
    )


def table(head: Sequence[str], rows: Iterable[Sequence[str]], numbers: int = 1) -> str:
    """Make a table in which `numbers` columns after the first are aligned right."""

    def line(tag: str, cells: Sequence[str]) -> str:
        return "".join(
            f'<{tag} class="number">{escape(cell)}</{tag}>'
            if 0 < column <= numbers
            else f"<{tag}>{escape(cell)}</{tag}>"
            for column, cell in enumerate(cells)
        )

    body = "\n".join(f"<tr>{line('td', cells)}</tr>" for cells in rows)
    return (
        f'<div class="table"><table>\n<thead><tr>{line("th", head)}</tr></thead>\n'
        f"<tbody>\n{body}\n</tbody>\n</table></div>"
    )


def bars(head: Sequence[str], rows: Sequence[tuple[str, float, str]]) -> str:
    """Make a table of names with a figure, a bar as long as the figure, and words."""
    longest = max((weight for _, weight, _ in rows), default=0.0) or 1.0
    body = "\n".join(
        f'<tr><td>{escape(name)}</td><td class="number">{weight:.4f}</td>'
        f'<td class="bar"><svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect width="{100 * weight / longest:.1f}" height="6"/></svg></td>'
        f"<td>{escape(words)}</td></tr>"
        for name, weight, words in rows
    )
    name, figure, words = map(escape, head)
    return (
        f'<div class="table"><table>\n<thead><tr><th>{name}</th><th class="number">{figure}'
        f"</th><th></th><th>{words}</th></tr></thead>\n"
        f"<tbody>\n{body}\n</tbody>\n</table></div>"
    )


def figure(plot: Plot, caption: str) -> str:
    """Make a plot with a title and words below."""
    return (
        f"<figure>\n<h3>{escape(plot.title)}</h3>\n{svg(plot)}\n"
        f"<figcaption>{escape(caption)}</figcaption>\n</figure>"
    )
