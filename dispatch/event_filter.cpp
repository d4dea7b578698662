#include "dispatch/event_filter.hpp"

#include "core/assert.hpp"
#include "core/json_writer.hpp"
#include "core/time.hpp"
#include "dispatch/exact_decimal.hpp"

#include <algorithm>
#include <array>
#include <compare>
#include <cstdint>
#include <variant>
#include <vector>

namespace postern::dispatch {
namespace {

constexpr std::size_t kFieldBytesMax = 256;
constexpr std::string_view kObjectPrefix = "data.object.";

enum class Operator : std::uint8_t {
    equals,
    not_equals,
    in,
    not_in,
    gt,
    gte,
    lt,
    lte,
    prefix,
    exists,
};

struct NamedOperator {
    std::string_view name;
    Operator value;
};
constexpr NamedOperator kOperators[] = {
    {"equals", Operator::equals},
    {"not_equals", Operator::not_equals},
    {"in", Operator::in},
    {"not_in", Operator::not_in},
    {"gt", Operator::gt},
    {"gte", Operator::gte},
    {"lt", Operator::lt},
    {"lte", Operator::lte},
    {"prefix", Operator::prefix},
    {"exists", Operator::exists},
};

std::optional<Operator> operator_from_text(std::string_view name) {
    for (const NamedOperator& candidate : kOperators) {
        if (candidate.name == name) return candidate.value;
    }
    return std::nullopt;
}

// A scalar of an event, or the absence of one.
struct FieldValue {
    JsonKind kind = JsonKind::missing;
    std::string_view text;  // of a boolean: "true" or "false"
};

FieldValue field_of(std::string_view text) {
    if (text.empty()) return {};
    return {JsonKind::string, text};
}

FieldValue field_of(JsonValue value) {
    const auto flag = value.boolean();
    if (flag) return {JsonKind::boolean, *flag ? "true" : "false"};
    return {value.is_null() ? JsonKind::missing : value.kind(), value.text()};
}

FieldValue field_of(std::optional<storage::Livemode> livemode) {
    if (!livemode) return {};
    return {JsonKind::boolean, *livemode == storage::Livemode::live ? "true" : "false"};
}

FieldValue find_field(const FilterView& event, std::string_view field) {
    if (field.starts_with(kObjectPrefix)) {
        return field_of(event.object.path(field.substr(kObjectPrefix.size())));
    }
    if (field == "type") return field_of(event.type);
    if (field == "gateway") return field_of(event.gateway);
    if (field == "gateway_event_id") return field_of(event.gateway_event_id);
    if (field == "gateway_event_type") return field_of(event.gateway_event_type);
    if (field == "livemode") return field_of(event.livemode);
    return {};
}

bool is_known_field(std::string_view field) {
    constexpr std::array<std::string_view, 5> kFields = {
        "type", "gateway", "gateway_event_id", "gateway_event_type", "livemode"};
    if (std::find(kFields.begin(), kFields.end(), field) != kFields.end()) return true;
    if (!field.starts_with(kObjectPrefix) || field.size() > kFieldBytesMax) return false;
    return field.size() > kObjectPrefix.size() && !field.ends_with('.')
           && field.find("..") == std::string_view::npos;
}

// What a condition compares with; a number, and a text that has a size, is understood once.
struct Operand {
    JsonKind kind = JsonKind::missing;
    std::string text;
    std::variant<std::monostate, ExactDecimal, TimePoint> size;
};

Operand operand_of(JsonValue value) {
    const FieldValue field = field_of(value);
    Operand operand{field.kind, std::string{field.text}, {}};
    if (field.kind != JsonKind::number && field.kind != JsonKind::string) return operand;
    if (auto decimal = ExactDecimal::parse(field.text)) {
        operand.size = std::move(*decimal);
    } else if (const auto time = from_iso8601(field.text)) {
        operand.size = *time;
    }
    return operand;
}

// nullopt: they have no order, being of different kinds.
std::optional<std::strong_ordering> compare(FieldValue value, const Operand& operand) {
    if (value.kind != operand.kind) return std::nullopt;
    if (const auto* right = std::get_if<ExactDecimal>(&operand.size)) {
        const auto left = ExactDecimal::parse(value.text);
        if (left) return *left <=> *right;
    } else if (const auto* border = std::get_if<TimePoint>(&operand.size)) {
        const auto left = from_iso8601(value.text);
        if (left) return left->time_since_epoch().count() <=> border->time_since_epoch().count();
    }
    return std::nullopt;
}

bool equals(FieldValue value, const Operand& operand) {
    if (value.kind != operand.kind) return false;
    if (value.kind == JsonKind::number)
        return compare(value, operand) == std::strong_ordering::equal;
    return value.text == operand.text;
}

void append_compact(JsonWriter& writer, JsonValue value) {
    switch (value.kind()) {
        case JsonKind::object:
            writer.begin_object();
            for (const JsonMember& member : value.members()) {
                writer.key(member.key);
                append_compact(writer, member.value);
            }
            return writer.end_object();
        case JsonKind::array:
            writer.begin_array();
            for (const JsonValue item : value.items()) append_compact(writer, item);
            return writer.end_array();
        case JsonKind::string: return writer.string(value.string());
        case JsonKind::number: return writer.raw(value.number());
        case JsonKind::boolean: return writer.boolean(*value.boolean());
        case JsonKind::null:
        case JsonKind::missing: return writer.null();
    }
}

FilterComplaint complain(std::string_view where, std::string_view message) {
    return {std::string{where}, std::string{message}};
}

std::string join(std::string_view where, std::string_view step) {
    std::string joined{where};
    if (!joined.empty()) joined += '.';
    joined += step;
    return joined;
}

}  // namespace

struct EventFilter::Node {
    enum class Kind : std::uint8_t { all, any, negation, condition };

    Kind kind = Kind::condition;
    std::vector<Node> children;
    std::string field;
    Operator comparison = Operator::exists;
    std::vector<Operand> operands;

    bool matches(const FilterView& event) const;
    bool condition_matches(FieldValue value) const;
    bool size_matches(FieldValue value) const;
};

bool EventFilter::Node::matches(const FilterView& event) const {
    const auto child_matches = [&event](const Node& child) {
        return child.matches(event);
    };
    switch (kind) {
        case Kind::all: return std::all_of(children.begin(), children.end(), child_matches);
        case Kind::any: return std::any_of(children.begin(), children.end(), child_matches);
        case Kind::negation: return !children.front().matches(event);
        case Kind::condition: break;
    }
    return condition_matches(find_field(event, field));
}

bool EventFilter::Node::condition_matches(FieldValue value) const {
    const auto is_equal = [value](const Operand& operand) {
        return equals(value, operand);
    };
    const auto is_comparable = [value](const Operand& operand) {
        return value.kind == operand.kind;
    };
    switch (comparison) {
        case Operator::equals:
        case Operator::in: return std::any_of(operands.begin(), operands.end(), is_equal);
        case Operator::not_equals:
        case Operator::not_in:
            return std::any_of(operands.begin(), operands.end(), is_comparable)
                   && std::none_of(operands.begin(), operands.end(), is_equal);
        case Operator::prefix:
            return value.kind == JsonKind::string && value.text.starts_with(operands.front().text);
        case Operator::exists:
            return (value.kind != JsonKind::missing) == (operands.front().text == "true");
        case Operator::gt:
        case Operator::gte:
        case Operator::lt:
        case Operator::lte: break;
    }
    return size_matches(value);
}

bool EventFilter::Node::size_matches(FieldValue value) const {
    const auto order = compare(value, operands.front());
    if (!order) return false;
    if (comparison == Operator::gt) return *order > 0;
    if (comparison == Operator::gte) return *order >= 0;
    if (comparison == Operator::lt) return *order < 0;
    return *order <= 0;
}

// Follows the JSON and refuses at the first thing wrong, naming its place.
class EventFilter::Reader {
 public:
    explicit Reader(EventFilterLimits limits) : limits_{limits} {}

    struct Place {
        std::string where;
        std::size_t depth = 1;
    };

    Result<Node, FilterComplaint> read(JsonValue value, const Place& place) {
        if (!value.is_object()) return complain(place.where, "must be an object");
        if (place.depth > limits_.depth_max) return complain(place.where, "is nested too deeply");
        const auto members = value.members();
        if (value["field"].exists()) return read_condition(value, place);
        if (members.size() != 1) {
            return complain(
                place.where, "must hold a field with one comparison, or exactly one of and, or, not"
            );
        }
        const JsonMember& only = members.front();
        const std::string where = join(place.where, only.key);
        if (only.key == "and") return read_list(only.value, {where, place.depth}, Node::Kind::all);
        if (only.key == "or") return read_list(only.value, {where, place.depth}, Node::Kind::any);
        if (only.key == "not") return read_negation(only.value, {where, place.depth});
        return complain(where, "is none of field, and, or, not");
    }

 private:
    Result<Node, FilterComplaint> read_list(JsonValue list, const Place& place, Node::Kind kind) {
        if (!list.is_array() || list.size() == 0) {
            return complain(place.where, "must be a list of at least one filter");
        }
        Node node;
        node.kind = kind;
        std::size_t number = 0;
        for (const JsonValue item : list.items()) {
            auto child = read(item, {join(place.where, std::to_string(number)), place.depth + 1});
            if (!child) return std::move(child).error();
            node.children.push_back(std::move(*child));
            ++number;
        }
        return node;
    }

    Result<Node, FilterComplaint> read_negation(JsonValue value, const Place& place) {
        auto child = read(value, {place.where, place.depth + 1});
        if (!child) return std::move(child).error();
        Node node;
        node.kind = Node::Kind::negation;
        node.children.push_back(std::move(*child));
        return node;
    }

    Result<Node, FilterComplaint> read_condition(JsonValue value, const Place& place) {
        if (++conditions_ > limits_.conditions_max) {
            return complain({}, "has too many conditions: " + limit_text(limits_.conditions_max));
        }
        Node node;
        node.field = value["field"].string();
        if (!is_known_field(node.field)) {
            return complain(
                join(place.where, "field"),
                "must be type, gateway, gateway_event_id, gateway_event_type, livemode, or a path "
                "that begins with data.object."
            );
        }
        const auto members = value.members();
        if (members.size() != 2) {
            return complain(
                place.where, "must hold a field and exactly one comparison; join several with and"
            );
        }
        const JsonMember& other = members[members.front().key == "field" ? 1 : 0];
        const auto comparison = operator_from_text(other.key);
        const std::string where = join(place.where, other.key);
        if (!comparison) {
            return complain(
                where, "is none of equals, not_equals, in, not_in, gt, gte, lt, lte, prefix, exists"
            );
        }
        node.comparison = *comparison;
        if (auto complaint = read_operands(other.value, where, node)) return std::move(*complaint);
        return node;
    }

    std::optional<FilterComplaint>
    read_operands(JsonValue value, const std::string& where, Node& node) {
        if (node.comparison == Operator::in || node.comparison == Operator::not_in) {
            return read_values(value, where, node);
        }
        const Operand& operand = node.operands.emplace_back(operand_of(value));
        switch (node.comparison) {
            case Operator::equals:
            case Operator::not_equals:
                if (is_scalar(operand)) return std::nullopt;
                return complain(where, "must be a text, a number, true or false");
            case Operator::exists:
                if (operand.kind == JsonKind::boolean) return std::nullopt;
                return complain(where, "must be true or false");
            case Operator::prefix:
                if (operand.kind == JsonKind::string && !operand.text.empty()) return std::nullopt;
                return complain(where, "must be a text that is not empty");
            case Operator::gt:
            case Operator::gte:
            case Operator::lt:
            case Operator::lte:
                if (operand.size.index() != 0) return std::nullopt;
                return complain(
                    where, R"(must be a number, a text that holds one ("10.00"), or an ISO time)"
                );
            case Operator::in:
            case Operator::not_in: break;
        }
        return std::nullopt;
    }

    std::optional<FilterComplaint>
    read_values(JsonValue list, const std::string& where, Node& node) {
        if (!list.is_array() || list.size() == 0 || list.size() > limits_.in_values_max) {
            return complain(
                where, "must be a list of values: " + limit_text(limits_.in_values_max)
            );
        }
        for (const JsonValue item : list.items()) {
            if (is_scalar(node.operands.emplace_back(operand_of(item)))) continue;
            return complain(where, "may hold only texts, numbers, true and false");
        }
        return std::nullopt;
    }

    // A number whose exponent is out of this world could never be compared.
    static bool is_scalar(const Operand& operand) {
        if (operand.kind == JsonKind::number) return operand.size.index() != 0;
        return operand.kind == JsonKind::string || operand.kind == JsonKind::boolean;
    }

    static std::string limit_text(std::size_t limit) {
        std::string text = "at most ";
        text += std::to_string(limit);
        return text;
    }

    EventFilterLimits limits_;
    std::size_t conditions_ = 0;
};

Result<EventFilter, FilterComplaint> EventFilter::read(JsonValue value, EventFilterLimits limits) {
    Reader reader{limits};
    auto root = reader.read(value, {});
    if (!root) return std::move(root).error();
    std::string json;
    JsonWriter writer{json};
    append_compact(writer, value);
    if (json.size() > limits.text_bytes_max) return complain({}, "is too long");
    return EventFilter{std::move(json), std::make_shared<const Node>(std::move(*root))};
}

Result<EventFilter, Complaint> EventFilter::parse(JsonValue value, EventFilterLimits limits) {
    auto filter = read(value, limits);
    if (filter) return std::move(*filter);
    std::string message = join("filter", filter.error().where);
    if (filter.error().where.empty()) message = "filter";
    message += ' ';
    message += filter.error().message;
    return Complaint{std::move(message)};
}

Result<EventFilter, Complaint> EventFilter::parse(std::string_view json) {
    const auto document = JsonDocument::parse(json);
    if (!document) return document.error();
    return parse(document->root());
}

bool EventFilter::matches(const JsonValue& event) const {
    FilterView view{
        .type = event["type"].string(),
        .gateway = event["gateway"].string(),
        .gateway_event_id = event["gateway_event_id"].string(),
        .gateway_event_type = event["gateway_event_type"].string(),
        .livemode = std::nullopt,
        .object = event["data"]["object"]};
    const auto livemode = event["livemode"].boolean();
    if (livemode) view.livemode = *livemode ? storage::Livemode::live : storage::Livemode::test;
    return matches(view);
}

bool EventFilter::matches(const FilterView& event) const {
    POSTERN_ASSERT(root_ != nullptr);
    return root_->matches(event);
}

}  // namespace postern::dispatch
