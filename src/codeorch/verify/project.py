"""The files of a project, asked for what its configuration says. All of it is untrusted."""

import configparser
import json
import shutil
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from codeorch.domain import SourceFile
from codeorch.verify.interpreter import Python, find_python


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """The files of a commit, and the user's working tree where what git does not keep may lie."""

    files: Mapping[str, SourceFile]
    folder: Path
    variables: Mapping[str, str] = field(default_factory=dict)  # of the user's shell
    has_own_programs: bool = False  # whether commands find other programs than this machine's

    def text(self, path: str) -> str:
        """Return a file's text; empty when there is none."""
        return self.files[path].text if path in self.files else ""

    def python(self) -> Python:
        """Return the interpreter that runs the project's tests."""
        if self.has_own_programs:
            return Python(program=Path("python3"), reason="the image's own interpreter")
        return find_python(self.folder, self.variables)

    def toml(self, path: str) -> dict[str, Any]:
        """Read a TOML file; a faulty one is empty."""
        try:
            return tomllib.loads(self.text(path))
        except tomllib.TOMLDecodeError:
            return {}

    def json(self, path: str) -> dict[str, Any]:
        """Read a JSON file; what is no object is empty."""
        try:
            value = json.loads(self.text(path))
        except (ValueError, RecursionError):
            return {}
        return value if isinstance(value, dict) else {}

    def ini(self, path: str) -> configparser.ConfigParser:
        """Read an INI file; a faulty one is empty."""
        parser = configparser.ConfigParser(interpolation=None, strict=False)
        try:
            parser.read_string(self.text(path))
        except configparser.Error:
            return configparser.ConfigParser()
        return parser

    def tools(self) -> dict[str, Any]:
        """Return the tool tables of pyproject.toml."""
        tools = self.toml("pyproject.toml").get("tool", {})
        return tools if isinstance(tools, dict) else {}

    def has_any(self, *paths: str) -> bool:
        """Return whether one of these files is there."""
        return any(path in self.files for path in paths)

    def module_command(self, name: str) -> tuple[str, ...] | None:
        """Return the command of a Python tool, if it is installed beside what runs the tests."""
        python = self.python()
        return (str(python.program), "-m", name) if python.has_module(name) else None

    def node_command(self, name: str) -> tuple[str, ...] | None:
        """Return the command of a tool, if it is installed in node_modules."""
        path = f"node_modules/.bin/{name}"
        return (path,) if (self.folder / path).exists() else None

    def program_command(self, name: str) -> tuple[str, ...] | None:
        """Return the command of a tool, if it is on the search path."""
        program = shutil.which(name, path=self.variables.get("PATH", ""))
        return (name,) if program else None
