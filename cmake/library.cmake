# SPDX-License-Identifier: BSD-2-Clause
# libathar: all rooms in one shared library; only what carries ATHAR_API is visible.
get_property(rooms GLOBAL PROPERTY ATHAR_ROOMS)
set(objects "")
set(links "")
foreach(room IN LISTS rooms)
  get_property(room_links GLOBAL PROPERTY ATHAR_LINKS_${room})
  list(APPEND objects $<TARGET_OBJECTS:athar_${room}>)
  list(APPEND links ${room_links})
endforeach()
list(REMOVE_DUPLICATES links)
add_library(athar SHARED ${objects})
add_library(athar::athar ALIAS athar)
target_link_libraries(athar PRIVATE ${links})
target_include_directories(athar INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
  $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
set_target_properties(athar PROPERTIES VERSION ${PROJECT_VERSION} SOVERSION 0
  LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})
