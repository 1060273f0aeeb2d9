(class_declaration name: (identifier) @name) @class
(record_declaration name: (identifier) @name) @class
(interface_declaration name: (identifier) @name) @interface
(annotation_type_declaration name: (identifier) @name) @interface
(enum_declaration name: (identifier) @name) @enum
(enum_constant name: (identifier) @name) @field
(method_declaration name: (identifier) @name) @method
(constructor_declaration name: (identifier) @name) @method
(compact_constructor_declaration name: (identifier) @name) @method
(annotation_type_element_declaration name: (identifier) @name) @method
(field_declaration declarator: (variable_declarator name: (identifier) @name)) @field
(constant_declaration declarator: (variable_declarator name: (identifier) @name)) @field
(import_declaration [(scoped_identifier) (identifier)] @module) @import
(import_declaration (scoped_identifier name: (identifier) @bind) @module . ";") @import
(import_declaration (scoped_identifier) @module (asterisk) @bind) @import
;;; references
(identifier) @name
(type_identifier) @type
(method_invocation name: (identifier) @call)
(method_reference (identifier) @call .)
(object_creation_expression type: (type_identifier) @call)
(object_creation_expression type: (generic_type (type_identifier) @call))
(field_access field: (identifier) @attribute)
(annotation name: (identifier) @type)
(marker_annotation name: (identifier) @type)
(import_declaration (scoped_identifier name: (identifier) @import))
