"""Readers of configuration files in Python, as apps use them.

Reads files from standard input, each after its length in four bytes, and answers each with a line:
empty if the reader takes it, else why not. The first argument names the reader.
"""

import configparser
import io
import json
import logging
import os
import re
import struct
import subprocess
import sys
import tempfile


def files():
    stdin = sys.stdin.buffer
    while header := stdin.read(4):
        yield stdin.read(struct.unpack(">I", header)[0])


def pyyaml():
    import yaml

    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
        """As in apps that define tags."""

    def tagged(loader, _suffix, node):
        if isinstance(node, yaml.MappingNode):
            return loader.construct_mapping(node, deep=True)
        if isinstance(node, yaml.SequenceNode):
            return loader.construct_sequence(node, deep=True)
        return loader.construct_scalar(node)

    Loader.add_multi_constructor("!", tagged)
    # Such as !!python/name, which PyYAML's other loaders know.
    Loader.add_multi_constructor("tag:yaml.org,2002:", tagged)
    return lambda data: list(yaml.load_all(data, Loader))


def toml():
    import tomllib

    return lambda data: tomllib.load(io.BytesIO(data))


def ini(strict, allow_no_value):
    def read(data):
        parser = configparser.ConfigParser(
            interpolation=None, strict=strict, allow_no_value=allow_no_value
        )
        parser.read_string(data.decode("utf-8"))

    return read


def dotenv():
    from dotenv.parser import parse_stream

    def read(data):
        for binding in parse_stream(io.StringIO(data.decode("utf-8"))):
            if binding.error:
                raise ValueError(f"cannot parse line {binding.original.line}")

    return read


# As Go's unicode.IsSpace; Python's own are more.
GO_BLANKS = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)


def docker_env(data):
    """`docker run --env-file`. Source: docker/cli, pkg/kvfile"""
    for number, line in enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        text = line.removesuffix(b"\r").decode("utf-8").lstrip(GO_BLANKS)
        if text == "" or text.startswith("#"):
            continue
        name = text.split("=", 1)[0]
        if name == "" or re.search(r"[ \t]", name):
            raise ValueError(f"line {number}: {name!r} is not a name")


def git(data):
    """An exit code per file, as git has no other way."""
    run("git", "config", "--file", "-", "--list", data=data)


# The version, which begins a certificate in DER.
CERTIFICATE = re.compile(rb"0\x82..0(?:\x82..|\x81.|.)\xa0\x03\x02\x01", re.DOTALL)


def openssl(data):
    """Whatever OpenSSL finds in a file: certificates, keys, lists of revoked ones."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        try:
            found = run("openssl", "storeutl", "-noout", "-passin", "pass:", file.name)
            if b"Total found: 0" in found:
                raise ValueError("nothing found")
        except ValueError:
            # Unlike storeutl, programs that expect one kind ignore what follows it.
            kind = "x509" if CERTIFICATE.match(data) else "pkey"
            run("openssl", kind, "-noout", "-inform", "DER", "-in", file.name)


def run(*command, data=b""):
    done = subprocess.run(command, input=data, capture_output=True, env={"PATH": os.environ["PATH"]})
    if done.returncode != 0:
        raise ValueError(done.stderr.decode("utf-8", "replace"))
    return done.stdout


def systemd(all_files):
    """Many units at once: `systemd-analyze` takes long to start."""
    with tempfile.TemporaryDirectory() as directory:
        paths = [os.path.join(directory, f"unit-{index}.service") for index in range(len(all_files))]
        for path, data in zip(paths, all_files):
            with open(path, "wb") as file:
                file.write(data)
        said = {}
        for start in range(0, len(paths), 50):
            done = subprocess.run(
                ["systemd-analyze", "verify", "--man=no", *paths[start : start + 50]],
                capture_output=True,
            )
            for line in done.stderr.decode("utf-8", "replace").splitlines():
                found = re.match(r".*?unit-(\d+)\.service:\d+: (.*)", line)
                if found and not BENIGN.search(found[2]):
                    said.setdefault(int(found[1]), found[2])
        return [said.get(index, "") for index in range(len(all_files))]


# Messages about settings that systemd does not know, or values that it refuses: the syntax is right.
BENIGN = re.compile(r"^(?:Unknown (?:key|lvalue)|Failed to parse|Invalid (?!section header))")

READERS = {
    "pyyaml": pyyaml,
    "tomllib": toml,
    "json": lambda: json.loads,
    "configparser": lambda: ini(strict=True, allow_no_value=False),
    "configparser-lenient": lambda: ini(strict=False, allow_no_value=True),
    "python-dotenv": dotenv,
    "docker": lambda: docker_env,
    "git": lambda: git,
    "openssl": lambda: openssl,
}


def said_of(read, data):
    try:
        read(data)
        return ""
    except RecursionError:
        return "too deep"
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def main(name):
    logging.disable()
    if name == "systemd":
        answers = systemd(list(files()))
    else:
        read = READERS[name]()
        answers = (said_of(read, data) for data in files())
    for answer in answers:
        print(" ".join(answer.split()))


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    main(sys.argv[1])
