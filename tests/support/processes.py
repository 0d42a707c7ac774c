"""Python programs in processes of their own: to be killed, limited, or without a root's rights."""

import subprocess
import sys
from pathlib import Path

from tests.support.commands import Output

# For a root, permissions do not count. To stand behind the imports, which another user may not
# be able to read, in a folder that anybody may enter.
NO_RIGHTS = """
import os
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
"""

# `retrain` that fails where it loads TensorFlow.
RETRAIN_WITHOUT_TENSORFLOW = """
import sys
from poets.cli.retrain import command
command.main(sys.argv[1:], standalone_mode=False)
sys.exit("tensorflow" in sys.modules or "keras" in sys.modules)
"""


def python(program: str, *arguments: str | Path, folder: Path) -> Output:
    """Run a program in `folder` to its end."""
    return subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments)],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def start_python(program: str, *arguments: str | Path) -> subprocess.Popen[str]:
    """Start a program that can be spoken with line by line."""
    return subprocess.Popen(
        [sys.executable, "-u", "-c", program, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
