(function_definition name: (identifier) @name) @function
(class_definition name: (identifier) @name) @class
(module (expression_statement (assignment left: (identifier) @name) @variable))
(class_definition body: (block (expression_statement (assignment left: (identifier) @name) @field)))
(import_statement name: (_) @module) @import
(import_from_statement module_name: (_) @module) @import
;;; references
(identifier) @any
(call function: (identifier) @call)
(call function: (attribute attribute: (identifier) @call))
(attribute attribute: (identifier) @attribute)
(type (identifier) @type)
(import_from_statement name: (dotted_name (identifier) @import))
(import_statement name: (dotted_name (identifier) @import))
(keyword_argument name: (identifier) @attribute)
