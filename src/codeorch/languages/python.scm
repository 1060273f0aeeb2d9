(decorated_definition definition: (function_definition name: (identifier) @name)) @function
(decorated_definition definition: (class_definition name: (identifier) @name)) @class
(function_definition name: (identifier) @name) @function
(class_definition name: (identifier) @name) @class
(module (expression_statement (assignment left: (identifier) @name) @variable))
(class_definition body: (block (expression_statement (assignment left: (identifier) @name) @field)))
(type_alias_statement left: (type (identifier) @name)) @type
(import_statement name: (dotted_name) @module) @import
(import_statement name: (aliased_import name: (dotted_name) @module alias: (identifier) @bind)) @import
(import_from_statement module_name: (_) @module) @import
(import_from_statement module_name: (_) @module name: (dotted_name) @bind) @import
(import_from_statement module_name: (_) @module name: (aliased_import name: (dotted_name) @bind)) @import
(import_from_statement module_name: (_) @module (wildcard_import) @bind) @import
;;; references
(identifier) @name
(call function: (identifier) @call)
(call function: (attribute attribute: (identifier) @call))
(attribute attribute: (identifier) @attribute)
(keyword_argument name: (identifier) @attribute)
(type (identifier) @type)
(type (generic_type (identifier) @type))
(import_from_statement (dotted_name (identifier) @import))
(import_from_statement (relative_import (dotted_name (identifier) @import)))
(import_statement (dotted_name (identifier) @import))
(aliased_import (dotted_name (identifier) @import))
(aliased_import alias: (identifier) @import)
