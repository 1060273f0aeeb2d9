(function_definition name: (word) @name) @function
(program (variable_assignment name: (variable_name) @name) @variable)
(program (declaration_command (variable_assignment name: (variable_name) @name) @variable))
(command name: (command_name (word) @_source) argument: (_) @module (#match? @_source "^(source|\\.)$")) @import
;;; references
(variable_name) @name
(command_name (word) @call)
