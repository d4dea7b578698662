# After packing: CPack writes its own user and mask into the outer archive; dpkg-deb writes neither.
foreach(file IN LISTS CPACK_PACKAGE_FILES)
    set(tree ${CPACK_TEMPORARY_DIRECTORY}/repacked)
    execute_process(
        COMMAND dpkg-deb --raw-extract ${file} ${tree}
        COMMAND_ERROR_IS_FATAL ANY
    )
    execute_process(
        COMMAND dpkg-deb --root-owner-group -Zxz --threads-max=1 --build ${tree} ${file}
        COMMAND_ERROR_IS_FATAL ANY
    )
endforeach()
