"""Print the README's installing command that holds a word, so that checks run exactly that.

python scripts/readme_command.py pytest
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

README = Path(__file__).resolve().parent.parent / "README.md"


def command(word: str) -> str:
    """Find the first line of the README's code blocks that installs and holds ``word``."""
    blocks = re.findall(r"```(?:bash|sh|console)?\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    for line in "\n".join(blocks).splitlines():
        if word in line and "pip install" in line:
            return line.strip()
    raise SystemExit(f"the README has no installing command with {word!r}")


if __name__ == "__main__":
    print(command(sys.argv[1]))
