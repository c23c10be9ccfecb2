# For the Python wheel (pyproject.toml): fetches what is pinned when ./dev deps has not, and takes along the small libraries
# that a machine without their development packages lacks. libcrypto and zlib are left to the system: every Debian and Ubuntu
# with Python has them, and their security updates come from there.
if(NOT DLGUIDER_DEPS)
	set(DLGUIDER_DEPS "${CMAKE_SOURCE_DIR}/build/deps" CACHE PATH "where ./dev deps unpacked the pinned parts" FORCE)
endif()
if(NOT EXISTS "${DLGUIDER_DEPS}/tree-sitter/python/scanner.c" OR NOT EXISTS "${DLGUIDER_DEPS}/onnxruntime/libonnxruntime.so.1")
	message(STATUS "fetching the pinned engine and grammar")
	execute_process(COMMAND "${CMAKE_COMMAND}" -E env "DLGUIDER_DEPS=${DLGUIDER_DEPS}" "${CMAKE_SOURCE_DIR}/dev" deps --pinned
		RESULT_VARIABLE fetched OUTPUT_VARIABLE told ERROR_VARIABLE told)
	if(fetched)
		message(FATAL_ERROR "./dev deps --pinned failed: ${told}")
	endif()
endif()
foreach(package jansson libcrypto libpng libjpeg)
	pkg_check_modules(WHEEL_NEEDS QUIET ${package})
	if(NOT WHEEL_NEEDS_FOUND)
		message(FATAL_ERROR "the C library ${package} is missing; on Debian and Ubuntu: "
			"apt-get install gcc pkg-config libjansson-dev zlib1g-dev libcsv-dev libpng-dev libjpeg-dev libssl-dev unzip")
	endif()
	unset(WHEEL_NEEDS_FOUND CACHE)
endforeach()

# The soname of a library, and the file behind it, to lie beside libdlguider.so.0.
function(install_beside name package)
	find_library(beside_${name} ${name} REQUIRED)
	execute_process(COMMAND "${CMAKE_OBJDUMP}" -p "${beside_${name}}" OUTPUT_VARIABLE headers COMMAND_ERROR_IS_FATAL ANY)
	string(REGEX MATCH "SONAME +([^\n ]+)" found "${headers}")
	file(REAL_PATH "${beside_${name}}" file)
	install(FILES "${file}" DESTINATION "${CMAKE_INSTALL_LIBDIR}" RENAME "${CMAKE_MATCH_1}")
	foreach(copyright "/usr/share/doc/${package}/copyright")
		install(FILES "${copyright}" DESTINATION share/doc/dlguider RENAME "LICENSE.${name}" OPTIONAL)
	endforeach()
endfunction()
