"""What happened, as numbers: shown on the admin address, and logged once a minute. No id but a problem's code."""

from collections import Counter


class Counters:
    """Counts by name and label since the process began."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()
        self._logged: Counter[tuple[str, str]] = Counter()

    def add(self, name: str, label: str = "", by: int = 1) -> None:
        """One more of these."""
        self._counts[name, label] += by

    def news(self) -> dict[str, int]:
        """What was added since the last time of asking; empty if nothing was."""
        fresh = self._counts - self._logged
        self._logged = self._counts.copy()
        return {f"{name}.{label}" if label else name: count for (name, label), count in sorted(fresh.items())}

    def prometheus(self) -> str:
        """The text format of Prometheus."""
        lines: list[str] = []
        for name in sorted({name for name, _ in self._counts}):
            lines.append(f"# TYPE firstcontact_mailbox_{name}_total counter")
            for (of, label), count in sorted(self._counts.items()):
                if of == name:
                    labels = f'{{kind="{label}"}}' if label else ""
                    lines.append(f"firstcontact_mailbox_{name}_total{labels} {count}")
        return "\n".join(lines) + "\n"
