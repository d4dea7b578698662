# Defines and standard are project-wide: the Boost macros change inline code, so two settings in one
# program would be two definitions of one function.
add_library(postern_options INTERFACE)
add_library(postern::options ALIAS postern_options)
target_compile_features(postern_options INTERFACE cxx_std_20)
target_compile_definitions(
    postern_options
    INTERFACE BOOST_ASIO_SEPARATE_COMPILATION
              BOOST_BEAST_SEPARATE_COMPILATION
              BOOST_ASIO_NO_DEPRECATED
              BOOST_ASIO_DISABLE_AWAITABLE_FRAME_RECYCLING
)
target_include_directories(postern_options INTERFACE ${PROJECT_SOURCE_DIR})

option(POSTERN_WERROR "Warnings are errors" OFF)
option(POSTERN_PCH "Use precompiled headers" ON)
option(POSTERN_PAYMENTS "Build the payment API" ON)
option(POSTERN_ONLY_PURE_MODULES "Build only what has no coroutines (for clang)" OFF)

add_library(postern_warnings INTERFACE)
add_library(postern::warnings ALIAS postern_warnings)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(
        postern_warnings
        INTERFACE -Wall -Wextra -Wpedantic
                  $<$<NOT:$<BOOL:$<TARGET_PROPERTY:UNITY_BUILD>>>:-Wshadow> # files' own names meet
                  -Wconversion -Wsign-conversion -Wold-style-cast
                  -Wcast-align -Wcast-qual -Wnon-virtual-dtor -Woverloaded-virtual
                  -Wsuggest-override -Wformat=2 -Wundef -Wextra-semi -Wswitch-enum -Wduplicated-cond
                  -Wduplicated-branches -Wlogical-op -Wdouble-promotion -Wimplicit-fallthrough
                  -Wno-missing-field-initializers # fires on designated initialisers, our idiom
                  $<$<BOOL:${POSTERN_WERROR}>:-Werror>
                  # GCC 12 reports these from inlined system headers: off where they drown all else,
                  # otherwise visible and never fatal.
                  -Wno-maybe-uninitialized -Wno-stringop-overread -Wno-error=mismatched-new-delete
                  -Wno-error=restrict -Wno-error=array-bounds -Wno-error=stringop-overflow
                  -Wno-error=free-nonheap-object
                  -Wno-error=dangling-pointer -Wno-error=null-dereference
    )
endif()

# Where a tree was built may not show in what was built: two builds in two folders are the same.
add_compile_options(
    $<$<CONFIG:Release>:-ffile-prefix-map=${PROJECT_SOURCE_DIR}=.>
    $<$<CONFIG:Release>:-ffile-prefix-map=${PROJECT_BINARY_DIR}=build>
)

include(CheckLinkerFlag)
check_linker_flag(CXX "-fuse-ld=mold" POSTERN_HAS_MOLD)
if(POSTERN_HAS_MOLD)
    add_link_options(-fuse-ld=mold)
endif()

find_program(POSTERN_CCACHE ccache)
if(POSTERN_CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${POSTERN_CCACHE})
endif()
