"""A message as a service gave it -> text, form and calls of an answer, whatever it was put in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from codeorch.llm.answer_form import FormText, MalformedForm, read_arguments, split_form
from codeorch.llm.answer_text import text_of
from codeorch.llm.form_values import fit_values
from codeorch.llm.model import Call, Prompt, Tool
from codeorch.llm.tagged_form import split_tagged_form


@dataclass(frozen=True, slots=True, kw_only=True)
class RawCall:
    """A call as the service gave it; nothing of it is read yet."""

    id: str
    name: str
    arguments: object


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedAnswer:
    """What an answer says; the fields are those of `Reply`."""

    text: str
    reasoning: str = ""
    form: Mapping[str, Any] | None = None
    calls: tuple[Call, ...] = ()
    fault: str = ""


def parse_answer(
    prompt: Prompt, content: object, calls: Sequence[RawCall] = (), reasoning: str = ""
) -> ParsedAnswer:
    """Read a message: its content in any form, its calls, and reasoning that came beside it.

    Names of tools are told whatever their case. Of several forms the last one counts; without any
    call the form may stand in the text. What cannot be read is a fault, in words for the model.
    """
    split = text_of(content)
    form: Mapping[str, Any] | None = None
    known: list[Call] = []
    fault = ""
    for number, raw in enumerate(calls):
        tool = _tool_of(raw, prompt)
        try:
            read = read_arguments(raw.arguments, tool.schema if tool else None)
        except MalformedForm as error:
            fault = f"The call of `{tool.name if tool else raw.name}` cannot be read. {error}"
            continue
        if tool is not None and tool in prompt.tools:
            known.append(Call(id=raw.id or f"call{number}", name=tool.name, input=read))
        elif _is_of_no_tool(raw, read, tool):
            fault = f"There is no tool `{raw.name}`; there are {_names_of(prompt)}."
        else:
            form, fault = read, ""
    text = split.text
    if not calls and prompt.tool is not None:
        found = _form_in_text(text, prompt.tool)
        text, form, fault = found.text, found.form, found.fault
    if form is not None and prompt.tool is not None:
        form = fit_values(form, prompt.tool.schema)
    return ParsedAnswer(
        text=text,
        reasoning="\n\n".join(filter(None, (reasoning, split.reasoning))),
        form=form,
        calls=tuple(known),
        fault=fault,
    )


def _form_in_text(text: str, tool: Tool) -> FormText:
    tagged, form = split_tagged_form(text, tool.name)
    if form is not None:
        return FormText(text=tagged, form=form)
    return split_form(text, tool.name, tool.schema)


def _names_of(prompt: Prompt) -> str:
    tools = (*prompt.tools, *filter(None, [prompt.tool]))
    return ", ".join(f"`{tool.name}`" for tool in tools)


def _is_of_no_tool(raw: RawCall, read: Mapping[str, Any], tool: Tool | None) -> bool:
    """Whether a call of a name that no tool has holds other fields than the form, too."""
    if tool is None or raw.name.rpartition(".")[2].casefold() == tool.name.casefold():
        return False
    named = tool.schema.get("properties")
    return isinstance(named, Mapping) and not read.keys() <= named.keys()


def _tool_of(raw: RawCall, prompt: Prompt) -> Tool | None:
    """Return the tool that a call means; a name that no tool has can only mean the form."""
    name = raw.name.rpartition(".")[2].casefold()
    tools = (*prompt.tools, *filter(None, [prompt.tool]))
    return next((tool for tool in tools if tool.name.casefold() == name), prompt.tool)
