"""What the scripts share: percentiles, the machine, rows with a figure, a peer's figure, their ratio and the bar."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Row:
    """One figure beside its peer's. A bar holds for the ratio where there is a peer, else for the figure itself."""

    bar_id: str
    what: str
    ours: float
    unit: str
    peer: str = ""
    peer_figure: float | None = None
    bar: float | None = None
    on_ratio: bool = True
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """Ours divided by the peer's; None where the peer was not measured."""
        return self.ours / self.peer_figure if self.peer_figure else None

    @property
    def met(self) -> bool | None:
        """Whether the bar is met; None where it could not be measured."""
        if self.bar is None:
            return None
        if not self.on_ratio:
            return self.ours <= self.bar
        return None if self.ratio is None else self.ratio <= self.bar


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which a share of the values lies, between neighbours by proportion."""
    ordered = sorted(values)
    place = (len(ordered) - 1) * share
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def machine() -> str:
    """The machine in a few words."""
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores{load}"


def report(title: str, rows: Sequence[Row], versions: Mapping[str, str], *, as_json: bool) -> int:
    """Print the rows. Returns: 1 if a bar that was measured is not met, else 0."""
    if as_json:
        found: dict[str, Any] = {"title": title, "machine": machine(), "versions": dict(versions)}
        found["rows"] = [{**asdict(row), "ratio": row.ratio, "met": row.met} for row in rows]
        sys.stdout.write(json.dumps(found) + "\n")
    else:
        sys.stdout.write(f"{title}\n{machine()}; {', '.join(f'{k} {v}' for k, v in versions.items())}\n")
        for row in rows:
            peer = (
                f"{row.peer} {row.peer_figure:.4g} {row.unit}"
                if row.peer_figure
                else row.peer and f"{row.peer}: not measured"
            )
            ratio = f"{row.ratio:.4f}" if row.ratio is not None else "-"
            bar = "" if row.bar is None else f"bar {row.bar:g}{'x' if row.on_ratio else ' ' + row.unit}"
            words = {True: "met", False: "NOT MET", None: ""}[row.met]
            ours = f"{row.bar_id:4s} {row.what:40s} {row.ours:9.4g} {row.unit:3s}"
            line = f"{ours} {peer:30s} ratio {ratio:8s} {bar:12s} {words} {row.note}"
            sys.stdout.write(line.rstrip() + "\n")
    return 1 if any(row.met is False for row in rows) else 0
