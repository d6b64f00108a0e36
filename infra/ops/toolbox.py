"""A virtual environment for each tool under `.tools/`, made once and remade when its requirements change.

Standard library alone: this runs before anything is installed.
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def environment(name: str, requirements: Path) -> Path:
    """The environment `name` with exactly these requirements. Returns its interpreter."""
    place = ROOT / ".tools" / name
    python = place / "bin" / "python"
    wanted = hashlib.sha256(requirements.read_bytes()).hexdigest()
    stamp = place / "requirements.sha256"
    if python.exists() and stamp.exists() and stamp.read_text() == wanted:
        return python
    print(f"making {place.relative_to(ROOT)} from {requirements.relative_to(ROOT)}", file=sys.stderr)
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(place)], check=True)
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--requirement", str(requirements)], check=True, stdout=sys.stderr)
    stamp.write_text(wanted)
    return python


def run_in(name: str, requirements: str, module: str) -> None:
    """Goes on as `python -m module` with the same arguments, in the environment `name`. Does not return."""
    try:
        python = environment(name, ROOT / requirements)
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"could not make the environment .tools/{name}: {error}")
    os.environ["PYTHONPATH"] = str(ROOT / "infra")
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    os.execv(python, [str(python), "-m", module, *sys.argv[1:]])
