(function_item name: (identifier) @name) @function
(function_signature_item name: (identifier) @name) @function
(struct_item name: (type_identifier) @name) @class
(union_item name: (type_identifier) @name) @class
(enum_item name: (type_identifier) @name) @enum
(enum_variant name: (identifier) @name) @field
(trait_item name: (type_identifier) @name) @interface
(type_item name: (type_identifier) @name) @type
(associated_type name: (type_identifier) @name) @type
(mod_item name: (identifier) @name) @module
(macro_definition name: (identifier) @name) @macro
(const_item name: (identifier) @name) @variable
(static_item name: (identifier) @name) @variable
(field_declaration name: (field_identifier) @name) @field
(impl_item type: (type_identifier) @name) @scope
(impl_item type: (generic_type type: (type_identifier) @name)) @scope
(impl_item type: (generic_type type: (scoped_type_identifier name: (type_identifier) @name))) @scope
(impl_item type: [(dynamic_type trait: (type_identifier) @name) (reference_type type: (type_identifier) @name)]) @scope
(impl_item type: (scoped_type_identifier name: (type_identifier) @name)) @scope
(use_declaration argument: (_) @module) @import
(use_declaration argument: (scoped_identifier name: (identifier) @bind) @module) @import
(use_declaration argument: (scoped_use_list list: (use_list (identifier) @bind)) @module) @import
(use_declaration argument: (scoped_use_list list: (use_list (scoped_identifier name: (identifier) @bind))) @module) @import
(use_declaration argument: (use_as_clause alias: (identifier) @bind) @module) @import
;;; references
(identifier) @name
(type_identifier) @type
(field_identifier) @attribute
(shorthand_field_identifier) @name
(call_expression function: (identifier) @call)
(call_expression function: (scoped_identifier name: (identifier) @call))
(call_expression function: (field_expression field: (field_identifier) @call))
(call_expression function: (generic_function function: (identifier) @call))
(macro_invocation macro: (identifier) @call)
(use_declaration argument: (identifier) @import)
(use_declaration argument: (scoped_identifier name: (identifier) @import))
(use_list (identifier) @import)
(use_list (scoped_identifier name: (identifier) @import))
(use_as_clause (identifier) @import)
(use_as_clause (scoped_identifier name: (identifier) @import))
