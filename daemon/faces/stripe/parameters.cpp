#include "daemon/faces/stripe/parameters.hpp"

#include "core/numbers.hpp"

namespace postern::daemon::stripe {
namespace {

constexpr std::string_view kMissing = "parameter_missing";
constexpr std::string_view kUnknown = "parameter_unknown";
constexpr std::string_view kInvalidInteger = "parameter_invalid_integer";

ParameterComplaint about(std::string_view name, std::string_view problem) {
    return {.message = std::string{problem}, .parameter = std::string{name}};
}

std::string joined(std::string_view what, std::string_view value) {
    std::string message{what};
    message += value;
    return message;
}

}  // namespace

const RequestNode* Parameters::find(std::string_view name) {
    known_.emplace(name);
    return root_.find(name);
}

const RequestNode* Parameters::leaf(std::string_view name) {
    const RequestNode* node = find(name);
    if (node == nullptr || node->kind == RequestNode::Kind::text) return node;
    complain(about(name, joined("Invalid string: ", name)));
    return nullptr;
}

std::optional<std::string> Parameters::text(std::string_view name) {
    const RequestNode* node = leaf(name);
    if (node == nullptr) return std::nullopt;
    return node->text;
}

std::string Parameters::required_text(std::string_view name) {
    const RequestNode* node = leaf(name);
    if (node != nullptr && !node->text.empty()) return node->text;
    std::string message = joined("Missing required param: ", name);
    message += '.';
    complain({.code = kMissing, .message = std::move(message), .parameter = std::string{name}});
    return {};
}

std::optional<std::int64_t> Parameters::integer(std::string_view name) {
    const RequestNode* node = leaf(name);
    if (node == nullptr) return std::nullopt;
    const auto number = parse_integer(node->text);
    if (!number) {
        complain(
            {.code = kInvalidInteger,
             .message = joined("Invalid integer: ", node->text),
             .parameter = std::string{name}}
        );
    }
    return number;
}

std::optional<bool> Parameters::flag(std::string_view name) {
    const RequestNode* node = leaf(name);
    if (node == nullptr) return std::nullopt;
    if (node->text == "true") return true;
    if (node->text == "false") return false;
    complain(about(name, joined("Invalid boolean: ", node->text)));
    return std::nullopt;
}

std::optional<std::vector<std::string>> Parameters::texts(std::string_view name) {
    const RequestNode* node = find(name);
    if (node == nullptr) return std::nullopt;
    std::vector<std::string> texts;
    if (node->kind == RequestNode::Kind::text && node->text.empty()) return texts;
    bool good = node->kind == RequestNode::Kind::table;
    for (const RequestMember& member : node->members) {
        good = good && member.name == std::to_string(texts.size())
               && member.node.kind == RequestNode::Kind::text;
        texts.push_back(member.node.text);
    }
    if (good) return texts;
    complain(about(name, "Invalid array: its keys must count from 0, and each must hold a text"));
    return std::nullopt;
}

std::optional<Parameters::Pairs> Parameters::pairs(std::string_view name) {
    const RequestNode* node = find(name);
    if (node == nullptr) return std::nullopt;
    Pairs pairs;
    if (node->kind == RequestNode::Kind::text && !node->text.empty()) {
        complain(about(name, joined("Invalid hash: ", name)));
        return std::nullopt;
    }
    for (const RequestMember& member : node->members) {
        if (member.node.kind == RequestNode::Kind::table) {
            const std::string inner = bracketed(name, member);
            complain(about(inner, joined("Invalid string: ", inner)));
            return std::nullopt;
        }
        pairs.emplace_back(member.name, member.node.text);
    }
    return pairs;
}

const RequestNode* Parameters::table(std::string_view name) {
    return find(name);
}

void Parameters::complain(ParameterComplaint complaint) {
    if (!complaint_) complaint_ = std::move(complaint);
}

std::optional<ParameterComplaint> Parameters::finish() {
    for (const RequestMember& member : root_.members) {
        if (known_.contains(member.name)) continue;
        complain(
            {.code = kUnknown,
             .message = joined("Received unknown parameter: ", member.name),
             .parameter = member.name}
        );
    }
    return complaint_;
}

std::size_t read_limit(Parameters& parameters) {
    const std::int64_t limit = parameters.integer("limit").value_or(kListRowsDefault);
    if (limit >= 1 && limit <= static_cast<std::int64_t>(storage::kPageRowsMax)) {
        return static_cast<std::size_t>(limit);
    }
    parameters.complain(about("limit", "This value must be from 1 to 100."));
    return static_cast<std::size_t>(kListRowsDefault);
}

std::optional<Cursor> read_cursor(Parameters& parameters) {
    auto after = parameters.text("starting_after");
    auto before = parameters.text("ending_before");
    if (after && before) {
        parameters.complain(
            about("ending_before", "Give starting_after or ending_before, and not both.")
        );
    }
    if (after) return Cursor{std::move(*after), "starting_after", Direction::older};
    if (before) return Cursor{std::move(*before), "ending_before", Direction::newer};
    return std::nullopt;
}

ParameterComplaint unknown_cursor(const Cursor& cursor, std::string_view what) {
    std::string message = joined("No such ", what);
    message += ": '";
    message += cursor.id;
    message += '\'';
    return {
        .code = "resource_missing",
        .message = std::move(message),
        .parameter = std::string{cursor.parameter}};
}

}  // namespace postern::daemon::stripe
