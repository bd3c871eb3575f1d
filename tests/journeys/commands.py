"""Commands of the product, run as a person runs them."""

import subprocess
import sys
from pathlib import Path


def review(*words: str, data: Path | None = None) -> subprocess.CompletedProcess[str]:
    """One `review` command, on this data folder if one is given."""
    place = ["--data", str(data)] if data else []
    command = [sys.executable, "-m", "review.cli", *words, *place]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
