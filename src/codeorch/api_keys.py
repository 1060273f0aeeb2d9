"""Keys -> a process of their own; whoever reads the text of a repository has none of them.

    codeorch, started with keys in its environment
      |-- the model process: gets the keys through a pipe and asks the services
      `-- codeorch, started anew with the same arguments and without keys

To take a variable out of the environment would not do: the kernel goes on showing what a process
was started with.
"""

import base64
import json
import os
import socket
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

VARIABLES: Mapping[str, str] = {
    "anthropic": "ANTHROPIC_API_KEY",
    "openai": "OPENAI_API_KEY",
    "openrouter": "OPENROUTER_API_KEY",
}
_MESSAGES = frozenset({"anthropic", "bedrock", "vertex"})  # providers that speak the Messages API
_OTHERS = frozenset({"openai", "openrouter", "ollama", "lmstudio", "llama-cpp", "vllm"})
_LINE = "CODEORCH_MODEL_PROCESS"  # number of the process, of our end of the line, services
_FAULTS = "CODEORCH_KEY_FAULTS"  # what is wrong with keys, by service, as JSON
_RULES = ("rename ", "replace `")  # how requests begin that are carried out by rule
# From this program to itself, started anew; and from a user to action.yml.
INTERNAL_VARIABLES = (_LINE, _FAULTS, "CODEORCH_PYTHON")
_SERVER = "codeorch.answers.model_server"


@dataclass(frozen=True, slots=True)
class ModelProcess:
    """A process that can ask services: our end of the line to it, and whose keys it holds."""

    pid: int
    line: socket.socket
    services: frozenset[str]


@dataclass(frozen=True, slots=True)
class Keys:
    """Who pays: keys by service, or a process that holds them. Never shown, stored or tested.

    `faults` says of services why their key cannot be one, e.g. `OPENAI_API_KEY holds a line break`.
    """

    by_service: Mapping[str, str] = field(default_factory=dict, repr=False)
    process: ModelProcess | None = None
    faults: Mapping[str, str] = field(default_factory=dict)

    def has(self, service: str) -> bool:
        """Tell whether there is a key for a service."""
        return service in (self.process.services if self.process else self.by_service)


def keys_in_environment() -> Keys:
    """Return the keys that this process was started with, or the process that took them over."""
    line, faults = os.environ.pop(_LINE, ""), json.loads(os.environ.pop(_FAULTS, "{}"))
    if line:
        pid, descriptor, *services = line.split()
        os.set_inheritable(int(descriptor), False)  # noqa: FBT003 - the standard library's
        ours = socket.socket(fileno=int(descriptor))
        return Keys(process=ModelProcess(int(pid), ours, frozenset(services)), faults=faults)
    found = read_keys(os.environ)
    return Keys(found.by_service, faults={**faults, **found.faults})


def read_keys(variables: Mapping[str, str]) -> Keys:
    r"""Read the keys in an environment, without the space and quotes that were copied with them.

    >>> read_keys({"OPENAI_API_KEY": '"sk-1234" ', "ANTHROPIC_API_KEY": "sk-1\n2"}).faults
    {'anthropic': 'ANTHROPIC_API_KEY holds a line break'}
    """
    keys: dict[str, str] = {}
    faults: dict[str, str] = {}
    for service, name in VARIABLES.items():
        key = variables.get(name, "").strip().strip("\"'").strip()
        if odd := next((char for char in key if not "!" <= char <= "~"), ""):
            what = (
                "a line break" if odd in "\r\n" else "a blank" if odd.isspace() else _describe(odd)
            )
            faults[service] = f"{name} holds {what}"
        elif key:
            keys[service] = key
    return Keys(keys, faults=faults)


def mask_keys() -> None:
    """Have GitHub's runner mask the forms of the model keys that it does not know.

    It masks a secret as it was stored, and in no encoding.
    """
    if os.environ.get("GITHUB_ACTIONS") != "true":
        return
    for key in read_keys(os.environ).by_service.values():
        for form in sorted(frozenset(encodings(key)) - {key}):
            print(f"::add-mask::{form}", flush=True)  # noqa: T201 - a command to the runner


def encodings(secret: str) -> tuple[str, ...]:
    """Return the forms of a secret that somebody may write down: base64 in all alignments, hex."""
    raw = secret.encode()
    forms = {secret, secret[::-1], raw.hex(), raw.hex().upper()}
    for shift in range(3):
        whole = base64.b64encode(b"\0" * shift + raw).decode().rstrip("=")
        # What depends on the bytes around the secret is left out.
        inner = whole[-(-8 * shift // 6) : len(whole) - 1]
        forms |= {inner, inner.translate(str.maketrans("+/", "-_"))}
    return tuple(sorted(form for form in forms if len(form) >= 8))


def _describe(char: str) -> str:
    shown = f" {char!r}" if char.isprintable() else ""
    return f"a character that no key has{shown}"


def restart_without_keys(*, asks: bool) -> None:
    """Start this program anew without the keys in its environment; return if there are none.

    When it `asks` a model, a model process is started first. It loads its packages, which takes
    about a second, while the repository is read.
    """
    keys = read_keys(os.environ)
    if not keys.by_service and not keys.faults:
        return
    environment = _environment() | {_FAULTS: json.dumps(dict(keys.faults))}
    if asks and keys.by_service:
        process = start_model_process(keys, _package(sys.argv[1:]))
        descriptor = process.line.fileno()
        os.set_inheritable(descriptor, True)  # noqa: FBT003 - as above
        environment[_LINE] = " ".join([str(process.pid), str(descriptor), *sorted(keys.by_service)])
    os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], environment)  # noqa: S606


def start_model_process(keys: Keys, package: str = "") -> ModelProcess:
    """Start a process that holds the keys; its standard input is the line to it.

    It loads the `package` of a provider at once, so that it is there when it is needed.
    """
    ours, theirs = socket.socketpair()
    environment = _environment()
    places = [str(Path(__file__).parents[1]), environment.get("PYTHONPATH", "")]
    with theirs:
        pid = os.posix_spawn(
            sys.executable,
            # -P: the folder that we are in may hold modules of any name.
            [sys.executable, "-P", "-m", _SERVER],
            environment | {"PYTHONPATH": os.pathsep.join(filter(None, places))},
            file_actions=[
                (os.POSIX_SPAWN_DUP2, theirs.fileno(), 0),
                (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
                (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
            ],
        )
    first = {"keys": dict(keys.by_service), "package": package}
    ours.sendall(json.dumps(first).encode() + b"\n")
    return ModelProcess(pid, ours, frozenset(keys.by_service))


def _package(args: Sequence[str]) -> str:
    """Guess from the arguments which package will ask; a wrong guess costs a second, no more.

    None will where the request reads like a rule, which needs no model.
    """
    if any(argument.lstrip().casefold().startswith(_RULES) for argument in args):
        return ""
    for name, following in zip(args, [*args[1:], ""], strict=True):
        option, _, value = name.partition("=")
        value = (value or following).partition("/")[0].casefold()
        if option == "--openai-base-url":
            return "openai"
        if option == "--provider" or (option == "--model" and value in _OTHERS):
            return "anthropic" if value in _MESSAGES else "openai"
    by_variable = os.environ.get("CODEORCH_PROVIDER", "anthropic").casefold()
    is_other = "CODEORCH_OPENAI_BASE_URL" in os.environ or by_variable not in _MESSAGES
    has_key = bool(os.environ.get(VARIABLES["anthropic"])) or by_variable != "anthropic"
    return "openai" if is_other else "anthropic" if has_key else ""


def _environment() -> dict[str, str]:
    names = VARIABLES.values()
    return {name: value for name, value in os.environ.items() if name not in names}
