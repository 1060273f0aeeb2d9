(function_definition name: (name) @name) @function
(method_declaration name: (name) @name) @method
(class_declaration name: (name) @name) @class
(interface_declaration name: (name) @name) @interface
(trait_declaration name: (name) @name) @class
(enum_declaration name: (name) @name) @enum
(const_declaration (const_element (name) @name)) @variable
(property_declaration (property_element name: (variable_name (name) @name))) @field
(namespace_use_clause (_) @module) @import
;;; references
(name) @any
(function_call_expression function: (name) @call)
(member_call_expression name: (name) @call)
(scoped_call_expression name: (name) @call)
(object_creation_expression (name) @call)
(member_access_expression name: (name) @attribute)
