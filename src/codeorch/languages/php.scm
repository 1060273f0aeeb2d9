(function_definition name: (name) @name) @function
(method_declaration name: (name) @name) @method
(class_declaration name: (name) @name) @class
(interface_declaration name: (name) @name) @interface
(trait_declaration name: (name) @name) @class
(enum_declaration name: (name) @name) @enum
(enum_case name: (name) @name) @field
(const_declaration (const_element (name) @name)) @variable
(class_declaration body: (declaration_list (const_declaration (const_element (name) @name)) @field))
(property_declaration (property_element name: (variable_name (name) @name))) @field
(namespace_use_clause . [(name) (qualified_name)] @module) @import
(namespace_use_clause . (qualified_name (name) @bind .) @module) @import
(namespace_use_clause . [(name) (qualified_name)] @module alias: (name) @bind) @import
;;; references
(name) @name
(named_type (name) @type)
(base_clause (name) @type)
(class_interface_clause (name) @type)
(function_call_expression function: (name) @call)
(function_call_expression function: (qualified_name (name) @call .))
(member_call_expression name: (name) @call)
(nullsafe_member_call_expression name: (name) @call)
(scoped_call_expression name: (name) @call)
(object_creation_expression (name) @call)
(member_access_expression name: (name) @attribute)
(namespace_use_clause (name) @import)
(namespace_use_clause (qualified_name (name) @import .))
