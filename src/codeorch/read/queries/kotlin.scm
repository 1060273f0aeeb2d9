(class_declaration name: (identifier) @name) @class
(object_declaration name: (identifier) @name) @class
(function_declaration name: (identifier) @name) @function
(source_file (property_declaration (variable_declaration (identifier) @name)) @variable)
(class_body (property_declaration (variable_declaration (identifier) @name)) @field)
(type_alias type: (identifier) @name) @type
(import (qualified_identifier) @module) @import
;;; references
(identifier) @any
(call_expression (identifier) @call)
(call_expression (navigation_expression (identifier) @call .))
(user_type (identifier) @type)
