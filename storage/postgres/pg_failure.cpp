#include "storage/postgres/pg_failure.hpp"

#include <array>

namespace postern::storage {
namespace {

struct Meaning {
    std::string_view state;  // whole, or the class that it begins with
    StoreError error;
};

// The first that fits.
constexpr std::array kMeanings = {
    Meaning{"40003", StoreError::unavailable},  // nobody knows whether it was carried out
    Meaning{"40", StoreError::busy},            // a serialisation failure, a deadlock
    Meaning{"55P03", StoreError::busy},         // a lock was not given in time
    // A statement took too long, or was cancelled. The next try would take as long.
    Meaning{"57014", StoreError::unavailable},
    Meaning{"23", StoreError::constraint},
    Meaning{"53100", StoreError::full},           // its disk
    Meaning{"53", StoreError::unavailable},       // memory, too many connections
    Meaning{"57P", StoreError::unavailable},      // it stops, or starts, or was told to drop us
    Meaning{"08", StoreError::unavailable},       // connections
    Meaning{kReadOnly, StoreError::unavailable},  // it is a standby
    Meaning{"25P03", StoreError::unavailable},    // our transaction stood still for too long
    Meaning{"26000", StoreError::unavailable},    // it does not know what we prepared
    Meaning{"58", StoreError::unavailable},       // its files fail
    Meaning{"XX", StoreError::unavailable},       // it failed inside
};

}  // namespace

StoreError classify_state(std::string_view state) {
    if (state.empty()) return StoreError::unavailable;
    for (const Meaning& meaning : kMeanings) {
        if (state.starts_with(meaning.state)) return meaning.error;
    }
    return StoreError::failed;
}

bool ends_connection(std::string_view state) {
    return state.empty() || state.starts_with("57P") || state.starts_with("08")
           || state == kReadOnly || state == "25P03" || state == "26000";
}

}  // namespace postern::storage
