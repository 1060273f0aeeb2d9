"""A message as a service gave it -> text and calls of an answer, whatever it was put in."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from codeorch.llm.answer_form import FormText, MalformedForm, read_arguments, split_form
from codeorch.llm.answer_text import text_of
from codeorch.llm.conversation import Call, Conversation, Tool
from codeorch.llm.form_values import fit_values
from codeorch.llm.model import Prompt
from codeorch.llm.native_calls import name_of, plain_calls
from codeorch.llm.tagged_form import split_tagged_form


@dataclass(frozen=True, slots=True, kw_only=True)
class RawCall:
    """A call as the service gave it; nothing of it is read yet."""

    id: str
    name: str
    arguments: object
    extra: Mapping[str, Any] = field(default_factory=dict)  # of the service's own, to be sent back


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedAnswer:
    """What an answer says; the fields are those of `Reply`."""

    text: str
    reasoning: str = ""
    calls: tuple[Call, ...] = ()
    fault: str = ""


def parse_answer(
    prompt: Prompt, content: object, calls: Sequence[RawCall] = (), reasoning: str = ""
) -> ParsedAnswer:
    """Read a message: its content in any form, its calls, and reasoning that came beside it.

    Names of tools are told whatever their case. Without any call the form that ends the answer may
    stand in the text. What cannot be read is a fault, in words for the model.
    """
    split = text_of(content)
    ids = _CallIds(prompt.conversation)
    text = split.text
    parsed: Sequence[Call]
    if calls or prompt.form is None:
        parsed, fault = _read_calls(calls, prompt, ids)
        if prompt.form is not None and all(_says_nothing(call, prompt.form) for call in parsed):
            text, parsed, fault = _read_beside(text, prompt.form, (parsed, fault))
    else:
        text, parsed, fault = _read_form(plain_calls(text), prompt, prompt.form, ids)
    return ParsedAnswer(
        text=text,
        reasoning="\n\n".join(filter(None, (reasoning, split.reasoning))),
        calls=tuple(parsed),
        fault=fault,
    )


def _read_calls(
    calls: Sequence[RawCall], prompt: Prompt, ids: "_CallIds"
) -> tuple[list[Call], str]:
    """Read the calls that came as such; gives them, and what is wrong with the last faulty one."""
    parsed: list[Call] = []
    fault = ""
    for raw in calls:
        tool = _tool_of(raw, prompt)
        name = tool.name if tool else raw.name
        try:
            read = read_arguments(raw.arguments, tool.schema if tool else None)
        except MalformedForm as error:
            fault = f"The call of `{name}` cannot be read. {error}"
            continue
        if _is_of_no_tool(raw, read, tool):
            fault = f"There is no tool `{raw.name}`; there are {_names_of(prompt)}."
            continue
        fitting = fit_values(read, tool.schema) if tool else read
        number = ids.unique(raw.id)
        parsed.append(Call(id=number, name=name, input=fitting, extra=raw.extra))
    is_answered = any(call.name == prompt.answer_tool for call in parsed)
    return parsed, "" if is_answered else fault


def _says_nothing(call: Call, form: Tool) -> bool:
    """Whether a call of the form leaves out all that must be in it."""
    return call.name == form.name and not call.input and bool(form.schema.get("required"))


def _read_beside(
    text: str, form: Tool, called: tuple[Sequence[Call], str]
) -> tuple[str, Sequence[Call], str]:
    """Read a form that stands in the text, though its call came empty; else what was called."""
    found = _form_in_text(plain_calls(text), form) if called[0] else FormText(text=text)
    if found.form is None:
        return text, *called
    fields = fit_values(found.form, form.schema)
    return found.text, [replace(called[0][-1], input=fields)], found.fault


def _read_form(
    text: str, prompt: Prompt, tool: Tool, ids: "_CallIds"
) -> tuple[str, list[Call], str]:
    """Read the form, or else look-ups, in a text; gives the rest of it, calls, and a fault."""
    found = _form_in_text(text, tool)
    if found.form is not None:
        form = fit_values(found.form, tool.schema)
        return found.text, [Call(id=ids.unique(), name=tool.name, input=form)], found.fault
    if found.fault:
        return found.text, [], found.fault
    return *_look_ups_in(found.text, prompt, ids), ""


class _CallIds:
    """Ids of calls, each of which occurs once in a conversation.

    Servers leave them out, or begin anew with each answer; other servers, and their own next turn,
    refuse an id that stands twice. Equal conversations yield equal ids. Ours have nine letters and
    digits, as Mistral's templates want them.
    """

    def __init__(self, conversation: Conversation) -> None:
        self._taken = {call.id for one in conversation.messages for call in one.calls}

    def unique(self, given: str = "") -> str:
        """Return the id that a service gave if it is new, else one of ours."""
        number = len(self._taken)
        name = given or f"call{number:05}"
        while name in self._taken:
            number += 1
            name = f"call{number:05}"
        self._taken.add(name)
        return name


def _look_ups_in(text: str, prompt: Prompt, ids: "_CallIds") -> tuple[str, list[Call]]:
    """Read the look-ups that a text announces by their names, each on a line."""
    calls: list[Call] = []
    for tool in prompt.look_ups:
        rest, fields = split_tagged_form(text, tool.name)
        if fields is not None:
            given = fit_values(fields, tool.schema)
            calls.append(Call(id=ids.unique(), name=tool.name, input=given))
            text = rest
        elif re.search(rf"(?m)^\W{{0,4}}{tool.name}\W{{0,3}}:", text):
            found = split_form(text, tool.name, tool.schema)
            if found.form is not None:
                calls.append(Call(id=ids.unique(), name=tool.name, input=dict(found.form)))
                text = found.text
    return text, calls


def _form_in_text(text: str, tool: Tool) -> FormText:
    tagged, form = split_tagged_form(text, tool.name)
    if form is not None:
        return FormText(text=tagged, form=form)
    return split_form(text, tool.name, tool.schema)


def _names_of(prompt: Prompt) -> str:
    return ", ".join(f"`{tool.name}`" for tool in prompt.conversation.tools)


def _is_of_no_tool(raw: RawCall, read: Mapping[str, Any], tool: Tool | None) -> bool:
    """Whether a call of a name that no tool has holds other fields than the form, too."""
    if tool is None or name_of(raw.name).casefold() == tool.name.casefold():
        return False
    named = tool.schema.get("properties")
    return isinstance(named, Mapping) and not read.keys() <= named.keys()


def _tool_of(raw: RawCall, prompt: Prompt) -> Tool | None:
    """Return the tool that a call means; a name that no tool has can only mean the answer's."""
    name = name_of(raw.name).casefold()
    tools = prompt.conversation.tools
    return next((tool for tool in tools if tool.name.casefold() == name), prompt.form)
