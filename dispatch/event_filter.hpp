#pragma once

#include "core/json_document.hpp"
#include "core/result.hpp"
#include "storage/values.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace postern::dispatch {

struct EventFilterLimits {
    std::size_t conditions_max = 50;
    std::size_t depth_max = 8;
    std::size_t text_bytes_max = 8 * 1024;
    std::size_t in_values_max = 100;
};

// What a filter can look at; an empty text is one that the event does not have.
struct FilterView {
    std::string_view type;
    std::string_view gateway;
    std::string_view gateway_event_id;
    std::string_view gateway_event_type;
    std::optional<storage::Livemode> livemode;
    JsonValue object;
};

struct FilterComplaint {
    std::string where;  // "and.0.field"; empty: the filter as a whole
    std::string message;
};

// Which events an endpoint wants, by what is in them:
//   {"field": "data.object.amount_minor", "gte": 1000}
//   {"field": "data.object.currency", "in": ["USD", "EUR"]}
//   {"and": [ … ]}, {"or": [ … ]}, {"not": { … }}
// A condition names a field and exactly one of equals, not_equals, in, not_in, gt, gte, lt, lte,
// prefix, exists. Numbers are compared as exact decimals; a value of another kind never matches, so
// whoever wants what lacks a field as well says {"not": …}. A null field counts as absent. Texts
// can be compared by size too when they hold a decimal ("10.00") or an ISO 8601 time.
class EventFilter {
 public:
    static Result<EventFilter, FilterComplaint>
    read(JsonValue value, EventFilterLimits limits = {});
    // The same, with the place and the message in one sentence.
    static Result<EventFilter, Complaint> parse(JsonValue value, EventFilterLimits limits = {});
    static Result<EventFilter, Complaint> parse(std::string_view json);

    // `event` is the delivered envelope's root: "type", "gateway", "data.object…".
    bool matches(const JsonValue& event) const;
    // The same without an envelope.
    bool matches(const FilterView& event) const;
    const std::string& json() const { return json_; }  // as it was written, without spaces

    bool operator==(const EventFilter& other) const { return json_ == other.json_; }

 private:
    struct Node;
    class Reader;
    EventFilter(std::string json, std::shared_ptr<const Node> root)
        : json_{std::move(json)}, root_{std::move(root)} {}

    std::string json_;
    std::shared_ptr<const Node> root_;
};

}  // namespace postern::dispatch
