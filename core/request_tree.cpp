#include "core/request_tree.hpp"

#include "core/bytes.hpp"
#include "core/json_repeats.hpp"
#include "core/utf8.hpp"

#include <algorithm>

namespace postern {
namespace {

ParameterComplaint invalid_name(std::string_view name) {
    std::string message = "Invalid parameter name: ";
    message += is_utf8(name) ? name : "(not UTF-8)";
    return {.message = std::move(message)};
}

ParameterComplaint given_twice(std::string name) {
    return {.message = "Parameter given more than once: " + name, .parameter = std::move(name)};
}

// The parts of "metadata[a][b]"; nullopt when the brackets do not pair.
std::optional<std::vector<std::string_view>> split_name(std::string_view name) {
    const auto head_end = name.find('[');
    std::vector<std::string_view> parts{name.substr(0, head_end)};
    if (parts.front().empty() || parts.front().find(']') != std::string_view::npos) {
        return std::nullopt;
    }
    name.remove_prefix(parts.front().size());
    while (!name.empty()) {
        const auto close = name.find(']');
        if (name.front() != '[' || close == std::string_view::npos) return std::nullopt;
        const std::string_view part = name.substr(1, close - 1);
        if (part.find('[') != std::string_view::npos) return std::nullopt;
        parts.push_back(part);
        name.remove_prefix(close + 1);
    }
    return parts;
}

// "[]" appends, so its key is the number of what is there.
std::string key_of(std::string_view part, const RequestNode& table) {
    return part.empty() ? std::to_string(table.members.size()) : std::string{part};
}

RequestNode& child(RequestNode& table, std::string key) {
    const auto same = [&key](const RequestMember& member) {
        return member.name == key;
    };
    const auto found = std::find_if(table.members.begin(), table.members.end(), same);
    if (found != table.members.end()) return found->node;
    table.members.push_back({std::move(key), {}});
    return table.members.back().node;
}

struct FormPair {
    std::string name;
    std::string value;
};

std::optional<ParameterComplaint>
put(RequestNode& root, FormPair pair, const RequestTreeLimits& limits) {
    if (!is_utf8(pair.name)) return invalid_name(pair.name);
    if (!is_utf8(pair.value)) {
        return ParameterComplaint{.message = "Invalid UTF-8 in a value", .parameter = pair.name};
    }
    const auto parts = split_name(pair.name);
    if (!parts || parts->size() > limits.depth_max) return invalid_name(pair.name);
    RequestNode* node = &root;
    for (const std::string_view part : *parts) {
        if (node->kind == RequestNode::Kind::text) return invalid_name(pair.name);
        node = &child(*node, key_of(part, *node));
    }
    // A second value would have to be dropped, or the first.
    if (node->kind == RequestNode::Kind::text || !node->members.empty()) {
        return given_twice(std::move(pair.name));
    }
    node->kind = RequestNode::Kind::text;
    node->text = std::move(pair.value);
    return std::nullopt;
}

// "metadata[a][b]" again.
std::string bracketed(const std::vector<std::string>& path) {
    std::string name = path.front();
    for (std::size_t i = 1; i < path.size(); ++i) name.append("[").append(path[i]).append("]");
    return name;
}

// Of a value in which no object has a name twice.
RequestNode from_json(JsonValue value) {
    RequestNode node;
    switch (value.kind()) {
        case JsonKind::object:
            for (const JsonMember& member : value.members()) {
                node.members.push_back({std::string{member.key}, from_json(member.value)});
            }
            return node;
        case JsonKind::array:
            for (const JsonValue item : value.items()) {
                node.members.push_back({std::to_string(node.members.size()), from_json(item)});
            }
            node.in_json = RequestNode::InJson::list;
            return node;
        case JsonKind::boolean: node.text = *value.boolean() ? "true" : "false"; break;
        case JsonKind::number:
        case JsonKind::string: node.text = value.text(); break;
        case JsonKind::null: node.in_json = RequestNode::InJson::null; break;
        case JsonKind::missing: break;
    }
    node.kind = RequestNode::Kind::text;
    return node;
}

std::string media_type(const HttpRequest& request) {
    const std::string_view value = request.fields.value_or_empty("content-type");
    return to_lower(trim_spaces(value.substr(0, value.find(';'))));
}

}  // namespace

const RequestNode* RequestNode::find(std::string_view name) const {
    for (const RequestMember& member : members) {
        if (member.name == name) return &member.node;
    }
    return nullptr;
}

bool RequestNode::operator==(const RequestNode& other) const {
    return kind == other.kind && text == other.text && members == other.members;
}

Result<RequestNode, ParameterComplaint>
read_form(std::string_view text, const RequestTreeLimits& limits) {
    auto pairs = parse_form(text);
    if (!pairs) return ParameterComplaint{.message = "Invalid percent encoding in the parameters"};
    if (pairs->size() > limits.values_max)
        return ParameterComplaint{.message = "Too many parameters"};
    RequestNode root;
    for (auto& [name, value] : *pairs) {
        auto complaint = put(root, {std::move(name), std::move(value)}, limits);
        if (complaint) return std::move(*complaint);
    }
    return root;
}

Result<RequestNode, ParameterComplaint>
read_json(std::string_view text, const RequestTreeLimits& limits) {
    const JsonLimits json_limits{
        .depth_max = limits.depth_max, .nodes_max = static_cast<std::uint32_t>(limits.values_max)};
    const auto document = JsonDocument::parse(text, json_limits);
    if (!document) {
        return ParameterComplaint{
            .message = "Invalid JSON in the body: " + document.error().message};
    }
    if (!document->root().is_object()) {
        return ParameterComplaint{.message = "The JSON body must be an object"};
    }
    if (const auto path = repeated_member(document->root())) return given_twice(bracketed(*path));
    return from_json(document->root());
}

Result<RequestNode, ParameterComplaint> read_request_body(const HttpRequest& request) {
    if (request.body.empty()) return RequestNode{};
    const std::string type = media_type(request);
    if (type == "application/json") return read_json(request.body);
    if (type.empty() || type == "application/x-www-form-urlencoded") {
        return read_form(request.body);
    }
    return ParameterComplaint{
        .message = "Send the body as application/x-www-form-urlencoded or application/json"};
}

Result<RequestNode, ParameterComplaint> read_parameters(const HttpRequest& request) {
    auto root = read_request_body(request);
    if (!root || request.query.empty()) return root;
    auto query = read_form(request.query);
    if (!query) return query.error();
    for (RequestMember& member : query->members) {
        if (root->find(member.name) != nullptr) {
            return ParameterComplaint{
                .message = "Parameter given in the URL and in the body: " + member.name,
                .parameter = member.name};
        }
        root->members.push_back(std::move(member));
    }
    return root;
}

std::string bracketed(std::string_view table, const RequestMember& member) {
    std::string name{table};
    name += '[';
    name += member.name;
    name += ']';
    return name;
}

}  // namespace postern
