# Before packing: folders do not depend on the packer's mask, and every file gets the release's own
# time, so that the same program packed twice is the same package, byte for byte. Who packs without
# a release time gets the file system's.
execute_process(
    COMMAND find ${CPACK_TEMPORARY_DIRECTORY} -type d -exec chmod 755 {} +
    COMMAND_ERROR_IS_FATAL ANY
)
if(DEFINED ENV{SOURCE_DATE_EPOCH})
    execute_process(
        COMMAND find ${CPACK_TEMPORARY_DIRECTORY} -exec touch --no-dereference
                --date=@$ENV{SOURCE_DATE_EPOCH} {} +
        COMMAND_ERROR_IS_FATAL ANY
    )
endif()
