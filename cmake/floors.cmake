# SPDX-License-Identifier: BSD-2-Clause
# athar_room(NAME FLOOR n FILES … [LINK …])
#
# A room is an OBJECT library. Its include path holds two folders: the public headers, and one with
# symbolic links to the room itself and to the rooms of lower floors. So #include "volume/tree.h"
# from a lower floor, or from a neighbour on the same floor, is a file that does not exist.
define_property(GLOBAL PROPERTY ATHAR_ROOMS)
function(athar_room name)
  cmake_parse_arguments(R "" "FLOOR" "FILES;LINK" ${ARGN})
  set(view ${PROJECT_BINARY_DIR}/floors/${name})
  file(MAKE_DIRECTORY ${view})
  file(CREATE_LINK ${PROJECT_SOURCE_DIR}/lib/${name} ${view}/${name} SYMBOLIC)
  set(objects $<TARGET_OBJECTS:athar_${name}>)
  get_property(rooms GLOBAL PROPERTY ATHAR_ROOMS)
  set(links ${R_LINK})
  foreach(room IN LISTS rooms)
    get_property(floor GLOBAL PROPERTY ATHAR_FLOOR_${room})
    if(floor LESS R_FLOOR)
      file(CREATE_LINK ${PROJECT_SOURCE_DIR}/lib/${room} ${view}/${room} SYMBOLIC)
      get_property(room_links GLOBAL PROPERTY ATHAR_LINKS_${room})
      list(APPEND objects $<TARGET_OBJECTS:athar_${room}>)
      list(APPEND links ${room_links})
    endif()
  endforeach()
  add_library(athar_${name} OBJECT ${R_FILES})
  target_include_directories(athar_${name} PRIVATE ${PROJECT_SOURCE_DIR}/include ${view})
  target_link_libraries(athar_${name} PRIVATE ${R_LINK})
  list(REMOVE_DUPLICATES links)
  set_property(GLOBAL APPEND PROPERTY ATHAR_ROOMS ${name})
  set_property(GLOBAL PROPERTY ATHAR_FLOOR_${name} ${R_FLOOR})
  set_property(GLOBAL PROPERTY ATHAR_LINKS_${name} "${links}")
  set_property(GLOBAL PROPERTY ATHAR_OBJECTS_${name} "${objects}")
endfunction()

# athar_link_room(TARGET room): what a test of a room links: the room and all floors below it.
function(athar_link_room target room)
  get_property(objects GLOBAL PROPERTY ATHAR_OBJECTS_${room})
  get_property(links GLOBAL PROPERTY ATHAR_LINKS_${room})
  target_sources(${target} PRIVATE ${objects})
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/include
    ${PROJECT_BINARY_DIR}/floors/${room} ${PROJECT_SOURCE_DIR}/tests/support)
  target_link_libraries(${target} PRIVATE ${links})
endfunction()
