# SPDX-License-Identifier: BSD-2-Clause
include(CMakePackageConfigHelpers)
install(TARGETS athar EXPORT athar LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(TARGETS athar_command RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
set_target_properties(athar_command PROPERTIES
  INSTALL_RPATH "$ORIGIN/../${CMAKE_INSTALL_LIBDIR}")
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/athar DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
foreach(section 1 5 7)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/man/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section}
    FILES_MATCHING PATTERN "*.${section}")
endforeach()

# Completions come from the option tables themselves.
set(completions ${PROJECT_BINARY_DIR}/completions)
foreach(shell bash zsh fish)
  list(APPEND completion_files ${completions}/athar.${shell})
  list(APPEND completion_commands
    COMMAND $<TARGET_FILE:athar_command> --completion ${shell} > ${completions}/athar.${shell})
endforeach()
file(MAKE_DIRECTORY ${completions})
add_custom_command(OUTPUT ${completion_files} ${completion_commands} DEPENDS athar_command VERBATIM)
add_custom_target(athar_completions ALL DEPENDS ${completion_files})
install(FILES ${completions}/athar.bash RENAME athar
  DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES ${completions}/athar.zsh RENAME _athar
  DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
install(FILES ${completions}/athar.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)

set(package ${CMAKE_INSTALL_LIBDIR}/cmake/athar)
install(EXPORT athar NAMESPACE athar:: FILE atharTargets.cmake DESTINATION ${package})
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/atharConfig.cmake.in
  ${PROJECT_BINARY_DIR}/atharConfig.cmake INSTALL_DESTINATION ${package})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/atharConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/atharConfig.cmake ${PROJECT_BINARY_DIR}/atharConfigVersion.cmake
  DESTINATION ${package})
configure_file(${PROJECT_SOURCE_DIR}/cmake/athar.pc.in ${PROJECT_BINARY_DIR}/athar.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/athar.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
