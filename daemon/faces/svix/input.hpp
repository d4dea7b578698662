#pragma once

#include "core/http_message.hpp"
#include "core/json_document.hpp"
#include "core/time.hpp"
#include "daemon/faces/svix/replies.hpp"
#include "storage/paging.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace postern::daemon::svix {

// A field's name, and the one that older clients send.
struct FieldName {
    FieldName(const char* name) : now{name} {}
    FieldName(const char* name, const char* older) : now{name}, before{older} {}

    std::string_view now;
    std::string_view before;  // empty: none
};

// Reads a JSON body field by field and collects what is wrong. A field that nobody asked for is
// wrong as well: a misspelled filter must not subscribe to everything.
class Body {
 public:
    explicit Body(std::string_view text);  // no text is an empty object
    Body(const Body&) = delete;
    Body& operator=(const Body&) = delete;

    // Missing when it is absent; null when it was sent as such.
    JsonValue value(const FieldName& name);
    // The rest take null for absent.
    std::optional<std::string> text(const FieldName& name);
    std::string required_text(const FieldName& name);
    std::optional<bool> flag(const FieldName& name);
    std::optional<std::int64_t> integer(const FieldName& name);
    std::optional<TimePoint> time(const FieldName& name);
    // Of Svix's, but not of ours: null and absent are fine, anything else is refused.
    void refuse(const FieldName& name, std::string_view why);
    // Where the member of this name stands in the text; it must be there.
    std::size_t index_of(std::string_view name) const;

    void complain(std::string_view field, std::string message);
    std::vector<Problem> finish();

 private:
    std::optional<JsonDocument> document_;
    std::set<std::string, std::less<>> known_;
    std::vector<Problem> problems_;
};

// The same for a query string. A list is comma-separated, repeated, or both.
class Query {
 public:
    explicit Query(std::string_view text);

    std::optional<std::string> text(std::string_view name);
    std::optional<bool> flag(std::string_view name);
    std::optional<std::int64_t> integer(std::string_view name);
    std::optional<TimePoint> time(std::string_view name);
    std::vector<std::string> texts(std::string_view name);

    void complain(std::string_view name, std::string message);
    std::vector<Problem> finish();

 private:
    std::map<std::string, std::vector<std::string>, std::less<>> values_;
    std::set<std::string, std::less<>> known_;
    std::vector<Problem> problems_;
};

// A page of a list. The iterator of the page before is an id with a minus: the page of what stands
// nearest before it, in the list's own order.
struct PageWish {
    enum class Direction { onward, back } direction = Direction::onward;
    storage::Order order = storage::Order::newest_first;  // as shown
    std::optional<std::string> from;                      // the id alone
    std::size_t rows_max = 50;

    storage::Order read_order() const;  // back is read the other way round
};
inline constexpr std::int64_t kLimitMax = 250;  // what Svix's clients may ask for
PageWish read_page(Query& query);

void complain_about_iterator(Query& query);

}  // namespace postern::daemon::svix
