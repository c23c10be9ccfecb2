# A relocatable tree: every path in it is relative to the file that holds it. The engine lies in lib/dlguider, where the
# library looks first, with its licences under share/doc/dlguider.
include(CMakePackageConfigHelpers)

install(TARGETS dlguider EXPORT dlguider LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}")
if(TARGET command)
	install(TARGETS command RUNTIME DESTINATION bin)
endif()
install(FILES include/dlguider.h DESTINATION include)
install(FILES "${DLGUIDER_DEPS}/onnxruntime/libonnxruntime.so.1.28.0" DESTINATION "${CMAKE_INSTALL_LIBDIR}/dlguider"
	RENAME libonnxruntime.so.1 OPTIONAL)
install(FILES LICENSE DESTINATION share/doc/dlguider OPTIONAL)
install(FILES "${DLGUIDER_DEPS}/onnxruntime/LICENSE" DESTINATION share/doc/dlguider RENAME LICENSE.onnxruntime OPTIONAL)
install(FILES "${DLGUIDER_DEPS}/onnxruntime/ThirdPartyNotices.txt" DESTINATION share/doc/dlguider
	RENAME ThirdPartyNotices.onnxruntime.txt OPTIONAL)

install(FILES examples/digits/model.keras examples/digits/x.npy examples/digits/y.npy examples/digits/train.py
	DESTINATION share/dlguider/examples/digits)

configure_file(cmake/dlguider.pc.in dlguider.pc @ONLY)
install(FILES "${CMAKE_BINARY_DIR}/dlguider.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")

install(EXPORT dlguider NAMESPACE dlguider:: FILE dlguiderConfig.cmake DESTINATION "${CMAKE_INSTALL_LIBDIR}/cmake/dlguider")
write_basic_package_version_file("${CMAKE_BINARY_DIR}/dlguiderConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${CMAKE_BINARY_DIR}/dlguiderConfigVersion.cmake" DESTINATION "${CMAKE_INSTALL_LIBDIR}/cmake/dlguider")

# The man page and the completions come out of the command itself.
if(TARGET command)
	install(CODE "
		function(print_to file)
			set(target \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/share/\${file}\")
			get_filename_component(folder \"\${target}\" DIRECTORY)
			file(MAKE_DIRECTORY \"\${folder}\")
			execute_process(COMMAND \"${CMAKE_BINARY_DIR}/dlguider\" \${ARGN} OUTPUT_FILE \"\${target}\" RESULT_VARIABLE code)
			if(code)
				message(FATAL_ERROR \"dlguider \${ARGN} failed\")
			endif()
			list(APPEND CMAKE_INSTALL_MANIFEST_FILES \"\${CMAKE_INSTALL_PREFIX}/share/\${file}\")
		endfunction()
		print_to(man/man1/dlguider.1 help --man)
		print_to(bash-completion/completions/dlguider completion bash)
		print_to(zsh/site-functions/_dlguider completion zsh)
		print_to(fish/vendor_completions.d/dlguider.fish completion fish)
	")
endif()
