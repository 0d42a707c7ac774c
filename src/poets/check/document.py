"""An examination for other programs: JSON, in which nothing is left out."""

import json
from collections import Counter
from dataclasses import asdict

from poets.check.examination import Examination
from poets.check.findings import KINDS, SEVERITIES, Finding

_FORMAT = 1  # docs/check.md describes it


def to_json(examination: Examination) -> str:
    """Return all that was found, and every kind there is with its count."""
    found = Counter(finding.kind for finding in examination.findings)
    document = {
        "format": _FORMAT,
        "image_dir": str(examination.image_dir),
        "architecture": examination.architecture or None,
        "pictures": sum(examination.counts.values()),
        "labels": dict(examination.counts),
        "severities": {severity: examination.count(severity) for severity in SEVERITIES},
        "kinds": [asdict(kind) | {"count": found[kind.name]} for kind in KINDS.values()],
        "findings": [_finding(finding) for finding in examination.findings],
        "gains": [asdict(gain) | {"gain": gain.gain} for gain in examination.gains],
        "not_checked": dict(examination.not_checked),
    }
    # In ASCII: a path may hold bytes that are no UTF-8.
    return json.dumps(document, indent=1) + "\n"


def _finding(finding: Finding) -> dict[str, object]:
    return {
        "kind": finding.kind,
        "severity": finding.severity,
        "message": finding.message,
        "paths": [str(path) for path in finding.paths],
        "labels": list(finding.labels),
        "remedy": finding.remedy,
    }
