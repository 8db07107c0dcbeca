#!/usr/bin/env python3
"""Writes the bundled refusal list: digests of the passwords people choose most.

Decides the file's bytes and nothing else: which passwords are refused, and in which words, is the
rules crate's business. Input is a text file, one password a line; without one the list that the
Django package ships is fetched with pip into a temporary directory. Output is one binary file: for
every password the first 8 bytes of the SHA-256 of its lower case, in ascending order, without
header or separator. crates/rules/data/README.md tells where the list comes from.

    scripts/common-passwords.py                 # the bundled list again, byte for byte
    scripts/common-passwords.py my-list.txt     # another list
"""

import argparse
import gzip
import hashlib
import pathlib
import subprocess
import sys
import tempfile
import zipfile

DIGEST_BYTES = 8
FEWEST_ENTRIES = 10_000

# An exact version, so that two runs a year apart write the same file.
DJANGO = "Django==5.2.19"
DJANGO_MEMBER = "django/contrib/auth/common-passwords.txt.gz"

ROOT = pathlib.Path(__file__).resolve().parent.parent
DEFAULT_OUTPUT = ROOT / "crates" / "rules" / "data" / "common-passwords.bin"


def django_list() -> str:
    """The text of Django's list, read out of its wheel; nothing of the package is executed."""
    with tempfile.TemporaryDirectory() as directory:
        subprocess.run(
            [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps",
             "--only-binary", ":all:", "--dest", directory, DJANGO],
            check=True,
        )
        (wheel,) = pathlib.Path(directory).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            return gzip.decompress(archive.read(DJANGO_MEMBER)).decode("utf-8")


def digests(text: str) -> list[bytes]:
    """One sorted digest per distinct password. A collision of two entries is an error."""
    # Only the line end is taken off: a space inside or beside a password belongs to it.
    lines = text.replace("\r\n", "\n").split("\n")
    # The rules crate asks for the lower case of a password too (`str::to_lowercase`).
    passwords = {line.lower() for line in lines} - {""}
    found = sorted({
        hashlib.sha256(password.encode("utf-8")).digest()[:DIGEST_BYTES] for password in passwords
    })
    if len(found) != len(passwords):
        sys.exit("two passwords share a digest: raise DIGEST_BYTES here and in the rules crate")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description="Write the bundled list of refused passwords.")
    parser.add_argument("list", nargs="?", type=pathlib.Path,
                        help="text file, one password a line [default: Django's list]")
    parser.add_argument("--output", type=pathlib.Path, default=DEFAULT_OUTPUT,
                        help="where to write [default: crates/rules/data/common-passwords.bin]")
    arguments = parser.parse_args()

    text = arguments.list.read_text(encoding="utf-8") if arguments.list else django_list()
    found = digests(text)
    if len(found) < FEWEST_ENTRIES:
        sys.exit(f"{len(found)} passwords are too few: at least {FEWEST_ENTRIES} are expected")
    content = b"".join(found)
    arguments.output.write_bytes(content)
    print(f"{len(found)} digests, {len(content)} bytes, "
          f"SHA-256 {hashlib.sha256(content).hexdigest()}")


if __name__ == "__main__":
    main()
