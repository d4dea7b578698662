#pragma once

#include "core/ids.hpp"
#include "daemon/api.hpp"
#include "storage/paging.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace postern::daemon {

// Reads a query string parameter by parameter, remembers what was asked for, and collects every
// complaint, so that a caller sees all mistakes at once.
class ParameterReader {
 public:
    explicit ParameterReader(std::string_view query);

    std::optional<std::string> text(std::string_view name);
    // ISO 8601 or Unix seconds.
    std::optional<TimePoint> time(std::string_view name);
    std::int64_t position(std::string_view name);  // 0 or more; absent: 0
    std::size_t limit();
    storage::Order order(storage::Order otherwise);

    // The next page begins after a row of which the cursor is the public id. Ids carry a keyed tag,
    // so a cursor that we never gave out is recognised.
    template <class Id>
    std::optional<Id> cursor(const IdCodec& ids) {
        const auto sent = text("cursor");
        if (!sent) return std::nullopt;
        const auto id = ids.decode<Id>(*sent);
        if (!id) complain_about_cursor();
        return id;
    }
    template <class Id>
    storage::PageRequest<Id> page(const IdCodec& ids) {
        return {
            .after = cursor<Id>(ids),
            .order = order(storage::Order::newest_first),
            .rows_max = limit()};
    }

    void complain(std::string_view name, std::string message);
    void complain_about_cursor();
    // Everything wrong, among it parameters that nobody asked for.
    std::optional<ApiError> finish();

 private:
    std::map<std::string, std::string, std::less<>> values_;
    std::set<std::string, std::less<>> known_;
    std::vector<ApiError::Detail> complaints_;
};

// ISO 8601 or Unix seconds, within what ids can express.
std::optional<TimePoint> parse_moment(const std::string& text);
inline constexpr std::string_view kMomentExpected =
    "must be a time such as 2026-01-28T10:00:00Z, or Unix seconds, from 1970 to the year 2200";

// The envelope for what a caller sent wrong; at least one detail.
ApiError validation_error(std::vector<ApiError::Detail> details);

// For a `gateway` filter that names none.
ApiError unknown_gateway_error();

// A POST without parameters takes no body or an empty JSON object.
std::optional<ApiError> check_body_is_empty(std::string_view body);

}  // namespace postern::daemon
