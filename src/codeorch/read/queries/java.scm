(class_declaration name: (identifier) @name) @class
(record_declaration name: (identifier) @name) @class
(interface_declaration name: (identifier) @name) @interface
(annotation_type_declaration name: (identifier) @name) @interface
(enum_declaration name: (identifier) @name) @enum
(method_declaration name: (identifier) @name) @method
(constructor_declaration name: (identifier) @name) @method
(field_declaration declarator: (variable_declarator name: (identifier) @name)) @field
(import_declaration (_) @module) @import
;;; references
(identifier) @any
(type_identifier) @type
(method_invocation name: (identifier) @call)
(object_creation_expression type: (type_identifier) @call)
(field_access field: (identifier) @attribute)
(import_declaration (scoped_identifier name: (identifier) @import))
