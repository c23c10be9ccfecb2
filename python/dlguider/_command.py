"""The command `dlguider` of a wheel: the program of the package's tree, in place of this process."""

from __future__ import annotations

import os
import sys

from ._library import tree


def main() -> None:
    program = tree() / "bin" / "dlguider"
    try:
        os.execv(program, ["dlguider", *sys.argv[1:]])
    except OSError as why:
        sys.exit(f"dlguider: cannot run {program} ({why.strerror}); install the package again")
