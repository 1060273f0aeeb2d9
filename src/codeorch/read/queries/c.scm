(function_definition declarator: (function_declarator declarator: (identifier) @name)) @function
(function_definition declarator: (pointer_declarator declarator: (function_declarator declarator: (identifier) @name))) @function
(translation_unit (declaration declarator: (function_declarator declarator: (identifier) @name)) @function)
(struct_specifier name: (type_identifier) @name body: (_)) @class
(union_specifier name: (type_identifier) @name body: (_)) @class
(enum_specifier name: (type_identifier) @name body: (_)) @enum
(type_definition declarator: (type_identifier) @name) @type
(preproc_def name: (identifier) @name) @macro
(preproc_function_def name: (identifier) @name) @macro
(field_declaration declarator: (field_identifier) @name) @field
(translation_unit (declaration declarator: (init_declarator declarator: (identifier) @name)) @variable)
(preproc_include path: (_) @module) @import
;;; references
(identifier) @any
(type_identifier) @type
(field_identifier) @attribute
(statement_identifier) @any
(call_expression function: (identifier) @call)
(call_expression function: (field_expression field: (field_identifier) @call))
