"""GitHub's own description of its API: whether requests and answers are of its form.

Answers are filled up to the whole form first: a real GitHub sends every field, and who reads only
three of them should not be fed three.
"""

import json
import re
from functools import cached_property

from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

_SAMPLES = {
    "uri": "https://api.example.org/x", "date-time": "2026-01-02T03:04:05Z",
    "date": "2026-01-02", "email": "ada@example.org",
}  # fmt: skip


class Description:
    def __init__(self, file):
        self._file = file

    @cached_property
    def _root(self):
        return json.loads(self._file.read_text())

    @cached_property
    def _registry(self):
        resource = Resource(contents=self._root, specification=DRAFT202012)
        return Registry().with_resource("urn:github", resource)

    @cached_property
    def _patterns(self):
        rows = []
        for path in self._root["paths"]:
            pattern = re.sub(r"\\\{ref\\\}", "(.+)", re.escape(path))
            rows.append((path.count("{"), re.sub(r"\\\{\w+\\\}", "([^/]+)", pattern), path))
        return sorted(rows)

    def _operation(self, method, path):
        for _, pattern, name in self._patterns:
            if re.fullmatch(pattern, path) and method.lower() in self._root["paths"][name]:
                return self._root["paths"][name][method.lower()]
        return None

    def request_faults(self, method, path, query, body):
        operation = self._operation(method, path)
        if operation is None:
            return [f"{method} {path} is no operation"]
        given = [self._resolve(one) for one in operation.get("parameters", ())]
        known = {one["name"]: one for one in given if one["in"] == "query"}
        faults = [f"{method} {path}: no parameter {name}" for name in query if name not in known]
        for name, value in query.items():
            if name in known and known[name]["schema"].get("type") == "integer":
                faults += [] if value.isdigit() else [f"{method} {path}: {name} is no number"]
            elif name in known:
                faults += self._faults(known[name]["schema"], value, f"{method} {path} ?{name}")
        content = operation.get("requestBody", {}).get("content", {})
        if body is not None and not content:
            faults.append(f"{method} {path} takes no body")
        elif body is not None:
            schema = content["application/json"]["schema"]
            faults += self._faults(schema, body, f"{method} {path}")
            extra = body.keys() - self._names(schema)
            faults += [f"{method} {path}: no field {name}" for name in sorted(extra)]
        return faults

    def whole_answer(self, method, path, status, value):
        """Return an answer with all that its form requires, and what does not fit in it."""
        operation = self._operation(method, path)
        if operation is None:
            return value, []
        answers = operation["responses"]
        if str(status) not in answers:
            # Limits and failures of the service are described once for all, in prose.
            known = status in (401, 403, 404, 429) or status >= 500
            return value, [] if known else [f"{method} {path} never answers {status}"]
        content = self._resolve(answers[str(status)]).get("content", {})
        if "application/json" not in content:
            return value, []
        schema = content["application/json"]["schema"]
        value = self._filled(schema, value)
        return value, self._faults(schema, value, f"{method} {path} -> {status}")

    def _resolve(self, schema):
        while "$ref" in schema:
            node = self._root
            for part in schema["$ref"].removeprefix("#/").split("/"):
                node = node[part.replace("~1", "/").replace("~0", "~")]
            schema = node
        return schema

    def _faults(self, schema, value, where):
        absolute = {"$ref": f"urn:github{schema['$ref']}"} if "$ref" in schema else schema
        wrapped = json.loads(json.dumps(absolute).replace('"#/', '"urn:github#/'))
        validator = Draft202012Validator(_with_null(wrapped), registry=self._nullable)
        return [f"{where}: {'/'.join(map(str, e.path))}: {e.message[:200]}"
                for e in validator.iter_errors(value)]  # fmt: skip

    @cached_property
    def _nullable(self):
        # OpenAPI 3.0's `nullable` is JSON Schema's type null.
        resource = Resource(contents=_with_null(self._root), specification=DRAFT202012)
        return Registry().with_resource("urn:github", resource)

    def _names(self, schema):
        schema = self._resolve(schema)
        names = set(schema.get("properties", ()))
        for kind in ("oneOf", "anyOf", "allOf"):
            for part in schema.get(kind, ()):
                names |= self._names(part)
        return names

    def _filled(self, schema, value):
        schema = self._resolve(schema)
        for kind in ("oneOf", "anyOf", "allOf"):
            if parts := schema.get(kind):
                return self._filled(parts[0], value)
        if isinstance(value, list):
            return [self._filled(schema.get("items", {}), one) for one in value]
        if not isinstance(value, dict):
            return value
        fields = schema.get("properties", {})
        value = {name: self._filled(fields.get(name, {}), one) for name, one in value.items()}
        for name in schema.get("required", ()):
            if name not in value:
                value[name] = self._sample(fields.get(name, {}))
        return value

    def _sample(self, schema, depth=0):
        schema = self._resolve(schema)
        if schema.get("nullable"):
            return None
        for kind in ("oneOf", "anyOf", "allOf"):
            if parts := schema.get(kind):
                return self._sample(parts[0], depth + 1)
        if "enum" in schema:
            return schema["enum"][0]
        match schema.get("type", "object" if "properties" in schema else ""):
            case "object":
                fields = schema.get("properties", {})
                names = schema.get("required", ())
                return {name: self._sample(fields.get(name, {}), depth + 1) for name in names}
            case "array":
                return []
            case "boolean":
                return False
            case "integer" | "number":
                return schema.get("minimum", 1)
            case "string":
                return _SAMPLES.get(schema.get("format", ""), "x")
            case _:
                return None


def _with_null(node):
    if isinstance(node, list):
        return [_with_null(one) for one in node]
    if not isinstance(node, dict):
        return node
    whole = {name: _with_null(one) for name, one in node.items()}
    if whole.pop("nullable", False) is True:
        if isinstance(whole.get("enum"), list):
            whole["enum"] = [*whole["enum"], None]
        return {"anyOf": [whole, {"type": "null"}]}
    return whole
