set(POSTERN_MIGRATIONS_TEMPLATE
    ${CMAKE_CURRENT_LIST_DIR}/../storage/migrations/built_in_migrations.cpp.in
)

# postern_migrations(OUTPUT <source> FILES <NNNN_what.sql>...): a source file that holds them, in
# their order.
function(postern_migrations)
    cmake_parse_arguments(M "" "OUTPUT" "FILES" ${ARGN})
    set(migration_entries "")
    foreach(migration_file IN LISTS M_FILES)
        set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${migration_file})
        file(READ ${migration_file} migration_sql)
        get_filename_component(migration ${migration_file} NAME_WE)
        string(REGEX MATCH "^0*([1-9][0-9]*)_" ignored ${migration})
        string(APPEND migration_entries
            "    {${CMAKE_MATCH_1}, \"${migration}\", R\"sql(${migration_sql})sql\"},\n"
        )
    endforeach()
    configure_file(${POSTERN_MIGRATIONS_TEMPLATE} ${M_OUTPUT} @ONLY)
endfunction()
