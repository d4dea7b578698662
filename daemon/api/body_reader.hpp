#pragma once

#include "core/json_document.hpp"
#include "core/time.hpp"
#include "daemon/api.hpp"
#include "dispatch/endpoint_settings.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace postern::daemon {

// Reads a JSON body field by field, remembers what was asked for, and collects every complaint, so
// that a caller sees all mistakes at once. No body is an object without fields; null is as if the
// field were not there.
class BodyReader {
 public:
    struct Integers {
        std::int64_t min = 0;
        std::int64_t max = 0;
    };

    explicit BodyReader(std::string_view body);

    JsonValue value(std::string_view name);
    std::optional<std::string> text(std::string_view name, std::size_t bytes_max);
    std::optional<std::int64_t> integer(std::string_view name, Integers bounds);
    // ISO 8601 or Unix seconds.
    std::optional<TimePoint> time(std::string_view name);
    template <class Id>
    std::optional<Id> id(std::string_view name, const IdCodec& ids) {
        const auto sent = text(name, kIdBytesMax);
        if (!sent) return std::nullopt;
        const auto decoded = ids.decode<Id>(*sent);
        if (!decoded) complain(name, "is no id of this kind");
        return decoded;
    }

    void complain(std::string_view name, std::string message);
    void complain(std::vector<dispatch::FieldComplaint> complaints);
    // The whole object, for a reader that complains of unknown fields itself; missing when the body
    // is none.
    JsonValue object() const;
    // Everything wrong; with finish(), among it fields that nobody asked for.
    std::optional<ApiError> complaints();
    std::optional<ApiError> finish();

 private:
    static constexpr std::size_t kIdBytesMax = 64;

    std::optional<JsonDocument> document_;
    std::set<std::string, std::less<>> known_;
    std::vector<ApiError::Detail> complaints_;
};

}  // namespace postern::daemon
