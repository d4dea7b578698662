#include "storage/postgres/pg_failure.hpp"

#include <gtest/gtest.h>

namespace postern::storage {
namespace {

enum class Connection { stays, ends };
struct Case {
    const char* state;
    StoreError error;
    Connection connection;
};

constexpr Case kCases[] = {
    {"40001", StoreError::busy, Connection::stays},         // serialisation failure
    {"40P01", StoreError::busy, Connection::stays},         // deadlock
    {"40003", StoreError::unavailable, Connection::stays},  // nobody knows
    {"55P03", StoreError::busy, Connection::stays},         // lock timeout
    {"57014", StoreError::unavailable, Connection::stays},  // statement timeout
    {"23505", StoreError::constraint, Connection::stays},   // not unique
    {"23503", StoreError::constraint, Connection::stays},   // refers to nothing
    {"53100", StoreError::full, Connection::stays},         // disk full
    {"53300", StoreError::unavailable, Connection::stays},  // too many connections
    {"57P01", StoreError::unavailable, Connection::ends},   // told to go
    {"57P03", StoreError::unavailable, Connection::ends},   // starts up
    {"08006", StoreError::unavailable, Connection::ends},   // connection failure
    {"25006", StoreError::unavailable, Connection::ends},   // a standby
    {"25P03", StoreError::unavailable, Connection::ends},   // stood still
    {"26000", StoreError::unavailable, Connection::ends},   // prepared elsewhere
    {"", StoreError::unavailable, Connection::ends},        // it broke
    {"42501", StoreError::failed, Connection::stays},       // a right is missing
    {"42601", StoreError::failed, Connection::stays},       // the text is wrong
    {"22003", StoreError::failed, Connection::stays},       // a value does not fit
};

TEST(PgFailure, SaysWhatToDoAboutEachState) {
    for (const Case& test_case : kCases) {
        SCOPED_TRACE(test_case.state);
        EXPECT_EQ(classify_state(test_case.state), test_case.error);
        EXPECT_EQ(ends_connection(test_case.state), test_case.connection == Connection::ends);
    }
}

}  // namespace
}  // namespace postern::storage
