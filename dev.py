"""Set up this checkout and run something in it: `python3 dev.py demo`, `python3 dev.py test`.

Needs only Python 3.11 or newer: it makes `.venv`, installs the locked, hashed
requirements (with uv if it is installed, else with pip) and runs the command there.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).resolve().parent
VENV = HERE / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
OLDEST = (3, 11)
AT_ONCE = ("-n", str((os.cpu_count() or 1) + 1), "--dist", "worksteal")
"""One test process more than there are cores, because some tests wait."""


def run(*command: str | Path) -> None:
    """Run a command in the checkout. If it fails, exit with its exit code."""
    environment = {
        **os.environ,
        "NO_MKDOCS_2_WARNING": "1",  # an advertisement
        "PYTHONDONTWRITEBYTECODE": "",  # tests start hundreds of processes, and each would compile all it imports
    }
    code = subprocess.run([str(part) for part in command], cwd=HERE, env=environment, check=False).returncode
    if code:
        sys.exit(code)


def set_up(lock: str) -> None:
    """Install `requirements/<lock>.txt` and rollcall into `.venv`, unless that is done already."""
    requirements = HERE / "requirements" / f"{lock}.txt"
    wanted = hashlib.sha256(requirements.read_bytes() + (HERE / "pyproject.toml").read_bytes()).hexdigest()
    stamp = VENV / f"{lock}.installed"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    print(f"setting up .venv from requirements/{lock}.txt ...", file=sys.stderr, flush=True)
    uv = shutil.which("uv")
    python = BIN / "python"
    if not python.exists():
        make_environment(uv)
    pip = (
        [uv, "pip", "install", "-q", "--compile-bytecode", "--python", str(python)]
        if uv
        else [str(python), "-m", "pip", "install", "-q"]
    )
    run(*pip, "--require-hashes", "-r", requirements)
    run(*pip, "--no-deps", "--no-build-isolation", "-e", ".")
    stamp.write_text(wanted)


def make_environment(uv: str | None) -> None:
    """Make the empty environment, or name the system package that is missing."""
    if uv:
        run(uv, "venv", "-q", "--python", sys.executable, VENV)
        return
    try:
        import ensurepip  # noqa: F401  a Python without it cannot make an environment that has pip
    except ImportError:
        sys.exit("This Python has no 'ensurepip'. Install it (Debian, Ubuntu: apt install python3-venv) or install uv.")
    run(sys.executable, "-m", "venv", VENV)


def demo() -> None:
    """Run rollcall check on an emulated tenant; needs no account."""
    set_up("run")
    run(BIN / "rollcall", "check", "--demo")


def test() -> None:
    """Run every check that CI runs: style, types, tests, docs."""
    style()
    run(BIN / "mkdocs", "build", "-q", "--strict", "--site-dir", "site")
    run(BIN / "python", "-m", "pytest", *AT_ONCE)


def style() -> None:
    """Check style and types, as the pre-commit hook does."""
    set_up("dev")
    run(BIN / "ruff", "check", ".")
    run(BIN / "ruff", "format", "--check", ".")
    run(BIN / "mypy")


def quick() -> None:
    """Run only the tests, without the thorough ones."""
    set_up("dev")
    run(BIN / "python", "-m", "pytest", *AT_ONCE, "-m", "not thorough")


def docs() -> None:
    """Write the generated pages and build the site into `site/`."""
    set_up("dev")
    run(BIN / "python", "docs/generate.py")
    run(BIN / "mkdocs", "build", "--strict", "--site-dir", "site")


def bench() -> None:
    """Compare rollcall with bare HTTP and with usual scripts, and write `docs/benchmark.md`."""
    set_up("dev")
    run(BIN / "python", "-m", "quality.bench", *(sys.argv[2:] or ["--write"]))


def precision() -> None:
    """Check the diagnosis of all faults and pairs of faults. Write `docs/precision.md`."""
    set_up("dev")
    run(BIN / "python", "-m", "quality.precision", *(sys.argv[2:] or ["--write"]))


def fuzz() -> None:
    """Fuzz each reader for a minute; `fuzz TARGET --seconds N` fuzzes one."""
    set_up("dev")
    run(BIN / "python", "-m", "quality.fuzz", *sys.argv[2:])


def mutants() -> None:
    """Change one place of the sources at a time. Print what no test notices."""
    set_up("dev")
    run(BIN / "python", "-m", "quality.mutants", *sys.argv[2:])


def strikes() -> None:
    """Break each response of a run in each way. Check the outcome and write `docs/strikes.md`."""
    set_up("dev")
    run(BIN / "python", "-m", "quality.strikes", *(sys.argv[2:] or ["--guards", "--write"]))


def browser() -> None:
    """Install Debian's Chromium for the browser tests. Only if it is missing, with apt-get as root."""
    if any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))):
        return
    if not shutil.which("apt-get"):
        print("the browser tests are skipped: no Chromium, and no apt-get to install it", file=sys.stderr)
    elif os.geteuid() != 0:
        print("the browser tests are skipped: no Chromium, and only root can install it", file=sys.stderr)
    else:
        run("apt-get", "update", "-q")
        run("apt-get", "install", "-q", "-y", "--no-install-recommends", "chromium")


def build() -> None:
    """Build the sdist and the wheel into `dist/`, with the locked tools."""
    set_up("dev")
    run(BIN / "python", "-m", "quality.sbom")
    run(BIN / "python", "-m", "hatchling", "build", "--clean")


def lock() -> None:
    """Write the locks and the SBOM from pyproject.toml (needs uv)."""
    options = ["-q", "--universal", "--generate-hashes", "--no-header", "--upgrade", "--python-version", "3.11"]
    resolve = ["uv", "pip", "compile", *options, "pyproject.toml"]
    run(*resolve, "--extra", "keyring", "requirements/build.in", "-o", "requirements/run.txt")
    run(*resolve, "--extra", "keyring", "--group", "dev", "-o", "requirements/dev.txt")
    run(*resolve, "requirements/container.in", "-c", "requirements/run.txt", "-o", "requirements/container.txt")
    run(sys.executable, "-m", "quality.sbom")


COMMANDS: dict[str, Callable[[], None]] = {
    "demo": demo,
    "test": test,
    "quick": quick,
    "style": style,
    "build": build,
    "docs": docs,
    "bench": bench,
    "precision": precision,
    "strikes": strikes,
    "mutants": mutants,
    "fuzz": fuzz,
    "browser": browser,
    "lock": lock,
}


def main() -> None:
    """Run the command from the command line."""
    if sys.version_info < OLDEST:
        sys.exit(f"rollcall needs Python {OLDEST[0]}.{OLDEST[1]} or newer; this is {sys.version.split()[0]}.")
    command = COMMANDS.get(sys.argv[1] if len(sys.argv) > 1 else "")
    if command is None:
        width = max(map(len, COMMANDS))
        lines = [f"  {name:{width}}  {function.__doc__}" for name, function in COMMANDS.items()]
        sys.exit("\n".join(["usage: python3 dev.py COMMAND", *lines]))
    command()


if __name__ == "__main__":
    main()
