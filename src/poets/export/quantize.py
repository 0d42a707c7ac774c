"""Graphs with weights of 8 bits: what each of the codelab's modes has become."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from poets.config.flags import Flag, FlagGroup
from poets.errors import UsageError
from poets.files import check_writable, replacing
from poets.registry import load


@dataclass(frozen=True)
class Mode:
    """What a mode makes of a graph."""

    name: str
    suffix: str  # of the file that it makes
    make: str  # "module:function", (the graph, its outputs to keep, the file to write) -> None
    does: str


MODES = (  # of those that make one kind of file, the first is the usual one
    Mode(
        "weights_rounded",
        ".pb",
        "poets.export.eight_bit_graph:write_rounded",
        "each weight becomes one of 256 values; as large, but packs to a third",
    ),
    Mode(
        "weights",
        ".pb",
        "poets.export.eight_bit_graph:write_packed",
        "weights of 8 bits, unpacked when it runs; a quarter of the size",
    ),
    Mode(
        "eightbit",
        ".tflite",
        "poets.export.eight_bit_tflite:write",
        "weights and most arithmetic of 8 bits; a quarter of the size",
    ),
    Mode("weights", ".tflite", "poets.export.eight_bit_tflite:write", "the same"),
)
RETIRED = {  # what they did, which is not made any more
    "round": "only showed, slowly, what 8 bits would cost: evaluate the other modes' graphs",
    "quantize": "the same",
}
_AUTO = "auto"
_NAMES = tuple(dict.fromkeys([_AUTO, *RETIRED, *(mode.name for mode in MODES)]))


@dataclass(frozen=True, kw_only=True)
class QuantizeConfig(FlagGroup):
    """Which graph becomes what."""

    input: Annotated[Path, Flag("The graph, a .pb, or a .tflite beside its .pb.")]
    output: Annotated[Path, Flag("The file to write, a .pb or .tflite.")]
    output_node_names: Annotated[
        str | None, Flag("Outputs to keep, with commas between; else all that the graph has.")
    ] = None
    mode: Annotated[
        str, Flag("What to do; auto is weights_rounded or eightbit.", choices=_NAMES)
    ] = _AUTO

    @property
    def outputs(self) -> tuple[str, ...]:
        """The names of the outputs to keep; none for all."""
        names = (self.output_node_names or "").split(",")
        return tuple(name.strip() for name in names if name.strip())


def quantize(config: QuantizeConfig) -> None:
    """Write the graph anew with weights of 8 bits.

    Raises UsageError for a mode that makes no such file, ModelError for a graph that cannot be
    read or changed, OutputError.
    """
    suffix = config.output.suffix.lower()
    fitting = [m for m in MODES if m.suffix == suffix and config.mode in {m.name, _AUTO}]
    if not fitting:
        message = f"--mode {config.mode} does not make {config.output.name}."
        raise UsageError(message, hint=explain_modes())
    check_writable(config.output)
    make = load(fitting[0].make)
    with replacing(config.output) as partial:
        make(config.input, config.outputs, partial)


def explain_modes() -> str:
    """Return a line a mode."""
    rows = [(mode.name, mode.suffix, mode.does) for mode in MODES]
    rows += [(name, "", why) for name, why in RETIRED.items()]
    return "\n".join(f"{name:15}  {suffix:7}  {text}" for name, suffix, text in rows)
