(function_definition declarator: (function_declarator declarator: (identifier) @name)) @function
(function_definition declarator: (function_declarator declarator: (field_identifier) @name)) @method
(function_definition declarator: (function_declarator declarator: (qualified_identifier name: (identifier) @name))) @method
(function_definition declarator: (pointer_declarator declarator: (function_declarator declarator: (identifier) @name))) @function
(function_definition declarator: (reference_declarator (function_declarator declarator: (identifier) @name))) @function
(field_declaration declarator: (function_declarator declarator: (field_identifier) @name)) @method
(translation_unit (declaration declarator: (function_declarator declarator: (identifier) @name)) @function)
(namespace_definition body: (declaration_list (declaration declarator: (function_declarator declarator: (identifier) @name)) @function))
(class_specifier name: (type_identifier) @name body: (_)) @class
(struct_specifier name: (type_identifier) @name body: (_)) @class
(union_specifier name: (type_identifier) @name body: (_)) @class
(enum_specifier name: (type_identifier) @name body: (_)) @enum
(namespace_definition name: (_) @name) @module
(type_definition declarator: (type_identifier) @name) @type
(alias_declaration name: (type_identifier) @name) @type
(preproc_def name: (identifier) @name) @macro
(preproc_function_def name: (identifier) @name) @macro
(field_declaration declarator: (field_identifier) @name) @field
(preproc_include path: (_) @module) @import
;;; references
(identifier) @any
(type_identifier) @type
(field_identifier) @attribute
(namespace_identifier) @any
(statement_identifier) @any
(call_expression function: (identifier) @call)
(call_expression function: (qualified_identifier name: (identifier) @call))
(call_expression function: (field_expression field: (field_identifier) @call))
