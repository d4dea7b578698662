#include "daemon/faces/svix/input.hpp"

#include "core/assert.hpp"
#include "core/numbers.hpp"

#include <algorithm>

namespace postern::daemon::svix {
namespace {

using storage::Order;

// Ids hold milliseconds in 43 bits, so a moment outside cannot become a border in the table.
constexpr TimePoint kTimeMin = from_unix_seconds(0);
constexpr TimePoint kTimeMax = from_unix_seconds(7'258'118'400);  // 2200-01-01
constexpr std::string_view kTimeWanted = "must be a time such as 2026-01-28T10:00:00Z";

std::optional<TimePoint> parse_time(std::string_view text) {
    const auto time = from_iso8601(text);
    return time && *time >= kTimeMin && *time <= kTimeMax ? time : std::nullopt;
}

}  // namespace

Body::Body(std::string_view text) {
    auto document = JsonDocument::parse(text.empty() ? "{}" : text);
    if (!document) {
        problems_.push_back({{"body"}, "must be JSON: " + document.error().message});
        return;
    }
    if (!document->root().is_object()) {
        problems_.push_back({{"body"}, "must be an object"});
        return;
    }
    document_ = std::move(*document);
}

JsonValue Body::value(const FieldName& name) {
    known_.emplace(name.now);
    if (!name.before.empty()) known_.emplace(name.before);
    if (!document_) return {};
    const JsonValue value = document_->root()[name.now];
    if (value.exists() || name.before.empty()) return value;
    return document_->root()[name.before];
}

std::optional<std::string> Body::text(const FieldName& name) {
    const JsonValue found = value(name);
    if (!found.exists() || found.is_null()) return std::nullopt;
    if (found.is_string()) return std::string{found.string()};
    complain(name.now, "must be a text");
    return std::nullopt;
}

std::string Body::required_text(const FieldName& name) {
    const JsonValue found = value(name);
    if (found.is_string() && !found.string().empty()) return std::string{found.string()};
    complain(name.now, "is required: a text that is not empty");
    return {};
}

std::optional<bool> Body::flag(const FieldName& name) {
    const JsonValue found = value(name);
    if (!found.exists() || found.is_null()) return std::nullopt;
    const auto flag = found.boolean();
    if (!flag) complain(name.now, "must be true or false");
    return flag;
}

std::optional<std::int64_t> Body::integer(const FieldName& name) {
    const JsonValue found = value(name);
    if (!found.exists() || found.is_null()) return std::nullopt;
    const auto number = found.integer();
    if (!number) complain(name.now, "must be a whole number");
    return number;
}

std::optional<TimePoint> Body::time(const FieldName& name) {
    const auto text = this->text(name);
    if (!text) return std::nullopt;
    const auto time = parse_time(*text);
    if (!time) complain(name.now, std::string{kTimeWanted});
    return time;
}

void Body::refuse(const FieldName& name, std::string_view why) {
    const JsonValue found = value(name);
    if (found.exists() && !found.is_null()) complain(name.now, std::string{why});
}

std::size_t Body::index_of(std::string_view name) const {
    POSTERN_ASSERT(document_.has_value());
    const auto members = document_->root().members();
    std::size_t index = members.size();
    while (index > 0 && members[index - 1].key != name) --index;
    POSTERN_ASSERT(index > 0);
    return index - 1;
}

void Body::complain(std::string_view field, std::string message) {
    problems_.push_back({{"body", std::string{field}}, std::move(message)});
}

std::vector<Problem> Body::finish() {
    if (document_) {
        for (const JsonMember& member : document_->root().members()) {
            if (!known_.contains(member.key)) complain(member.key, "unknown field");
        }
    }
    return std::move(problems_);
}

Query::Query(std::string_view text) {
    auto pairs = parse_form(text);
    if (!pairs) {
        problems_.push_back({{"query"}, "has a broken percent escape"});
        return;
    }
    for (auto& [name, value] : *pairs) values_[name].push_back(std::move(value));
}

std::optional<std::string> Query::text(std::string_view name) {
    known_.emplace(name);
    const auto found = values_.find(name);
    if (found == values_.end()) return std::nullopt;
    if (found->second.size() > 1) complain(name, "is given more than once");
    return found->second.front();
}

std::optional<bool> Query::flag(std::string_view name) {
    const auto sent = text(name);
    if (!sent) return std::nullopt;
    if (*sent == "true") return true;
    if (*sent == "false") return false;
    complain(name, "must be true or false");
    return std::nullopt;
}

std::optional<std::int64_t> Query::integer(std::string_view name) {
    const auto sent = text(name);
    if (!sent) return std::nullopt;
    const auto number = parse_integer(*sent);
    if (!number) complain(name, "must be a whole number");
    return number;
}

std::optional<TimePoint> Query::time(std::string_view name) {
    auto sent = text(name);
    if (!sent) return std::nullopt;
    // '+' is a space in a query, and the offset of a time is often sent without escaping it.
    std::replace(sent->begin(), sent->end(), ' ', '+');
    const auto time = parse_time(*sent);
    if (!time) complain(name, std::string{kTimeWanted});
    return time;
}

std::vector<std::string> Query::texts(std::string_view name) {
    known_.emplace(name);
    std::vector<std::string> texts;
    const auto found = values_.find(name);
    if (found == values_.end()) return texts;
    for (std::string_view list : found->second) {
        while (!list.empty()) {
            const auto comma = list.find(',');
            if (comma != 0) texts.emplace_back(list.substr(0, comma));
            list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
        }
    }
    return texts;
}

void Query::complain(std::string_view name, std::string message) {
    problems_.push_back({{"query", std::string{name}}, std::move(message)});
}

std::vector<Problem> Query::finish() {
    for (const auto& [name, values] : values_) {
        if (!known_.contains(name)) complain(name, "unknown parameter");
    }
    return std::move(problems_);
}

Order PageWish::read_order() const {
    if (direction == Direction::onward) return order;
    return order == Order::newest_first ? Order::oldest_first : Order::newest_first;
}

PageWish read_page(Query& query) {
    PageWish wish;
    if (const auto limit = query.integer("limit")) {
        if (*limit < 1 || *limit > kLimitMax) {
            query.complain("limit", "must be from 1 to 250");
        } else {
            // A page may be shorter than its limit: `done` tells whether there is more.
            wish.rows_max = std::min(static_cast<std::size_t>(*limit), storage::kPageRowsMax);
        }
    }
    if (const auto order = query.text("order")) {
        if (*order == "ascending") {
            wish.order = Order::oldest_first;
        } else if (*order != "descending") {
            query.complain("order", "must be ascending or descending");
        }
    }
    wish.from = query.text("iterator");
    if (wish.from && wish.from->starts_with('-')) {
        wish.direction = PageWish::Direction::back;
        wish.from->erase(0, 1);
    }
    return wish;
}

void complain_about_iterator(Query& query) {
    query.complain("iterator", "must be the iterator or prevIterator of an earlier answer");
}

}  // namespace postern::daemon::svix
