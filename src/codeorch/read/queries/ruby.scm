(class name: (constant) @name) @class
(class name: (scope_resolution name: (constant) @name)) @class
(module name: (constant) @name) @module
(method name: (_) @name) @function
(singleton_method name: (_) @name) @function
(assignment left: (constant) @name) @variable
(call method: (identifier) @_require arguments: (argument_list (string) @module) (#match? @_require "^require")) @import
;;; references
(identifier) @any
(constant) @any
(instance_variable) @attribute
(class_variable) @attribute
(global_variable) @any
(call method: (identifier) @call)
