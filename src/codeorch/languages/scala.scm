(class_definition name: (identifier) @name) @class
(object_definition name: (identifier) @name) @class
(trait_definition name: (identifier) @name) @interface
(enum_definition name: (identifier) @name) @enum
(simple_enum_case name: (identifier) @name) @field
(function_definition name: (identifier) @name) @function
(function_declaration name: (identifier) @name) @function
(type_definition name: (type_identifier) @name) @type
(template_body (val_definition pattern: (identifier) @name) @field)
(template_body (var_definition pattern: (identifier) @name) @field)
(compilation_unit (val_definition pattern: (identifier) @name) @variable)
(import_declaration path: [(identifier) "."]+ @module) @import
(import_declaration path: [(identifier) "."]+ @module (namespace_selectors [(identifier) @bind (arrow_renamed_identifier name: (identifier) @bind)])) @import
;;; references
(identifier) @name
(type_identifier) @type
(call_expression function: (identifier) @call)
(call_expression function: (field_expression field: (identifier) @call))
(field_expression field: (identifier) @attribute)
(import_declaration path: (identifier) @import)
(namespace_selectors (identifier) @import)
(arrow_renamed_identifier (identifier) @import)
