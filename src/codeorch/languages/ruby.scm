(class name: (constant) @name) @class
(class name: (scope_resolution scope: (_) @owner name: (constant) @name)) @class
(module name: (constant) @name) @module
(module name: (scope_resolution scope: (_) @owner name: (constant) @name)) @module
(method name: (_) @name) @function
(singleton_method name: (_) @name) @function
(assignment left: (constant) @name) @variable
(call method: (identifier) @_require arguments: (argument_list . (string) @module) (#match? @_require "^(require|require_relative|load)$")) @import
;;; references
(identifier) @name
(constant) @name
(instance_variable) @attribute
(class_variable) @attribute
(global_variable) @name
(hash_key_symbol) @name
(call method: [(identifier) (constant)] @call)
(superclass (constant) @type)
