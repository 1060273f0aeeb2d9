(class_declaration name: (identifier) @name) @class
(class_declaration "interface" name: (identifier) @name) @interface
(class_declaration (modifiers (class_modifier "enum")) name: (identifier) @name) @enum
(enum_entry (identifier) @name) @field
(object_declaration name: (identifier) @name) @class
(companion_object name: (identifier) @name) @class
(function_declaration name: (identifier) @name) @function
(source_file (property_declaration (variable_declaration (identifier) @name)) @variable)
(class_body (property_declaration (variable_declaration (identifier) @name)) @field)
(class_parameter ["val" "var"] (identifier) @name) @field
(type_alias type: (identifier) @name) @type
(import (qualified_identifier) @module) @import
(import (qualified_identifier (identifier) @bind .) @module) @import
;;; references
(identifier) @name
(user_type (identifier) @type)
(call_expression . (identifier) @call)
(call_expression . (navigation_expression (identifier) @call .))
(navigation_expression (_) (identifier) @attribute)
(import (qualified_identifier (identifier) @import .))
