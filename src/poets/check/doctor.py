"""The story of `poets check` in one screen."""

from collections.abc import Sequence

from poets.check.balance import balance_findings
from poets.check.config import CheckConfig
from poets.check.contents import Contents, content_findings, extract_contents, read_contents
from poets.check.duplicates import Placed, exact_groups, group_findings
from poets.check.examination import Examination
from poets.check.findings import Finding, in_order
from poets.check.headers import Header, header_findings, read_headers
from poets.check.listing import list_pictures
from poets.check.names import name_findings
from poets.check.opinion import BY_TURNING, judge
from poets.check.rotation import Turner, rotation_findings, why_not_judged
from poets.config.data import SplitConfig
from poets.errors import DataError
from poets.features.cache import FeatureCache
from poets.images import LabeledImage, count_labels
from poets.report import Reporter
from poets.split import assign_split, split_images
from poets.stages.network import get_backbone


def check(config: CheckConfig, reporter: Reporter) -> Examination:
    """Look at a folder of pictures; it is not changed, but the cache is filled unless `quick`.

    Raises DataError where there is no such folder, ModelError where the network cannot be had,
    OutputError where the cache cannot be written.
    """
    reporter.looking_for_images(config.image_dir)
    listing = list_pictures(config.image_dir)
    counts = count_labels(listing.images)
    reporter.images_found(counts)
    headers = read_headers(listing.images, reporter)
    contents, doubts = _read(headers, config, reporter)
    placed = _place(contents.images, config.split)
    copies = exact_groups(contents.hashes)
    opinion = judge(contents, placed, copies, reporter)
    readable = dict.fromkeys(counts, 0) | count_labels(contents.images)
    findings = [
        *listing.findings,
        *name_findings(listing),
        *content_findings(contents),
        *header_findings(headers, set(contents.images)),
        *doubts,
        *balance_findings(readable, config.split),
        *group_findings("copies", copies, placed),
        *opinion.findings,
    ]
    return Examination(
        image_dir=config.image_dir,
        architecture=contents.architecture,
        counts=readable,
        findings=in_order(findings),
        gains=opinion.gains,
        not_checked=opinion.not_checked | _turns_not_judged(headers, config),
    )


def _read(
    headers: Sequence[Header], config: CheckConfig, reporter: Reporter
) -> tuple[Contents, tuple[Finding, ...]]:
    """Read what is in the files; with a network, judge also how the pictures stand."""
    if config.quick:
        return read_contents([header.image for header in headers], reporter), ()
    backbone = get_backbone(config.backbone, reporter)
    with FeatureCache(config.backbone.bottleneck_dir) as cache:
        contents = extract_contents(headers, backbone, cache, reporter)
        readable = set(contents.images)
        own = [header for header in headers if header.image in readable]
        return contents, tuple(rotation_findings(own, Turner(backbone, cache, reporter)))


def _place(images: tuple[LabeledImage, ...], split: SplitConfig) -> Placed:
    """Give each picture the part that `retrain` gives it."""
    try:
        return Placed(images, split_images(images, split))
    except DataError:  # a label has too few pictures, and that is said
        return Placed(images, tuple(assign_split(image.path.name, split) for image in images))


def _turns_not_judged(headers: Sequence[Header], config: CheckConfig) -> dict[str, str]:
    why = "" if config.quick else why_not_judged(headers)
    return dict.fromkeys(BY_TURNING, why) if why else {}
