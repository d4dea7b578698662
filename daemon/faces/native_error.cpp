#include "daemon/faces/native_error.hpp"

#include "core/json_document.hpp"

namespace postern::daemon {

std::optional<NativeError> read_native_error(std::string_view body) {
    const auto document = JsonDocument::parse(body);
    if (!document) return std::nullopt;
    const JsonValue error = document->root()["error"];
    // The only envelope of ours whose error names the request and lists details.
    if (!error["request_id"].is_string() || !error["details"].is_array()) return std::nullopt;
    NativeError native;
    native.code = error["code"].string();
    native.message = error["message"].string();
    for (const JsonValue detail : error["details"].items()) {
        native.details.push_back(
            {std::string{detail["field"].string()}, std::string{detail["message"].string()}}
        );
    }
    return native;
}

}  // namespace postern::daemon
