#include "core/parameters.hpp"

#include "core/numbers.hpp"

#include <algorithm>

namespace postern {
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

bool contains(const std::vector<const RequestNode*>& nodes, const RequestNode* node) {
    return std::find(nodes.begin(), nodes.end(), node) != nodes.end();
}

// Takes the first part off "card[exp_month]": "card", then "exp_month".
std::string_view take_part(std::string_view& path) {
    const auto end = path.find_first_of("[]");
    const std::string_view part = path.substr(0, end);
    path.remove_prefix(end == std::string_view::npos ? path.size() : end);
    if (path.starts_with(']')) path.remove_prefix(1);
    if (path.starts_with('[')) path.remove_prefix(1);
    return part;
}

// In Stripe's words, which every one of its users has met once.
std::string wrong_keys(const RequestNode& list) {
    std::string keys;
    for (const RequestMember& member : list.members) {
        keys += keys.empty() ? "`" : ", `";
        keys += member.name;
        keys += '`';
    }
    std::size_t expected = 0;
    while (list.find(std::to_string(expected)) != nullptr) ++expected;
    std::string message =
        "If passing an array with explicit keys (e.g. foo[0]=a&foo[1]=b) instead of as an array "
        "(e.g. foo[]=a&foo[]=b), the keys must be numeric and sequential starting from 0. You "
        "passed the keys ";
    message += keys;
    message += ", we expected to have a key with the value `";
    message += std::to_string(expected);
    message += "`.";
    return message;
}

bool says_nothing(const RequestNode& node) {
    return node.in_json == RequestNode::InJson::null;
}

std::string one_of(std::span<const std::string_view> words) {
    std::string list;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (i > 0) list += i + 1 == words.size() ? ", or " : ", ";
        list += words[i];
    }
    return list;
}

}  // namespace

const RequestNode* Parameters::look(std::string_view name) {
    const RequestNode* node = &root_;
    while (node != nullptr && !name.empty()) node = node->find(take_part(name));
    if (node != nullptr && says_nothing(*node)) asked_for_.push_back(node);
    return node;
}

bool Parameters::has(std::string_view name) {
    const RequestNode* node = look(name);
    return node != nullptr && !says_nothing(*node);
}

bool Parameters::is_null(std::string_view name) {
    const RequestNode* node = look(name);
    return node != nullptr && says_nothing(*node);
}

const RequestNode* Parameters::find(std::string_view name) {
    const RequestNode* node = &root_;
    for (std::string_view rest = name; !rest.empty();) {
        if (node != &root_) {
            opened_.push_back(node);
            if (node->kind == RequestNode::Kind::text) {
                // Without text it stands for a table that is taken away: nothing is in it.
                const std::string_view table = name.substr(0, name.size() - rest.size() - 1);
                if (!node->text.empty()) complain(about(table, "Invalid object"));
                return nullptr;
            }
        }
        node = node->find(take_part(rest));
        if (node == nullptr) return nullptr;
    }
    asked_for_.push_back(node);
    return node;
}

const RequestNode* Parameters::leaf(std::string_view name) {
    const RequestNode* node = find(name);
    if (node == nullptr || node->kind == RequestNode::Kind::text) return node;
    complain(about(name, joined("Invalid string: ", name)));
    return nullptr;
}

const RequestNode* Parameters::said_leaf(std::string_view name) {
    const RequestNode* node = leaf(name);
    return node == nullptr || says_nothing(*node) ? nullptr : node;
}

std::optional<std::string> Parameters::text(std::string_view name) {
    const RequestNode* node = leaf(name);
    if (node == nullptr) return std::nullopt;
    return node->text;
}

std::string Parameters::required_text(std::string_view name) {
    const RequestNode* node = leaf(name);
    if (node != nullptr && !node->text.empty()) return node->text;
    complain_of_missing(name);
    return {};
}

std::optional<std::int64_t> Parameters::integer(std::string_view name) {
    const RequestNode* node = said_leaf(name);
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
    const RequestNode* node = said_leaf(name);
    if (node == nullptr) return std::nullopt;
    if (node->text == "true") return true;
    if (node->text == "false") return false;
    complain(about(name, joined("Invalid boolean: ", node->text)));
    return std::nullopt;
}

std::optional<std::vector<std::string>> Parameters::texts(std::string_view name) {
    const RequestNode* node = find(name);
    if (node == nullptr || says_nothing(*node)) return std::nullopt;
    std::vector<std::string> texts;
    if (node->kind == RequestNode::Kind::text) {
        if (!node->text.empty()) complain(about(name, "Invalid array"));
        return texts;
    }
    for (std::size_t i = 0; i < node->members.size(); ++i) {
        const RequestNode* item = node->find(std::to_string(i));
        if (item == nullptr) {
            complain(about(name, wrong_keys(*node)));
            return std::nullopt;
        }
        if (item->kind != RequestNode::Kind::text) {
            const std::string inner = bracketed(name, {std::to_string(i), {}});
            complain(about(inner, joined("Invalid string: ", inner)));
            return std::nullopt;
        }
        texts.push_back(item->text);
    }
    return texts;
}

std::optional<Parameters::Pairs> Parameters::pairs(std::string_view name) {
    const RequestNode* node = find(name);
    if (node == nullptr) return std::nullopt;
    Pairs pairs;
    // An empty list is what some languages make of an empty table.
    const bool list = node->in_json == RequestNode::InJson::list && !node->members.empty();
    if (list || (node->kind == RequestNode::Kind::text && !node->text.empty())) {
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

std::optional<std::string>
Parameters::word(std::string_view name, std::span<const std::string_view> words) {
    const RequestNode* node = said_leaf(name);
    if (node == nullptr) return std::nullopt;
    const std::optional sent{node->text};
    if (std::find(words.begin(), words.end(), *sent) != words.end()) return sent;
    std::string message = joined("Invalid ", name);
    message += ": must be one of ";
    message += one_of(words);
    complain(about(name, message));
    return std::nullopt;
}

const RequestNode* Parameters::table(std::string_view name) {
    return find(name);
}

void Parameters::complain(ParameterComplaint complaint) {
    if (!complaint_) complaint_ = std::move(complaint);
}

void Parameters::complain_of_missing(std::string_view name) {
    std::string message = joined("Missing required param: ", name);
    message += '.';
    complain({.code = kMissing, .message = std::move(message), .parameter = std::string{name}});
}

void Parameters::look_for_unknown(const RequestNode& table, std::string_view path) {
    for (const RequestMember& member : table.members) {
        if (contains(asked_for_, &member.node)) continue;
        std::string name = path.empty() ? member.name : bracketed(path, member);
        if (contains(opened_, &member.node)) {
            look_for_unknown(member.node, name);
            continue;
        }
        std::string message = joined("Received unknown parameter: ", name);
        complain({.code = kUnknown, .message = std::move(message), .parameter = std::move(name)});
    }
}

std::optional<ParameterComplaint> Parameters::finish() {
    if (const RequestNode* expand = root_.find("expand")) asked_for_.push_back(expand);
    look_for_unknown(root_, {});
    return complaint_;
}

std::size_t read_limit(Parameters& parameters) {
    const std::int64_t limit = parameters.integer("limit").value_or(kListRowsDefault);
    if (limit >= 1 && limit <= kListRowsMax) return static_cast<std::size_t>(limit);
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

}  // namespace postern
