"""Write the lock files anew from pyproject.toml (needs uv). They record versions and hashes, never a host."""

import subprocess
import sys

COMMON = [
    "uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11", "--generate-hashes",
    "--no-emit-index-url", "--group", "build", "pyproject.toml",
]  # fmt: skip
LOCKS = {
    "requirements.lock": [],
    "requirements-dev.lock": ["--group", "dev", "--constraint", "requirements.lock"],
    "requirements-cluster.lock": ["--extra", "cluster", "--group", "cluster-tests"],
}


def main(arguments):
    """Keep the versions already locked unless asked by `--upgrade`."""
    for name, more in LOCKS.items():
        header = ["--custom-compile-command", "make lock"]
        try:
            done = subprocess.run([*COMMON, *more, *header, *arguments, "-o", name], check=False)
        except FileNotFoundError:
            print("Writing the lock files needs uv: `pip install uv`, then run this again.", file=sys.stderr)
            return 1
        if done.returncode:
            return done.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
