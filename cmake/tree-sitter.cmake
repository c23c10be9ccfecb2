# The Python parser: tree-sitter's C core and the grammar's generated parser, unpacked by ./dev deps. Not our code: no
# warnings, no formatting, and none of its symbols leave the library.
set(tree_sitter "${DLGUIDER_DEPS}/tree-sitter")
add_library(tree_sitter_python STATIC "${tree_sitter}/core/src/lib.c" "${tree_sitter}/python/parser.c" "${tree_sitter}/python/scanner.c")
target_include_directories(tree_sitter_python PRIVATE "${tree_sitter}/core/src" "${tree_sitter}/python")
target_include_directories(tree_sitter_python SYSTEM PUBLIC "${tree_sitter}/core/include")
target_compile_options(tree_sitter_python PRIVATE -w -O2)
target_compile_definitions(tree_sitter_python PRIVATE _DEFAULT_SOURCE)
target_link_libraries(rooms PUBLIC tree_sitter_python)
