# The layer table: who may use whom. Arrows point down only; tests/tidy reads the same table.
set(POSTERN_LAYER_core "")
set(POSTERN_LAYER_config core)
set(POSTERN_LAYER_storage core)
set(POSTERN_LAYER_net core)
set(POSTERN_LAYER_verifiers core)
set(POSTERN_LAYER_systemd core)
set(POSTERN_LAYER_payments core net storage)
set(POSTERN_LAYER_dispatch core net storage)
set(POSTERN_LAYER_redis core net)
set(POSTERN_LAYER_cluster core net storage dispatch redis)
set(POSTERN_LAYER_console core)
set(POSTERN_LAYER_daemon core config storage net verifiers payments dispatch console systemd redis
    cluster)

# postern_module(NAME core USES ... SOURCES ... LIBRARIES ... PRIVATE_LIBRARIES ... PCH light|net)
function(postern_module)
    cmake_parse_arguments(M "" "NAME;PCH" "USES;SOURCES;LIBRARIES;PRIVATE_LIBRARIES" ${ARGN})
    foreach(used IN LISTS M_USES)
        if(NOT used IN_LIST POSTERN_LAYER_${M_NAME})
            message(FATAL_ERROR "${M_NAME} may not use ${used}: see cmake/PosternModule.cmake")
        endif()
    endforeach()
    add_library(postern_${M_NAME} STATIC ${M_SOURCES})
    add_library(postern::${M_NAME} ALIAS postern_${M_NAME})
    list(TRANSFORM M_USES PREPEND postern:: OUTPUT_VARIABLE used_targets)
    target_link_libraries(
        postern_${M_NAME}
        PUBLIC postern::options ${used_targets} ${M_LIBRARIES}
        PRIVATE postern::warnings ${M_PRIVATE_LIBRARIES}
    )
    if(M_PCH AND POSTERN_PCH)
        target_precompile_headers(postern_${M_NAME} REUSE_FROM postern_pch_${M_PCH})
    endif()
    # Links the whole archive against exactly what it declares: a missing line in USES fails here.
    add_executable(link_test_${M_NAME} EXCLUDE_FROM_ALL ${PROJECT_SOURCE_DIR}/cmake/link_test.cpp)
    target_link_libraries(
        link_test_${M_NAME} PRIVATE $<LINK_LIBRARY:WHOLE_ARCHIVE,postern_${M_NAME}>
    )
    add_dependencies(link_tests link_test_${M_NAME})
endfunction()
