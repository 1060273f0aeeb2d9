(export_statement declaration: (function_declaration name: (identifier) @name)) @function
(export_statement declaration: (class_declaration name: (identifier) @name)) @class
(export_statement declaration: (lexical_declaration . (variable_declarator name: (identifier) @name) .)) @variable
(function_declaration name: (identifier) @name) @function
(generator_function_declaration name: (identifier) @name) @function
(class_declaration name: (identifier) @name) @class
(class name: (identifier) @name) @class
(method_definition name: (_) @name) @method
(field_definition property: (_) @name) @field
(field_definition property: (_) @name value: [(arrow_function) (function_expression)]) @method
(lexical_declaration . (variable_declarator name: (identifier) @name value: [(arrow_function) (function_expression)]) .) @function
(variable_declarator name: (identifier) @name value: [(arrow_function) (function_expression)]) @function
(variable_declarator name: (identifier) @name value: (class)) @class
(assignment_expression left: (member_expression property: (property_identifier) @name) right: [(arrow_function) (function_expression)]) @function
(program (lexical_declaration (variable_declarator name: (identifier) @name) @variable))
(program (variable_declaration (variable_declarator name: (identifier) @name) @variable))
(program (export_statement (lexical_declaration (variable_declarator name: (identifier) @name) @variable)))
(program (lexical_declaration (variable_declarator name: (object_pattern (shorthand_property_identifier_pattern) @name))) @variable)
(program (lexical_declaration (variable_declarator name: (object_pattern (pair_pattern value: (identifier) @name)))) @variable)
(import_statement source: (string) @module) @import
(import_statement (import_clause (identifier) @bind) source: (string) @module) @import
(import_statement (import_clause (named_imports (import_specifier name: (_) @bind))) source: (string) @module) @import
(import_statement (import_clause (namespace_import (identifier) @bind)) source: (string) @module) @import
(export_statement source: (string) @module) @import
(export_statement (export_clause (export_specifier name: (_) @bind)) source: (string) @module) @import
(call_expression function: (identifier) @_require arguments: (arguments . (string) @module) (#eq? @_require "require")) @import
(call_expression function: (import) arguments: (arguments . (string) @module)) @import
;;; references
(identifier) @name
(property_identifier) @attribute
(private_property_identifier) @attribute
(shorthand_property_identifier) @name
(shorthand_property_identifier_pattern) @name
(statement_identifier) @name
(call_expression function: (identifier) @call)
(call_expression function: (member_expression property: [(property_identifier) (private_property_identifier)] @call))
(new_expression constructor: (identifier) @call)
(import_specifier (identifier) @import)
(import_clause (identifier) @import)
(namespace_import (identifier) @import)
(export_specifier (identifier) @import)
