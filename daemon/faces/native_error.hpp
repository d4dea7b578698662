#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::daemon {

// An error in the native envelope, read back. Authentication, idempotency and the store answer for
// every face; each face then says the same in its own envelope.
struct NativeError {
    std::string code;  // "VALIDATION_ERROR"
    std::string message;
    struct Detail {
        std::string field;
        std::string message;
    };
    std::vector<Detail> details;
};

// nullopt: the body is not in the native envelope.
std::optional<NativeError> read_native_error(std::string_view body);

}  // namespace postern::daemon
