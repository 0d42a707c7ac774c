"""Labels with too few pictures, or far fewer than others."""

from collections.abc import Iterator, Mapping

from poets.check.findings import Finding
from poets.config.data import SplitConfig
from poets.images import MIN_ADVISED
from poets.split import wanted_parts

FAR_FEWER = 5  # times as many pictures has the largest label


def balance_findings(counts: Mapping[str, int], split: SplitConfig) -> Iterator[Finding]:
    """Judge how many readable pictures each label has; 0 for one that has none."""
    needed = len(wanted_parts(split))
    if sum(count > 0 for count in counts.values()) < 2:
        labels = tuple(counts)
        yield Finding("too-few-pictures", "two labels are the least to tell apart", labels=labels)
    most = max(counts.values(), default=0)
    for label, count in counts.items():
        have = f"{label}: {count:,} picture{'s' * (count != 1)}"
        if count < needed:
            said = f"{have}, {needed} are needed, one a part"
            yield Finding("too-few-pictures", said, labels=(label,))
        elif count < MIN_ADVISED:
            said = f"{have}, {MIN_ADVISED} are advised"
            yield Finding("few-pictures", said, labels=(label,))
        if count * FAR_FEWER < most and count:
            said = f"{have}, the largest label has {most:,}"
            yield Finding("out-of-balance", said, labels=(label,))
