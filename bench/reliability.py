"""A reliability diagram as a small SVG: what was said (scores of left-out entries, in tenths) against what was seen."""
import numpy as np

SIDE, LEFT, TOP = 320, 44, 16
COLOURS = ["#1f6fb2", "#c4562b"]


def points(said, seen):
    """(mean score, share that was faulty, entries) of every tenth that has any."""
    for low in np.arange(0, 1, .1):
        k = (said >= low) & (said < low + .1001)
        if k.any():
            yield said[k].mean(), seen[k].mean(), int(k.sum())


def place(x, y):
    return LEFT + x * SIDE, TOP + (1 - y) * SIDE


def draw(path, rows):
    """rows: (title, scores, whether each was faulty)."""
    x1, y1 = place(1, 0)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{SIDE + LEFT + 20}" height="{SIDE + TOP + 44}" font-family="sans-serif" font-size="11">',
           '<rect width="100%" height="100%" fill="#fff"/>',
           f'<path d="M{LEFT} {TOP}V{y1}H{x1}" fill="none" stroke="#333"/>',
           f'<path d="M{LEFT} {y1}L{x1} {TOP}" stroke="#bbb" stroke-dasharray="4 3"/>']
    for tick in (0, .25, .5, .75, 1):
        x, y = place(tick, tick)
        out.append(f'<text x="{x:.0f}" y="{y1 + 14:.0f}" text-anchor="middle">{tick:g}</text><text x="{LEFT - 6}" y="{y + 4:.0f}" text-anchor="end">{tick:g}</text>')
    out.append(f'<text x="{LEFT + SIDE / 2:.0f}" y="{y1 + 32:.0f}" text-anchor="middle">score</text>')
    out.append(f'<text x="12" y="{TOP + SIDE / 2:.0f}" text-anchor="middle" transform="rotate(-90 12 {TOP + SIDE / 2:.0f})">share of faulty entries</text>')
    for k, (title, said, seen) in enumerate(rows):
        colour, found = COLOURS[k % len(COLOURS)], list(points(said, seen))
        line = "L".join("{:.1f} {:.1f}".format(*place(a, b)) for a, b, _ in found)
        out.append(f'<path d="M{line}" fill="none" stroke="{colour}"/>')
        for a, b, n in found:
            x, y = place(a, b)
            out.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{2 + np.log10(n):.1f}" fill="{colour}" fill-opacity=".7"><title>{n} entries</title></circle>')
        brier = ((said - seen) ** 2).mean()
        out.append(f'<text x="{LEFT + 10}" y="{TOP + 14 + 15 * k}" fill="{colour}">{title}, Brier score {brier:.3f}</text>')
    with open(path, "w") as stream:
        stream.write("\n".join(out) + "\n</svg>\n")
