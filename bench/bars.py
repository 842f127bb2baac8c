"""A plot of bars as SVG: a name and a number for each, the longest first."""

from collections.abc import Mapping
from html import escape


def plot(title: str, caption: str, values: Mapping[str, float]) -> str:
    """Draw it; the title is for who cannot see it."""
    bars = sorted(values.items(), key=lambda bar: -bar[1])
    longest = bars[0][1]
    rows = "\n".join(
        f'<text x="230" y="{30 * place + 45}" text-anchor="end">{escape(label)}</text>'
        f'<rect x="240" y="{30 * place + 30}" width="{400 * rate / longest:.1f}" height="20"/>'
        f'<text x="{250 + 400 * rate / longest:.1f}" y="{30 * place + 45}">{rate:,.0f}</text>'
        for place, (label, rate) in enumerate(bars)
    )
    height = 30 * len(bars) + 40
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 {height}" role="img" '
        'font-family="system-ui, sans-serif" font-size="13">\n'
        f"<title>{escape(title)}</title>\n"
        f'<rect width="720" height="{height}" fill="#fff"/>\n'
        f'<text x="240" y="18" font-weight="600">{escape(caption)}'
        f'</text>\n<g fill="#24527a">\n{rows}\n</g>\n</svg>\n'
    )
